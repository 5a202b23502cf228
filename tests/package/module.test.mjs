// Error messages for modules that do not load, with fake bindings.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { bundleOverFakes, EMPTY_MODULE, serveFor } from "./support.mjs";

const fresh = async () => import((await bundleOverFakes())("index.node.js"));
const answer = (type, body) => (_, response) => response.writeHead(200, { "content-type": type }).end(body);
const PAGE = answer("text/html", "<!doctype html><title>App</title>");

/** The error message of init with this server, which must contain the address. */
async function refusal(server, path, options) {
  const { init } = await fresh();
  const cpu = `${server.url}${path}`;
  const error = await init({ modules: { cpu }, ...options }).then(assert.fail, (error) => error);
  assert.deepEqual([error.name, error.code], ["TweedieError", "module"]);
  assert.match(error.message, /^the module tweedie_cpu_bg\.wasm could not be loaded: /);
  assert.ok(error.message.includes(cpu.split("?")[0]), error.message);
  return error.message;
}

test("a page instead of the module is Vite's development server, or a file that was not copied", async (t) => {
  const server = await serveFor(t, { "*": PAGE });
  const moved = await refusal(server, "node_modules/.vite/deps/tweedie_cpu_bg.wasm");
  assert.match(moved, /is an HTML page\. With Vite or Astro, set optimizeDeps: \{ exclude: \["tweedie"\] \}/);
  const elsewhere = await refusal(server, "assets/tweedie_cpu_bg.wasm");
  assert.match(elsewhere, /is an HTML page\. Copy tweedie_cpu_bg\.wasm of the package to that address, or .*init\(\{ modules: \{ cpu: address \} \}\).*optimizeDeps/);
});

test("a module that is not there has to be copied", async (t) => {
  const server = await serveFor(t, {});
  assert.match(await refusal(server, "tweedie_cpu_bg.wasm"), /HTTP 404\. Copy/);
});

test("other files are not modules", async (t) => {
  const page = answer("application/wasm", "<!doctype html>");
  const server = await serveFor(t, { pointer: "version https://git-lfs.github.com/spec/v1", empty: "", page });
  for (const path of ["pointer", "empty", "page"]) assert.match(await refusal(server, path), /is not a WebAssembly module\. Copy/);
});

test("a signature of the address is not shown", async (t) => {
  const server = await serveFor(t, {});
  assert.doesNotMatch(await refusal(server, "m.wasm?token=secret"), /secret/);
});

test("a server that stops responding, before or during the download, fails", async (t) => {
  const server = await serveFor(t, {
    never: () => {},
    half: (_, response) => response.writeHead(200, { "content-length": 100 }).write(EMPTY_MODULE),
  });
  assert.match(await refusal(server, "never", { timeout: 100 }), /the server has not responded for 100 ms/);
  const { init } = await fresh();
  await assert.rejects(init({ modules: { cpu: `${server.url}half` }, timeout: 1000 }), { code: "module", message: /no data for 1000 ms/ });
});

test("a content security policy that forbids compilation is reported with a remedy", async (t) => {
  const { compileStreaming } = WebAssembly;
  t.after(() => (WebAssembly.compileStreaming = compileStreaming));
  const server = await serveFor(t, { module: EMPTY_MODULE });
  for (const message of [
    "WebAssembly.instantiateStreaming(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because 'unsafe-eval' is not an allowed source",
    "call to WebAssembly.instantiateStreaming() blocked by CSP",
  ]) {
    WebAssembly.compileStreaming = async () => {
      throw new WebAssembly.CompileError(message);
    };
    const { init } = await fresh();
    await assert.rejects(init({ modules: { cpu: `${server.url}module` } }), { code: "module", message: /add 'wasm-unsafe-eval' to its script-src/ });
  }
});

test("every kind of source is accepted, with any media type", async (t) => {
  const server = await serveFor(t, { module: answer("text/plain", EMPTY_MODULE) });
  const url = `${server.url}module`;
  for (const cpu of [url, new URL(url), new Request(url), fetch(url), await fetch(url), EMPTY_MODULE]) {
    const { init, samplers } = await fresh();
    await init({ modules: { cpu } });
    assert.equal((await samplers())[0].name, "ddpm");
  }
});

test("loading and computing write nothing to the console", async (t) => {
  const written = [];
  for (const method of ["log", "info", "warn", "error", "debug"]) t.mock.method(console, method, (...values) => written.push(values));
  const server = await serveFor(t, { module: answer("text/plain", EMPTY_MODULE) });
  const { init, openDevice } = await fresh();
  await init({ modules: { cpu: `${server.url}module` } });
  await openDevice();
  assert.deepEqual(written, []);
});
