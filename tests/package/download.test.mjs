import assert from "node:assert/strict";
import test from "node:test";
import { download, exists } from "../../src/web/js/download.js";
import { serveFor } from "./support.mjs";

/** Downloads without a cache. */
const plain = (url, options = {}) =>
  download(url, { file: "file", cache: null, onProgress: () => {}, ...options });
const refuses = (promise, code, message) => assert.rejects(promise, { name: "TweedieError", code, message });
const answer = (status, headers, body) => (_, response) => response.writeHead(status, headers).end(body);

test("progress starts at zero, ends at the total, and does not flood", async (t) => {
  const body = Buffer.alloc(8_000_000, 7);
  const server = await serveFor(t, { large: body });
  const reports = [];
  const { bytes } = await plain(`${server.url}large`, { onProgress: (report) => reports.push(report) });
  assert.deepEqual(Buffer.from(bytes), body);
  assert.deepEqual(reports[0], { file: "file", loaded: 0, total: body.length });
  assert.deepEqual(reports.at(-1), { file: "file", loaded: body.length, total: body.length });
  assert.ok(reports.length < 50, `${reports.length} reports`);
});

test("a body of unknown length is complete", async (t) => {
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  const chunked = (_, response) => {
    response.writeHead(200);
    for (let i = 0; i < body.length; i += 30_000) response.write(body.subarray(i, i + 30_000));
    response.end();
  };
  const server = await serveFor(t, { chunked });
  const reports = [];
  const { bytes } = await plain(`${server.url}chunked`, { onProgress: (report) => reports.push(report) });
  assert.deepEqual(Buffer.from(bytes), body);
  assert.deepEqual(reports.at(-1), { file: "file", loaded: body.length, total: undefined });
});

test("a missing file is a result, not an error", async (t) => {
  const server = await serveFor(t, {
    gone: answer(410, {}),
    page: answer(200, { "content-type": "text/html" }, "<p>"),
  });
  assert.equal((await plain(`${server.url}none`)).absent, "not-found");
  assert.equal((await plain(`${server.url}gone`)).absent, "not-found");
  assert.equal((await plain(`${server.url}page`)).absent, "html");
  assert.equal(await exists(`${server.url}none`), false);
  assert.equal(await exists(`${server.url}page`), false);
});

test("HTTP errors explain the server's response", async (t) => {
  const server = await serveFor(t, {
    gated: answer(401),
    forbidden: answer(403),
    busy: answer(503, { "retry-after": 0 }),
    wrong: answer(400),
  });
  await refuses(plain(`${server.url}gated`), "http", /HTTP 401.*gated/);
  await refuses(plain(`${server.url}forbidden`), "http", /HTTP 403/);
  await refuses(plain(`${server.url}busy`), "http", /HTTP 503.*try again later/);
  await refuses(plain(`${server.url}wrong`), "http", /HTTP 400 Bad Request$/);
});

test("a server that cannot be reached is a network error", async (t) => {
  const server = await serveFor(t, {});
  await server.close();
  await refuses(plain(`${server.url}file`), "network", /could not be fetched/);
});

test("an interrupted body is an error with the number of bytes", async (t) => {
  const half = (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("x".repeat(40), () => setTimeout(() => response.destroy(), 20));
  };
  const server = await serveFor(t, { half });
  await refuses(plain(`${server.url}half`), "network", /was interrupted after 40 of 100 bytes/);
});

test("a body shorter than declared is an error, unless it may have been compressed", async (t) => {
  const { fetch } = globalThis;
  t.after(() => (globalThis.fetch = fetch));
  const short = (type) =>
    Object.defineProperty(new Response("short", { headers: { "content-length": "100" } }), "type", {
      value: type,
    });
  globalThis.fetch = async () => short("basic");
  await refuses(plain("https://example.org/"), "network", /was interrupted after 5 of 100 bytes/);
  globalThis.fetch = async () => short("cors");
  assert.equal((await plain("https://example.org/")).bytes.length, 5);
});

test("compressed bodies are complete, without a wrong total", async (t) => {
  const { gzipSync } = await import("node:zlib");
  const packed = gzipSync("a".repeat(5000));
  const server = await serveFor(t, {
    packed: answer(200, { "content-encoding": "gzip", "content-length": packed.length }, packed),
  });
  const reports = [];
  const { bytes } = await plain(`${server.url}packed`, { onProgress: (report) => reports.push(report) });
  assert.equal(bytes.length, 5000);
  assert.equal(reports.at(-1).total, undefined);
});

test("a file that is too large for WebAssembly is rejected before it is fetched", async (t) => {
  const huge = (_, response) => {
    response.writeHead(200, { "content-length": 2 ** 33 });
    response.write("x");
  };
  const server = await serveFor(t, { huge });
  await refuses(plain(`${server.url}huge`), "unsupported", /8589934592 bytes/);
});

