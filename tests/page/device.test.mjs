// The badge says which device computes, and why when it is not the GPU.
import assert from "node:assert/strict";
import { WEBGPU } from "./host.mjs";
import { choose, figures, finished, pageTest, problem } from "./support.mjs";

const SMALL = "?steps=1&count=1";

pageTest("without WebGPU the CPU computes, and the badge says why", {}, async (page, go) => {
  await go(SMALL);
  await finished(page);
  assert.match(await page.locator("#device-badge").textContent(), /^CPU · .*WebGPU/);
});

pageTest("with WebGPU the badge names it", { flags: [WEBGPU] }, async (page, go) => {
  await go(SMALL);
  await finished(page);
  assert.match(await page.locator("#device-badge").textContent(), /^WebGPU · \w/);
});

pageTest("asking for a missing WebGPU is a sentence beside the choice, and the CPU still works", {}, async (page, go) => {
  await go(`${SMALL}&device=webgpu`);
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "device"), /WebGPU/);
  await choose(page, "CPU");
  await figures(page, /^Ready/);
  assert.equal(await page.locator("#device-error").isHidden(), true);
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.match(await page.locator("#device-badge").textContent(), /^CPU/);
});

pageTest("the CPU can be chosen where there is WebGPU", { flags: [WEBGPU] }, async (page, go) => {
  await go(`${SMALL}&device=cpu`);
  await finished(page);
  assert.match(await page.locator("#device-badge").textContent(), /^CPU/);
});

pageTest("an engine that does not start is a sentence", { tolerated: /tweedie_wasm_bg|ERR_FAILED|404/ }, async (page, go) => {
  await page.context().route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "" }));
  await go(SMALL);
  await figures(page, /^Nothing can be sampled/);
  assert.match(await problem(page, "run"), /\w.*\.$/);
  assert.match(await page.locator("#device-badge").textContent(), /did not start/);
});

pageTest("a GPU that is lost is an error, and can be opened anew", { flags: [WEBGPU], tolerated: /favicon/ }, async (page, go) => {
  await go("models/mnist/model_index.json"); // a page without a script of its own
  const { errors, reopened, numbers } = await page.evaluate(loseTheGpu);
  for (const error of errors) assert.match(error, /^TweedieError device .*lost/);
  assert.equal(errors.length, 3);
  assert.deepEqual([reopened, numbers], ["webgpu", 784]);
});

pageTest("after the GPU is lost a sentence says so, and Start works again", { flags: [WEBGPU] }, async (page, go) => {
  const keep = "self.devices = []; const open = GPUAdapter.prototype.requestDevice; GPUAdapter.prototype.requestDevice = async function (...options) { self.devices.push(await open.apply(this, options)); return self.devices.at(-1); };";
  await page.context().route("**/tweedie/worker.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${keep}\n${await response.text()}` });
  });
  await go(SMALL);
  await finished(page);
  await page.workers()[0].evaluate(() => self.devices[0].destroy());
  const start = page.getByRole("button", { name: "Start" });
  await start.click();
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "run"), /GPU.* lost/);
  await start.click();
  await finished(page);
  assert.match(await page.locator("#device-badge").textContent(), /^WebGPU/);
});

async function loseTheGpu() {
  const devices = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    devices.push(await requestDevice.apply(this, options));
    return devices.at(-1);
  };
  const { openDevice, Pipeline } = await import("/tweedie/index.js");
  const start = async (device) => {
    const pipeline = await Pipeline.fromPretrained("/models/mnist", { device });
    return { pipeline, sampling: pipeline.sample({ sampler: "ddim", steps: 2 }) };
  };
  const { pipeline, sampling } = await start(await openDevice("webgpu"));
  const steps = sampling[Symbol.asyncIterator]();
  await steps.next();
  devices[0].destroy();
  await devices[0].lost;
  const errors = [];
  for (const attempt of [() => steps.next(), () => sampling.noisy(), () => pipeline.sample()])
    await Promise.resolve().then(attempt).catch((error) => errors.push(`${error.name} ${error.code} ${error.message}`));
  const device = await openDevice("webgpu");
  const second = await start(device);
  for await (const { step } of second.sampling) if (step > 2) throw new Error("too many steps");
  return { errors, reopened: device.kind, numbers: (await second.sampling.noisy()).length };
}
