// The badge says which device computes, and why when it is not the GPU.
import assert from "node:assert/strict";
import { choose, figures, finished, pageTest, WEBGPU } from "./support.mjs";

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
  assert.match(await page.locator("#device-error").textContent(), /WebGPU/);
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