test("aborting in the middle rejects with the reason and stops the transfer", async (t) => {
  let closed;
  const endless = (request, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write("x".repeat(1000));
    closed = new Promise((resolve) => request.once("close", resolve));
  };
  const server = await serveFor(t, { endless });
  const controller = new AbortController();
  const reason = new Error("enough");
  const downloading = plain(`${server.url}endless`, {
    signal: controller.signal,
    onProgress: () => setTimeout(() => controller.abort(reason), 10),
  });
  await assert.rejects(downloading, (error) => error === reason);
  await closed;
  await assert.rejects(
    plain(`${server.url}endless`, { signal: controller.signal }),
    (error) => error === reason,
  );
});

test("an error of onProgress is thrown unchanged and stops the transfer", async (t) => {
  let closed;
  const endless = (request, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write("x".repeat(1000));
    closed = new Promise((resolve) => request.once("close", resolve));
  };
  const server = await serveFor(t, { endless });
  const mine = new TypeError("mine");
  const onProgress = () => {
    throw mine;
  };
  await assert.rejects(plain(`${server.url}endless`, { onProgress }), (error) => error === mine);
  await closed;
});

/** Sends the body in pieces: each response breaks off after `piece` bytes, a part begins where it was asked for. */
function breaking(body, piece, { headers = {}, parts = true } = {}) {
  const ranges = [];
  const send = (request, response) => {
    const from = parts ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "bytes=0-")[1]) : 0;
    ranges.push(request.headers.range);
    const isWhole = !parts && ranges.length > 1;
    const length = { "content-length": body.length - from, ...headers };
    const range = { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...length, ...range } : length);
    response.write(isWhole ? body : body.subarray(from, from + piece), () => setTimeout(() => (from + piece >= body.length || isWhole ? response.end() : response.destroy()), 20));
  };
  return { ranges, send };
}

const BODY = Buffer.from(Array.from({ length: 100 }, (_, index) => index));

test("an interrupted download is resumed", async (t) => {
  for (const headers of [{ etag: '"1"' }, { "last-modified": "Tue, 01 Dec 2026 00:00:00 GMT" }]) {
    const { ranges, send } = breaking(BODY, 60, { headers });
    const server = await serveFor(t, { file: send });
    const reports = [];
    const { bytes } = await plain(`${server.url}file`, { onProgress: (report) => reports.push(report) });
    assert.deepEqual(Buffer.from(bytes), BODY);
    assert.deepEqual(ranges, [undefined, "bytes=60-"]);
    assert.deepEqual(reports.at(-1), { file: "file", loaded: 100, total: 100 });
  }
});

test("a server without range support sends the file again", async (t) => {
  const { send } = breaking(BODY, 60, { headers: { etag: '"1"' }, parts: false });
  const server = await serveFor(t, { file: send });
  assert.deepEqual(Buffer.from((await plain(`${server.url}file`)).bytes), BODY);
});

test("a file that may have changed is not resumed", async (t) => {
  let version = 0;
  const changing = (request, response) => {
    version += 1;
    const headers = { etag: `"${version}"`, "content-length": request.headers.range ? 40 : 100 };
    response.writeHead(request.headers.range ? 206 : 200, headers).write("x".repeat(60), () => setTimeout(() => response.destroy(), 20));
  };
  const server = await serveFor(t, { changing, weak: breaking(BODY, 60, { headers: { etag: 'W/"1"' } }).send });
  await refuses(plain(`${server.url}changing`), "network", /was interrupted after 60 of 100 bytes/);
  await refuses(plain(`${server.url}weak`), "network", /was interrupted after 60 of 100 bytes/);
});

test("a server that stops responding fails after the timeout", async (t) => {
  const server = await serveFor(t, {
    never: () => {},
    half: (_, response) => response.writeHead(200, { "content-length": 100 }).write("x"),
  });
  await refuses(plain(`${server.url}never`, { http: { timeout: 100 } }), "network", /could not be fetched: the server has not responded for 100 ms/);
  await refuses(plain(`${server.url}half`, { http: { timeout: 1000 } }), "network", /was interrupted after 1 of 100 bytes \(no data for 1000 ms\)/);
});

test("a long Retry-After is not awaited", async (t) => {
  const server = await serveFor(t, { busy: answer(429, { "retry-after": "300" }) });
  await refuses(plain(`${server.url}busy`), "http", /HTTP 429 Too Many Requests; try again in 300 seconds/);
  assert.equal(server.requests.length, 1);
});

test("an abort ends the wait for a busy server", async (t) => {
  const server = await serveFor(t, { busy: answer(503, { "retry-after": "30" }) });
  const signal = AbortSignal.timeout(100);
  await assert.rejects(plain(`${server.url}busy`, { signal }), { name: "TimeoutError" });
});

test("the signature of an address is not shown", async (t) => {
  const server = await serveFor(t, {});
  await server.close();
  await refuses(plain(`${server.url}file?Signature=secret&v=2`), "network", /file\?v=2 could not/);
});
