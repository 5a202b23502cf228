import assert from "node:assert/strict";
import test from "node:test";
import { checkpointFiles } from "../../src/web/js/layout.js";
import { openSource } from "../../src/web/js/source.js";
import { HUB, locate } from "../../src/web/js/source-address.js";
import { FLAT, FOLDER, serveFor, text } from "./support.mjs";

/** All files of a source, as text by path. */
async function collect(source, options) {
  const files = {};
  for await (const { path, bytes } of checkpointFiles(await openSource(source, options)))
    files[path] = new TextDecoder().decode(bytes);
  return files;
}

const refuses = (promise, code, message) => assert.rejects(promise, { name: "TweedieError", code, message });

test("a pipeline folder is read from its address, without a failed request", async (t) => {
  const server = await serveFor(t, FOLDER);
  assert.deepEqual(await collect(server.url), FOLDER);
  assert.equal(server.requests.length, 4);
});

test("a flat folder is read, and its missing index is not an error", async (t) => {
  const server = await serveFor(t, FLAT);
  assert.deepEqual(await collect(server.url.slice(0, -1)), FLAT);
});

test("an index next to flat files is also read", async (t) => {
  const files = { "model_index.json": "{}", ...FLAT };
  const server = await serveFor(t, files);
  assert.deepEqual(await collect(server.url), files);
});

test("the weights come last", async (t) => {
  const server = await serveFor(t, FOLDER);
  assert.match(Object.keys(await collect(server.url)).at(-1), /safetensors$/);
});

test("shards are read once each, as the index lists them", async (t) => {
  const { "diffusion_pytorch_model.safetensors": _, ...rest } = FLAT;
  const stem = "diffusion_pytorch_model";
  const files = {
    ...rest,
    [`${stem}.safetensors.index.json`]: JSON.stringify({
      weight_map: { a: `${stem}-1.safetensors`, b: `${stem}-2.safetensors`, c: `${stem}-1.safetensors` },
    }),
    [`${stem}-1.safetensors`]: "one",
    [`${stem}-2.safetensors`]: "two",
  };
  const server = await serveFor(t, files);
  assert.deepEqual(await collect(server.url), files);
  assert.equal(server.requests.filter((request) => request.includes("-1.safetensors")).length, 1);
  delete server.files[`${stem}-2.safetensors`];
  await refuses(collect(server.url), "missing-file", /model-2\.safetensors/);
});

test("an index of shards that points elsewhere is rejected", async (t) => {
  const { "diffusion_pytorch_model.safetensors": _, ...rest } = FLAT;
  const index = "diffusion_pytorch_model.safetensors.index.json";
  for (const content of [{ weight_map: { a: "../secret.safetensors" } }, { weight_map: { a: 1 } }, {}]) {
    const server = await serveFor(t, { ...rest, [index]: JSON.stringify(content) });
    await refuses(collect(server.url), "malformed-file", /index\.json cannot be read/);
  }
});

test("an index as Python writes it, or behind a byte-order mark, is read", async (t) => {
  const { "diffusion_pytorch_model.safetensors": _, ...rest } = FLAT;
  const name = "diffusion_pytorch_model.safetensors.index.json";
  const index = '{"metadata": {"total_size": Infinity, "loss": NaN, "floor": -Infinity, "note": "a \\"NaN\\" \\\\"}, "weight_map": {"a": "one.safetensors"}}';
  const utf16 = new Uint8Array([0xff, 0xfe, ...new Uint8Array(new Uint16Array([...index].map((letter) => letter.charCodeAt(0))).buffer)]);
  for (const bytes of [text(index), text(`\ufeff${index}`), utf16]) {
    const files = Object.fromEntries(Object.entries({ ...rest, "one.safetensors": "one" }).map(([path, body]) => [path, text(body)]));
    assert.ok("one.safetensors" in (await collect({ ...files, [name]: bytes })));
  }
});

test("an index that is not JSON is passed to the module, which reports what it is", async () => {
  const { "diffusion_pytorch_model.safetensors": _, ...rest } = FLAT;
  const name = "diffusion_pytorch_model.safetensors.index.json";
  const files = Object.fromEntries(Object.entries(rest).map(([path, body]) => [path, text(body)]));
  const read = await collect({ ...files, [name]: text("version https://git-lfs.github.com/spec/v1\n") });
  assert.equal(Object.keys(read).at(-1), name);
});

