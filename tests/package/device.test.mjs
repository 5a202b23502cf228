// Loading of the two modules, with fake bindings, on the calling thread.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bundleOverFakes, EMPTY_MODULE, FLAT, text } from "./support.mjs";

const CONTENTS = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [path, text(body)]));

/** Sides of the samples of the fake pipelines. */
const SIDE = { cpu: 2, webgpu: 4 };

/** A new copy of the package, with nothing instantiated yet. */
const fresh = async () => import((await bundleOverFakes())("index.node.js"));

/** Simulates the browser's GPU, and counts adapter requests. */
function playGpu({ info = { vendor: "acme", architecture: "x1" }, features = ["timestamp-query"], adapter = true } = {}) {
  const asked = { times: 0 };
  const requestAdapter = async () => {
    asked.times += 1;
    return adapter ? { info, features: new Set(features) } : null;
  };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { gpu: { requestAdapter } } });
  return asked;
}

beforeEach(() => Reflect.deleteProperty(globalThis, "navigator"));

/** Addresses that fail to load, so that loading them fails the test. */
const BROKEN = { webgpu: "broken" };

test("a usable GPU is opened and described, and runs its objects", async () => {
  playGpu();
  const { openDevice, Pipeline } = await fresh();
  for (const kind of ["auto", "webgpu"]) {
    const device = await openDevice(kind);
    assert.deepEqual({ ...device }, { kind: "webgpu", description: "WebGPU (acme, x1)" });
    assert.equal((await Pipeline.fromPretrained(CONTENTS, { device })).sampleSize, SIDE.webgpu);
  }
  const device = await openDevice("cpu");
  assert.equal((await Pipeline.fromPretrained(CONTENTS, { device })).sampleSize, SIDE.cpu);
});

test("the WebGPU module is only loaded for a GPU", async () => {
  const { distance, init, openDevice, PointData, samplers, Trainer } = await fresh();
  const asked = playGpu();
  await init({ modules: BROKEN });
  await samplers();
  await openDevice("cpu");
  const data = await PointData.named("rings");
  await Trainer.create(data);
  await distance(data, data);
  assert.equal(asked.times, 0);
});

const SOFTWARE = { vendor: "google", architecture: "swiftshader" };
for (const [why, browser, reason] of [
  ["no adapter", { adapter: false }, "this browser has no WebGPU adapter"],
  ["no timestamps", { features: [] }, "the adapter does not have the feature timestamp-query"],
  ["a software adapter", { info: SOFTWARE }, "the browser's only adapter is software: WebGPU (google, swiftshader)"],
  ["a fallback adapter", { info: { isFallbackAdapter: true } }, "the browser's only adapter is software: WebGPU"],
]) {
  test(`auto opens the CPU without a download with ${why}, and reports the reason`, async () => {
    playGpu(browser);
    const { init, openDevice } = await fresh();
    await init({ modules: BROKEN });
    assert.deepEqual({ ...(await openDevice()) }, { kind: "cpu", description: `CPU (${reason})` });
  });
}

test("a software adapter is opened if WebGPU is requested explicitly", async () => {
  playGpu({ info: SOFTWARE });
  const { openDevice } = await fresh();
  assert.equal((await openDevice("webgpu")).kind, "webgpu");
});

test("a failed download leaves the CPU usable and can be repeated", async () => {
  playGpu();
  const { init, openDevice, Pipeline } = await fresh();
  await init({ modules: BROKEN });
  const failed = { name: "TweedieError", code: "module", message: /tweedie_webgpu_bg\.wasm could not be loaded: .*\/broken returned HTTP 404\. Copy tweedie_webgpu_bg\.wasm/ };
  await assert.rejects(openDevice("webgpu"), failed);
  const device = await openDevice("auto");
  assert.equal(device.kind, "cpu");
  assert.match(device.description, /tweedie_webgpu_bg\.wasm could not be loaded/);
  assert.equal((await Pipeline.fromPretrained(CONTENTS, { device })).sampleSize, SIDE.cpu);
  await assert.rejects(openDevice("webgpu"), failed);
  await init({ modules: { webgpu: EMPTY_MODULE } });
  assert.equal((await openDevice("webgpu")).kind, "webgpu");
});

test("a device of another copy of the package is rejected", async () => {
  const [one, other] = [await fresh(), await fresh()];
  const device = await other.openDevice("cpu");
  const refused = { name: "TweedieError", code: "invalid-option", message: /^device must be a device from openDevice/ };
  await assert.rejects(one.Pipeline.fromPretrained(CONTENTS, { device }), refused);
  await assert.rejects(one.Trainer.create(await one.PointData.named("rings"), { device }), refused);
  await assert.rejects(one.Pipeline.fromPretrained(CONTENTS, { device: { kind: "cpu" } }), refused);
});
