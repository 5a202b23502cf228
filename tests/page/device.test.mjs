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
  assert.match(await page.locator("#device-badge").textContent(), /^WebGPU/);
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