test("half-precision weights are used last", async (t) => {
  const { "diffusion_pytorch_model.safetensors": weights, ...rest } = FLAT;
  const files = { ...rest, "diffusion_pytorch_model.fp16.safetensors": weights };
  const server = await serveFor(t, files);
  assert.deepEqual(await collect(server.url), files);
});

test("pickled weights are rejected by name", async (t) => {
  const { "diffusion_pytorch_model.safetensors": weights, ...rest } = FLAT;
  const server = await serveFor(t, { ...rest, "diffusion_pytorch_model.bin": weights });
  await refuses(collect(server.url), "unsupported", /diffusion_pytorch_model\.bin, a Python pickle/);
});

test("missing files are reported with the address", async (t) => {
  const empty = await serveFor(t, {});
  await refuses(collect(empty.url), "missing-file", new RegExp(`${empty.url} has no config.json`));
  const { "diffusion_pytorch_model.safetensors": _, ...rest } = FLAT;
  const weightless = await serveFor(t, rest);
  await refuses(collect(weightless.url), "missing-file", /diffusion_pytorch_model\.safetensors/);
});

test("a server that returns its page for every address is detected", async (t) => {
  const page = (_, response) =>
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<!doctype html>");
  const app = await serveFor(t, { "*": page });
  await refuses(collect(app.url), "missing-file", /an HTML page instead/);
  const development = await serveFor(t, { ...FLAT, "*": page });
  assert.deepEqual(await collect(development.url), FLAT);
});

test("a Hub id becomes an address with endpoint and revision", async (t) => {
  const repository = (revision) =>
    Object.fromEntries(
      Object.entries(FLAT).map(([path, body]) => [`hub/someone/ddpm-x/resolve/${revision}/${path}`, body]),
    );
  const server = await serveFor(t, { ...repository("main"), ...repository("refs/pr/1") });
  assert.deepEqual(await collect("someone/ddpm-x", { endpoint: `${server.url}hub` }), FLAT);
  assert.deepEqual(
    await collect("someone/ddpm-x", { endpoint: `${server.url}hub/`, revision: "refs/pr/1" }),
    FLAT,
  );
  assert.ok(server.requests.includes("GET /hub/someone/ddpm-x/resolve/refs%2Fpr%2F1/config.json"));
});

test("a pasted Hub address is recognised", async () => {
  const folderOf = (source, options) => locate(source, { endpoint: HUB, ...options }).folder.href;
  const main = "https://huggingface.co/owner/name/resolve/main/";
  for (const source of [
    "https://huggingface.co/owner/name",
    "https://huggingface.co/owner/name/",
    "https://huggingface.co/owner/name?library=diffusers#files",
    "https://www.huggingface.co/owner/name/tree/main",
    "https://huggingface.co/owner/name/blob/main/unet/config.json",
    "https://huggingface.co/owner/name/blob/main/model_index.json",
    "https://huggingface.co/owner/name/resolve/main/unet/diffusion_pytorch_model.safetensors?download=true",
    "https://huggingface.co/owner/name/discussions/3",
    "hf.co/owner/name",
    "huggingface.co/owner/name/tree/main",
  ])
    assert.equal(folderOf(source), main, source);
  assert.equal(folderOf("https://huggingface.co/owner/name/tree/v1.5"), "https://huggingface.co/owner/name/resolve/v1.5/");
  assert.equal(folderOf("https://huggingface.co/owner/name/tree/v1.5", { revision: "v2" }), "https://huggingface.co/owner/name/resolve/v2/");
  assert.equal(folderOf("https://huggingface.co/owner/name/tree/refs%2Fpr%2F1"), "https://huggingface.co/owner/name/resolve/refs%2Fpr%2F1/");
  assert.equal(folderOf("https://huggingface.co/owner/name/tree/refs/pr/1"), "https://huggingface.co/owner/name/resolve/refs%2Fpr%2F1/");
  assert.equal(folderOf("https://huggingface.co/owner/name/commit/0123abc"), "https://huggingface.co/owner/name/resolve/0123abc/");
  assert.equal(folderOf("https://huggingface.co/owner/name/tree/main/prior"), `${main}prior/`);
  assert.equal(folderOf("https://huggingface.co/owner/name", { endpoint: "https://mirror.example" }), "https://mirror.example/owner/name/resolve/main/");
  assert.equal(folderOf("https://mirror.example/hub/owner/name/tree/v1", { endpoint: "https://mirror.example/hub" }), "https://mirror.example/hub/owner/name/resolve/v1/");
  assert.equal(folderOf("https://example.org/models/owner/name"), "https://example.org/models/owner/name/");
  for (const source of ["https://huggingface.co/spaces/owner/name", "https://huggingface.co/datasets/owner/name", "https://huggingface.co/"])
    assert.throws(() => folderOf(source), { code: "invalid-option", message: /^source must be the address of a model on the Hub/ });
});

