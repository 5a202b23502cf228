// Start and end of the worker, with fake bindings; calls never wait for a dead worker.
import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { STUCK } from "./fake_bindings.js";
import { bundleOverFakes, FLAT, serveFor, text } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const CONTENTS = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [path, text(body)]));
const address = await bundleOverFakes();
let copies = 0;

/** A copy of the entry, without a worker yet. */
const fresh = () => import(`${address("worker.js")}?${(copies += 1)}`);

/** A worker with this script. */
const workerOf = (script) => new WebWorker(`data:text/javascript,${encodeURIComponent(script)}`);

const died = (message) => ({ name: "TweedieError", code: "worker", message });

globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());
afterEach(() => {
  globalThis.Worker = WebWorker;
  for (const name of ["origin", "trustedTypes"]) delete globalThis[name];
});

test("a script that does not respond fails init after the timeout, and is terminated", async () => {
  const { init } = await fresh();
  const workers = WebWorker.count;
  const silent = workerOf("setInterval(() => {}, 1000);");
  await assert.rejects(init({ worker: silent, timeout: 200 }), died(/has not responded for 200 ms.* not the worker-script\.js of this package/));
  assert.equal(WebWorker.count, workers);
  await init();
});

test("a script of another version is detected", async () => {
  const { init } = await fresh();
  const old = 'addEventListener("message", ({ data: { id } }) => postMessage({ id, type: "RAW", value: "0.0.1" }));';
  await assert.rejects(init({ worker: workerOf(old) }), died(/its script has version 0\.0\.1, but the page has version \d/));
});

test("terminate() rejects pending calls, and the next call starts a new worker", async () => {
  const { Pipeline, samplers, terminate } = await fresh();
  terminate(); // there is none yet
  const workers = WebWorker.count;
  const pipeline = await Pipeline.fromPretrained(CONTENTS);
  const pending = pipeline.sample({ seed: STUCK }).noisy();
  terminate();
  await assert.rejects(pending, died(/the worker was stopped by terminate\(\).*init\(\) starts a new one/));
  await assert.rejects(async () => pipeline.sample().noisy(), died(/stopped/));
  assert.equal(WebWorker.count, workers);
  await samplers();
  assert.equal(WebWorker.count, workers + 1);
});

test("terminate() while it starts rejects init", async () => {
  const { init, terminate } = await fresh();
  const starting = init();
  terminate();
  await assert.rejects(starting, died(/stopped/));
});

test("a worker that its owner terminates does not block calls", async () => {
  const { init, Pipeline } = await fresh();
  const mine = new WebWorker(address("worker-script.js"));
  await init({ worker: mine });
  const pipeline = await Pipeline.fromPretrained(CONTENTS);
  const pending = pipeline.sample({ seed: STUCK }).noisy();
  mine.terminate();
  await assert.rejects(pending, died(/the worker was terminated/));
  await assert.rejects(async () => pipeline.sample().noisy(), died(/terminated/));
  assert.equal((await Pipeline.fromPretrained(CONTENTS)).parameterCount, 11);
});

test("the script can be given by its address, and invalid values are rejected", async () => {
  const { init, samplers } = await fresh();
  for (const worker of [null, 7, {}]) await assert.rejects(init({ worker }), { code: "invalid-option", message: /^worker must be/ });
  await init({ worker: address("worker-script.js") });
  assert.equal((await samplers())[0].name, "ddpm");
});

test("without workers, the error names the entry that does not need them", async () => {
  delete globalThis.Worker;
  const { init, Density } = await fresh();
  const refused = died(/Web Workers are not available here.*import from "tweedie"/);
  await assert.rejects(init(), refused);
  await assert.rejects(Density.normal(0, 1).summary(), refused);
});

/** Records the addresses of workers, and optionally fails with an error. */
function noteWorkers(error) {
  const started = [];
  globalThis.Worker = class extends WebWorker {
    constructor(url, options) {
      started.push({ url, options });
      if (error) throw error;
      super(address("worker-script.js"));
    }
  };
  return started;
}

const ELSEWHERE = "https://cdn.example/tweedie/worker-script.js";

test("a script of another origin is imported by a same-origin script", async () => {
  globalThis.origin = "https://app.example";
  const started = noteWorkers();
  const { init } = await fresh();
  await init({ worker: ELSEWHERE });
  const [{ url, options }] = started;
  assert.match(url, /^blob:/);
  assert.equal(options, undefined, "a sandboxed frame has classic workers only");
  const script = await (await fetch(url)).text();
  const imported = [];
  const play = (trustedTypes) => new Function("globalThis", "importScripts", script)({ trustedTypes }, (address) => imported.push(address));
  play(undefined);
  play({ createPolicy: (name, { createScriptURL }) => ({ createScriptURL: (url) => `${name}: ${createScriptURL(url)}` }) });
  assert.deepEqual(imported, [ELSEWHERE, `tweedie: ${ELSEWHERE}`]);
});

test("a sandboxed frame, which has no origin, also imports every script", async () => {
  globalThis.origin = "null";
  const started = noteWorkers();
  const { init } = await fresh();
  await init({ worker: ELSEWHERE });
  assert.match(started[0].url, /^blob:/);
});

test("a same-origin script is started directly", async () => {
  globalThis.origin = "https://cdn.example";
  const started = noteWorkers();
  const { init } = await fresh();
  await init({ worker: ELSEWHERE });
  assert.deepEqual(started, [{ url: ELSEWHERE, options: { type: "module" } }]);
});

test("trusted types are created by a policy, which the error names if it is forbidden", async () => {
  const policies = [];
  globalThis.trustedTypes = {
    createPolicy: (name, rules) => (policies.push(name), { createScriptURL: (url) => ({ trusted: rules.createScriptURL(url) }) }),
  };
  const started = noteWorkers();
  const { init, samplers, terminate } = await fresh();
  await init();
  terminate();
  await samplers();
  assert.deepEqual(policies, ["tweedie"]);
  assert.match(started[1].url.trusted, /worker-script\.js$/);

  globalThis.trustedTypes.createPolicy = () => {
    throw new TypeError("Policy tweedie disallowed.");
  };
  noteWorkers(new TypeError("Failed to construct 'Worker': This document requires 'TrustedScriptURL' assignment."));
  await assert.rejects((await fresh()).init(), died(/\(trusted-types tweedie\)/));
});

test("a script that does not load is checked, and the error describes the response", async (t) => {
  // Browsers tell of it without a message.
  globalThis.Worker = class extends EventTarget {
    constructor() {
      super();
      setTimeout(() => this.dispatchEvent(new Event("error")));
    }
    postMessage() {}
    terminate() {}
  };
  const page = (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
  const server = await serveFor(t, { "node_modules/.vite/deps/worker-script.js": page, "script.js": "" });
  const start = async (path) => (await fresh()).init({ worker: server.url + path });
  await assert.rejects(start("node_modules/.vite/deps/worker-script.js"), died(/is an HTML page\. With Vite or Astro, set optimizeDeps: \{ exclude/));
  await assert.rejects(start("none.js"), died(/none\.js returned HTTP 404\. Copy worker-script\.js of the package/));
  await assert.rejects(start("script.js"), died(/script\.js: the content security policy may forbid it \(worker-src\)/));
  await server.close();
  await assert.rejects(start("script.js"), died(/script\.js could not be fetched/));
});

test("a content security policy without workers is reported", async () => {
  noteWorkers(new DOMException("Access to the script is denied by the document's Content Security Policy.", "SecurityError"));
  await assert.rejects((await fresh()).init(), died(/could not be started from .*worker-script\.js: .*worker-src/));
});
