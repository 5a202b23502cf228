import assert from "node:assert/strict";
import test from "node:test";
import { openCache } from "../../src/web/js/cache.js";
import { download } from "../../src/web/js/download.js";
import { serveFor } from "./support.mjs";

/** Stands for the browser's Cache API. */
function installCaches(t, { put } = {}) {
  const stored = new Map();
  const opened = [];
  const cache = {
    match: async (url) => stored.get(url)?.clone(),
    put: put ?? (async (url, response) => void stored.set(url, response)),
  };
  globalThis.caches = { open: async (name) => (opened.push(name), cache) };
  t.after(() => delete globalThis.caches);
  return { stored, opened };
}

async function fetchText(url, { cache = true, signal } = {}) {
  const { bytes } = await download(url, {
    file: "file",
    cache: await openCache(cache),
    signal,
    onProgress: () => {},
  });
  return new TextDecoder().decode(bytes);
}

test("a second load asks only whether the file is still current", async (t) => {
  const { opened } = installCaches(t);
  const server = await serveFor(t, { file: "content" });
  assert.equal(await fetchText(`${server.url}file`), "content");
  assert.equal(await fetchText(`${server.url}file`), "content");
  assert.deepEqual(server.requests, ["GET /file", "HEAD /file"]);
  assert.deepEqual(opened, ["tweedie", "tweedie"]);
});

test("a file that changed on the server is fetched again", async (t) => {
  installCaches(t);
  let version = 1;
  const changing = (request, response) =>
    response
      .writeHead(200, { etag: `W/"${version}"` })
      .end(request.method === "HEAD" ? undefined : `content ${version}`);
  const server = await serveFor(t, { changing });
  assert.equal(await fetchText(`${server.url}changing`), "content 1");
  version = 2;
  assert.equal(await fetchText(`${server.url}changing`), "content 2");
  assert.equal(await fetchText(`${server.url}changing`), "content 2");
  assert.deepEqual(
    server.requests.map((request) => request.split(" ")[0]),
    ["GET", "HEAD", "GET", "HEAD"],
  );
});

test("a file that vanished from the server is missing", async (t) => {
  installCaches(t);
  const server = await serveFor(t, { file: "content" });
  await fetchText(`${server.url}file`);
  delete server.files.file;
  const answer = await download(`${server.url}file`, {
    file: "file",
    cache: await openCache(true),
    onProgress: () => {},
  });
  assert.equal(answer.absent, "not-found");
});

test("without network the stored file serves", async (t) => {
  installCaches(t);
  const server = await serveFor(t, { file: "content" });
  await fetchText(`${server.url}file`);
  await server.close();
  assert.equal(await fetchText(`${server.url}file`), "content");
});

test("the cache can be named and switched off", async (t) => {
  const { stored, opened } = installCaches(t);
  const server = await serveFor(t, { file: "content" });
  await fetchText(`${server.url}file`, { cache: false });
  assert.equal(stored.size, 0);
  await fetchText(`${server.url}file`, { cache: "mine" });
  assert.deepEqual(opened, ["mine"]);
});

test("a quota refusal, a forbidden and a missing Cache API cost nothing but the cache", async (t) => {
  const server = await serveFor(t, { file: "content" });
  const put = async () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  installCaches(t, { put });
  assert.equal(await fetchText(`${server.url}file`), "content");
  globalThis.caches = { open: () => Promise.reject(new DOMException("no", "SecurityError")) };
  assert.equal(await fetchText(`${server.url}file`), "content");
  delete globalThis.caches;
  assert.equal(await fetchText(`${server.url}file`), "content");
});

test("an aborted download and a broken one are never stored", async (t) => {
  const { stored } = installCaches(t);
  const half = (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("x".repeat(40), () => setTimeout(() => response.destroy(), 50));
  };
  const server = await serveFor(t, { half });
  await assert.rejects(fetchText(`${server.url}half`, { signal: AbortSignal.timeout(20) }), {
    name: "TimeoutError",
  });
  await assert.rejects(fetchText(`${server.url}half`), { code: "network" });
  assert.equal(stored.size, 0);
});