test("files are fetched in parallel, a few shards at a time", async (t) => {
  const { "diffusion_pytorch_model.safetensors": _, ...rest } = FLAT;
  const stem = "diffusion_pytorch_model";
  const names = [1, 2, 3, 4, 5].map((number) => `${stem}-${number}.safetensors`);
  const [running, most] = [new Set(), []];
  const shard = (request, response) => {
    running.add(response);
    most.push(running.size);
    // The first answers only when others have been asked for.
    setTimeout(() => {
      running.delete(response);
      response.writeHead(200, { "content-length": 3 }).end("abc");
    }, 50);
  };
  const index = JSON.stringify({ metadata: { total_size: 15 }, weight_map: Object.fromEntries(names.map((name) => [name, name])) });
  const server = await serveFor(t, { ...rest, [`${stem}.safetensors.index.json`]: index, ...Object.fromEntries(names.map((name) => [name, shard])) });
  const totals = new Set();
  const onProgress = ({ file, overall }) => file.endsWith(".safetensors") && totals.add(overall.total);
  const read = await collect(server.url, { onProgress });
  assert.deepEqual(Object.keys(read).filter((path) => path.endsWith(".safetensors")), names);
  assert.equal(Math.max(...most), 3);
  assert.deepEqual([...totals], [15 + 4 + index.length], "the index promises the bytes of all shards");
});

test("a query is kept for every file", async (t) => {
  const server = await serveFor(t, FLAT);
  await collect(`${server.url}?token=1`);
  assert.ok(server.requests.every((request) => request.endsWith("?token=1")));
});

test("a string that is neither an id nor an address is rejected", async () => {
  for (const source of ["", "mnist", "a/b/c", "models\\mnist", "data:text/plain,x", 7, null]) {
    await refuses(collect(source), "invalid-option", /^source must be/);
  }
  await refuses(collect("./models/mnist"), "invalid-option", /valid address/); // there is no page to start from
  await refuses(collect("a/b", { endpoint: "example" }), "invalid-option", /^endpoint/);
  await refuses(collect("a/b", { revision: "" }), "invalid-option", /^revision/);
  await refuses(collect("a/b", { cache: 1 }), "invalid-option", /^cache/);
});

test("contents by path are read, in either kind of array and below any folder", async () => {
  const buffers = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [path, text(body)]));
  assert.deepEqual(await collect(buffers), FLAT);
  const nested = Object.fromEntries(
    Object.entries(FOLDER).map(([path, body]) => [`some/where/${path}`, text(body).buffer]),
  );
  assert.deepEqual(await collect(nested), FOLDER);
  await refuses(collect({ "config.json": "{}" }), "invalid-option", /must be a File/);
});

test("a dropped folder is read by relative paths, single files by their names", async () => {
  const dropped = Object.entries(FOLDER).map(([path, body]) =>
    Object.assign(new File([body], path.split("/").at(-1)), { webkitRelativePath: `mnist/${path}` }),
  );
  assert.deepEqual(await collect(dropped), FOLDER);
  const bare = Object.entries(FLAT).map(([path, body]) => new File([body], path));
  assert.deepEqual(await collect(bare), FLAT);
  await refuses(collect([...bare, bare[0]]), "malformed-file", /two files have the same path config\.json/);
  await refuses(collect(bare.slice(0, 1)), "missing-file", /it has: config\.json/);
});

test("local files also report progress", async () => {
  const reports = [];
  await collect(
    {
      "config.json": text("{}"),
      "scheduler_config.json": text("{}"),
      "diffusion_pytorch_model.safetensors": text("weights"),
    },
    { onProgress: (report) => reports.push(report) },
  );
  assert.deepEqual(reports.at(-1), { file: "diffusion_pytorch_model.safetensors", loaded: 7, total: 7, overall: { loaded: 11, total: 11 } });
});
