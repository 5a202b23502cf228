// The choice of the device and of its module. The badge shows the device and, for the CPU, the reason.
import assert from "node:assert/strict";
import { WEBGPU } from "./host.mjs";
import { choose, figures, finished, PATIENCE, problem, query, stillTest as pageTest } from "./support.mjs";

const SMALL = "?steps=1&count=1";
const LARGE_MODULE = "**/tweedie_webgpu_bg.wasm";
const badge = (page) => page.locator("#device-badge");

/** Prepends a script to the worker script. */
async function beforeWorker(page, script) {
  await page.context().route("**/tweedie/worker-script.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

/** Makes headless Chromium's software adapter, which "auto" skips, look like hardware. */
const playHardware = (page) => beforeWorker(page, `
  for (const name of ["vendor", "architecture", "device", "description"]) Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => (name === "vendor" ? "acme" : "") });
  Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });`);

pageTest("without WebGPU the CPU is used, and the badge shows the reason", {}, async (page, go) => {
  await go(SMALL);
  await finished(page);
  assert.match(await page.locator("#device-badge").textContent(), /^CPU · .*WebGPU/);
});

pageTest("a software adapter is skipped without a download, and the badge shows it", { flags: [WEBGPU] }, async (page, go) => {
  let isFetched = false;
  page.on("request", (request) => (isFetched ||= request.url().includes("webgpu_bg")));
  await go(SMALL);
  await finished(page);
  await badge(page).filter({ hasText: /^CPU · .*software/ }).waitFor();
  assert.equal(isFetched, false);
});

pageTest("the CPU samples while the WebGPU module downloads, and the next run uses the GPU", { flags: [WEBGPU] }, async (page, go) => {
  await playHardware(page);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route(LARGE_MODULE, async (route) => {
    await released;
    await route.continue();
  });
  await go(SMALL);
  await finished(page);
  assert.match(await badge(page).textContent(), /^CPU/);
  release();
  await badge(page).filter({ hasText: "the next run uses WebGPU (acme)" }).waitFor({ timeout: PATIENCE });
  await page.getByRole("button", { name: "Start" }).click();
  await badge(page).filter({ hasText: /^WebGPU · acme/ }).waitFor({ timeout: PATIENCE });
  await finished(page);
});

pageTest("if the WebGPU module fails to load, the CPU is used, and it can be retried", { flags: [WEBGPU], tolerated: /webgpu_bg|ERR_FAILED/ }, async (page, go) => {
  await playHardware(page);
  await page.context().route(LARGE_MODULE, (route) => route.abort());
  await go(SMALL);
  await finished(page);
  await badge(page).filter({ hasText: /^CPU · the module tweedie_webgpu_bg\.wasm could not be loaded/ }).waitFor();
  await choose(page, "WebGPU");
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "device"), /tweedie_webgpu_bg\.wasm could not be loaded/);
  await page.context().unroute(LARGE_MODULE);
  await choose(page, "CPU");
  await finished(page);
  await choose(page, "WebGPU");
  await badge(page).filter({ hasText: /^WebGPU/ }).waitFor({ timeout: PATIENCE });
});

pageTest("distributions and points never fetch the WebGPU module", { flags: [WEBGPU] }, async (page, go) => {
  await playHardware(page);
  const modules = new Set();
  page.context().on("request", (request) => request.url().endsWith(".wasm") && modules.add(new URL(request.url()).pathname));
  await go("?speed=fast&count=1000#distributions");
  await figures(page, /^1,000$/, "distributions-samples-value");
  await go("?step=train&width=8&depth=1&trainingSteps=20&batch=64&points=100&count=100#points");
  await page.locator("#points-start").click();
  await figures(page, /^20 steps in /, "points-figures");
  assert.deepEqual([...modules], ["/tweedie/tweedie_cpu_bg.wasm"]);
});

pageTest("a link that needs missing WebGPU shows an error at the control, and a button selects the CPU", {}, async (page, go) => {
  await go(`${SMALL}&device=webgpu`);
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "device"), /WebGPU/);
  const cpu = page.locator("#images").getByRole("button", { name: "Use the CPU instead" });
  await cpu.click();
  await finished(page);
  assert.equal(await page.locator("#device-error").isHidden(), true);
  assert.equal(await cpu.isHidden(), true);
  assert.equal(query(page).device, "cpu");
  assert.match(await badge(page).textContent(), /^CPU/);
});

pageTest("the compare lab also has this button", {}, async (page, go) => {
  await go("?device=webgpu&samplers=ddim&steps=2&seed=11#compare");
  await figures(page, /^Stopped/, "compare-figures");
  assert.match(await problem(page, "compare-run"), /WebGPU/);
  await page.locator("#compare").getByRole("button", { name: "Use the CPU instead" }).click();
  await page.locator("#compare-table td[data-state=done]").first().waitFor({ timeout: PATIENCE });
  assert.equal(query(page).device, "cpu");
});

pageTest("an engine that does not start shows an error", { tolerated: /tweedie_cpu_bg|ERR_FAILED|404/ }, async (page, go) => {
  await page.context().route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "" }));
  await go(SMALL);
  await figures(page, /^The engine did not start/);
  assert.match(await problem(page, "run"), /\w.*\.$/);
  assert.match(await page.locator("#device-badge").textContent(), /did not start/);
});

pageTest("a lost GPU is an error, and can be reopened", { flags: [WEBGPU], tolerated: /favicon/ }, async (page, go) => {
  await go("models/mnist/model_index.json"); // a page without a script of its own
  const { errors, reopened, numbers } = await page.evaluate(loseTheGpu);
  for (const error of errors) assert.match(error, /^TweedieError device .*lost/);
  assert.equal(errors.length, 3);
  assert.deepEqual([reopened, numbers], ["webgpu", 784]);
});

pageTest("a lost GPU shows an error, and Start works again", { flags: [WEBGPU] }, async (page, go) => {
  await beforeWorker(page, "self.devices = []; const open = GPUAdapter.prototype.requestDevice; GPUAdapter.prototype.requestDevice = async function (...options) { self.devices.push(await open.apply(this, options)); return self.devices.at(-1); };");
  await go(`${SMALL}&device=webgpu`);
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
