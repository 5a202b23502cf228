import assert from "node:assert/strict";
import test from "node:test";
import { openCache } from "../../src/web/js/cache.js";
import { download } from "../../src/web/js/download.js";
import { installCaches } from "./fake_caches.mjs";
import { serveFor } from "./support.mjs";

async function fetchText(url, { cache = true, signal, onWarning } = {}) {
  const { bytes } = await download(url, {
    file: "file",
    cache: await openCache(cache, onWarning),
    signal,
    onProgress: () => {},
  });
  return new TextDecoder().decode(bytes);
}

test("a second load only checks whether the file has changed", async (t) => {
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

test("without network the stored file is used", async (t) => {
  installCaches(t);
  const server = await serveFor(t, { file: "content" });
  await fetchText(`${server.url}file`);
  await server.close();
  assert.equal(await fetchText(`${server.url}file`), "content");
});

test("the cache can be named and switched off", async (t) => {
  const { addresses, opened } = installCaches(t);
  const server = await serveFor(t, { file: "content" });
  await fetchText(`${server.url}file`, { cache: false });
  assert.deepEqual(addresses(), []);
  await fetchText(`${server.url}file`, { cache: "mine" });
  assert.deepEqual(opened, ["mine"]);
});

test("a file with a different length is fetched again, even if nothing else indicates the change", async (t) => {
  installCaches(t);
  const server = await serveFor(t, { file: "half" });
  assert.equal(await fetchText(`${server.url}file`), "half");
  server.files.file = "the whole";
  assert.equal(await fetchText(`${server.url}file`), "the whole");
});

test("the length of a compressed file does not indicate a change", async (t) => {
  installCaches(t);
  const { gzipSync } = await import("node:zlib");
  const body = gzipSync("content".repeat(100));
  const packed = (request, response) =>
    response
      .writeHead(200, { "content-encoding": "gzip", "content-length": body.length })
      .end(request.method === "HEAD" ? undefined : body);
  const server = await serveFor(t, { packed });
  for (const _ of [1, 2]) assert.equal((await fetchText(`${server.url}packed`)).length, 700);
  assert.deepEqual(server.requests, ["GET /packed", "HEAD /packed"]);
});

test("an address is stored without its signature", async (t) => {
  const { addresses } = installCaches(t);
  const server = await serveFor(t, { file: "content" });
  const signatures = [
    "X-Amz-Signature=a&X-Amz-Expires=3600",
    "X-Goog-Signature=a&X-Goog-Date=1",
    "Expires=1&Signature=a&Key-Pair-Id=b",
    "sv=2024&st=1&se=2&sr=b&sp=r&sig=a",
    "token=hf_a",
  ];
  for (const signature of signatures) await fetchText(`${server.url}file?${signature}`);
  assert.deepEqual(addresses(), [`${server.url}file`]);
  await fetchText(`${server.url}file?v=2&token=b`);
  assert.deepEqual(addresses()[1], `${server.url}file?v=2`);
  await server.close();
  assert.equal(await fetchText(`${server.url}file?token=other`), "content");
});

test("a refusal to store a file is reported", async (t) => {
  const server = await serveFor(t, { file: "content" });
  const put = async () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  installCaches(t, { put });
  const warnings = [];
  assert.equal(await fetchText(`${server.url}file`, { onWarning: (warning) => warnings.push(warning) }), "content");
  const [{ name, code, message }] = warnings;
  assert.deepEqual([name, code], ["TweedieError", "cache"]);
  assert.match(message, /file could not be cached and will be downloaded again: the browser's storage is full/);
});

test("a full quota, a forbidden or a missing Cache API only disables the cache", async (t) => {
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
  const { addresses } = installCaches(t);
  const half = (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("x".repeat(40), () => setTimeout(() => response.destroy(), 50));
  };
  const server = await serveFor(t, { half });
  await assert.rejects(fetchText(`${server.url}half`, { signal: AbortSignal.timeout(20) }), {
    name: "TimeoutError",
  });
  await assert.rejects(fetchText(`${server.url}half`), { code: "network" });
  assert.deepEqual(addresses(), []);
});
