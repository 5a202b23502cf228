// Caching of whole checkpoints, with fake bindings and a fake Cache API.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BROKEN } from "./fake_bindings.js";
import { installCaches } from "./fake_caches.mjs";
import { bundleOverFakes, FLAT, FOLDER, serveFor } from "./support.mjs";

const { clearCache, isCached, openDevice, Pipeline, usage } = await import((await bundleOverFakes())("index.node.js"));
const device = await openDevice("cpu");
const load = (source, options) => Pipeline.fromPretrained(source, { device, ...options });

const WEIGHTS = "diffusion_pytorch_model.safetensors";
const { [WEIGHTS]: weights, ...CONFIGS } = FLAT;
const STEM = "diffusion_pytorch_model";
const INDEX = JSON.stringify({
  metadata: { total_size: 6 },
  weight_map: { a: `${STEM}-1.safetensors`, b: `${STEM}-2.safetensors` },
});

const LAYOUTS = {
  "a pipeline folder": FOLDER,
  "a flat folder": FLAT,
  "a sharded folder": {
    ...CONFIGS,
    [`${STEM}.safetensors.index.json`]: INDEX,
    [`${STEM}-1.safetensors`]: "one",
    [`${STEM}-2.safetensors`]: "two",
  },
  "a folder with weights in f16 only": { ...CONFIGS, [`${STEM}.fp16.safetensors`]: weights },
};

for (const [what, files] of Object.entries(LAYOUTS)) {
  test(`${what} loads without network after it was loaded before`, async (t) => {
    installCaches(t);
    const server = await serveFor(t, files);
    assert.equal(await isCached(server.url), false);
    const { parameterCount } = await load(server.url);
    assert.equal(await isCached(server.url), true);
    await server.close();
    assert.equal((await load(server.url)).parameterCount, parameterCount);
    await clearCache(server.url);
    assert.equal(await isCached(server.url), false);
    await assert.rejects(load(server.url), { code: "network" });
  });
}

test("a missing file is requested again while there is a network", async (t) => {
  installCaches(t);
  const server = await serveFor(t, { ...FLAT });
  await load(server.url);
  server.files["model_index.json"] = "{}";
  server.requests.length = 0;
  await load(server.url);
  assert.ok(server.requests.includes("GET /model_index.json"));
});

test("a malformed file is not cached, so that a fixed one is loaded", async (t) => {
  const { addresses } = installCaches(t);
  const server = await serveFor(t, { ...FLAT, [WEIGHTS]: BROKEN });
  await assert.rejects(load(server.url), { code: "malformed-file" });
  assert.deepEqual(addresses(), []);
  server.files[WEIGHTS] = "mended";
  await load(server.url);
});

test("a malformed cached file is removed and fetched again", async (t) => {
  const { spoil } = installCaches(t);
  const server = await serveFor(t, { ...FLAT });
  const { parameterCount } = await load(server.url);
  for (const bad of [BROKEN, "cut"]) {
    spoil(server.url + WEIGHTS, bad);
    assert.equal((await load(server.url)).parameterCount, parameterCount);
  }
  spoil(server.url + WEIGHTS, BROKEN);
  server.files[WEIGHTS] = BROKEN;
  await assert.rejects(load(server.url), { code: "malformed-file" });
});

/** A Hub with models in several revisions. */
const hub = (...places) =>
  Object.fromEntries(places.flatMap((place) => Object.entries(FLAT).map(([path, body]) => [`${place}/${path}`, body])));

test("another revision of a model replaces the previous one, and no other model", async (t) => {
  const { addresses } = installCaches(t);
  const server = await serveFor(t, hub("a/b/resolve/old", "a/b/resolve/new", "a/c/resolve/old"));
  const options = (revision) => ({ endpoint: server.url, revision });
  await load("a/c", options("old"));
  await load("a/b", options("old"));
  await load("a/b", options("new"));
  assert.equal(await isCached("a/b", options("old")), false);
  for (const [id, revision] of [["a/b", "new"], ["a/c", "old"]]) assert.equal(await isCached(id, options(revision)), true);
  assert.ok(addresses().every((address) => !address.includes("/a/b/resolve/old/")));
  await clearCache("a/b", { endpoint: server.url });
  assert.ok(addresses().length > 0 && addresses().every((address) => address.includes("/a/c/")));
});

test("files that a checkpoint no longer has are removed, but not those of nested checkpoints", async (t) => {
  const { addresses } = installCaches(t);
  const inside = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [`other/${path}`, body]));
  const server = await serveFor(t, { ...LAYOUTS["a sharded folder"], ...inside });
  await load(`${server.url}other/`);
  await load(server.url);
  Object.assign(server.files, FLAT);
  await load(server.url);
  assert.ok(!addresses().includes(`${server.url}${STEM}-1.safetensors`));
  assert.equal(await isCached(`${server.url}other/`), true);
});

test("the cache reports its size and can be cleared", async (t) => {
  installCaches(t);
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { storage: { estimate: async () => ({ quota: 1000 }) } } });
  t.after(() => Reflect.deleteProperty(globalThis, "navigator"));
  const server = await serveFor(t, FLAT);
  assert.deepEqual(await usage(), { files: 0, bytes: 0, quota: 1000 });
  await load(server.url);
  assert.deepEqual(await usage(), { files: 3, bytes: 11, quota: 1000 });
  assert.deepEqual(await usage({ cache: "mine" }), { files: 0, bytes: 0, quota: 1000 });
  await clearCache();
  assert.deepEqual(await usage(), { files: 0, bytes: 0, quota: 1000 });
});

test("without the Cache API nothing is cached, and options are still validated", async () => {
  assert.equal(await isCached("owner/name"), false);
  assert.deepEqual(await usage(), { files: 0, bytes: 0, quota: undefined });
  await clearCache();
  await clearCache("owner/name");
  for (const call of [() => isCached({}), () => isCached("a/b", { cach: true }), () => clearCache("nonsense"), () => usage({ cache: 1 })])
    await assert.rejects(call, { name: "TweedieError", code: "invalid-option" });
});

test("a file that the browser refuses to store is reported, and loads", async (t) => {
  const put = async () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  installCaches(t, { put });
  const server = await serveFor(t, FLAT);
  const warnings = [];
  await load(server.url, { onWarning: ({ code }) => warnings.push(code) });
  assert.ok(warnings.length > 0 && warnings.every((code) => code === "cache"));
});
