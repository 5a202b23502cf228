// The images lab with the keyboard, a screen reader and reduced motion. Tests for all labs are in labs.mjs.
import assert from "node:assert/strict";
import { figures, finished, pageTest } from "./support.mjs";

const SMALL = "?steps=2&count=4";

pageTest("sampling does not shift the layout", {}, async (page, go) => {
  await go("?steps=6&count=4");
  await figures(page, /^Step 1 /);
  const places = () => page.evaluate(() => {
    const parts = [...document.querySelectorAll("#settings, .prose, #formulas, .transport")];
    return parts.map((part) => part.getBoundingClientRect().top);
  });
  const during = await places();
  await finished(page);
  assert.deepEqual(await places(), during);
});

pageTest("a run can be started, cancelled and scrubbed with the keyboard", {}, async (page, go) => {
  await go(SMALL);
  await finished(page);
  const steps = page.locator("#images").getByLabel("Steps", { exact: true });
  await steps.focus();
  await steps.fill("300");
  await page.keyboard.press("Enter");
  await figures(page, /^Step [2-9] of 300/);
  await page.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await figures(page, /^Cancelled after/);
  assert.equal(await page.getByRole("button", { name: "Start" }).evaluate((button) => document.activeElement === button), true);
  await page.locator("#scrub").focus();
  await page.keyboard.press("Home");
  assert.match(await page.locator("#grid").getAttribute("aria-label"), /after step 0 of 300/);
  await page.keyboard.press("ArrowRight");
  assert.doesNotMatch(await page.locator("#grid").getAttribute("aria-label"), /after step 0 of 300/);
});

pageTest("a screen reader gets names, a summary of the image and few announcements", {}, async (page, go) => {
  await page.addInitScript(() => {
    window.announced = [];
    addEventListener("DOMContentLoaded", () => {
      const status = document.querySelector("[role=status]");
      new MutationObserver(() => window.announced.push(status.textContent)).observe(status, { childList: true });
    });
  });
  await go("?steps=20&count=1&class=3");
  await finished(page);
  assert.equal(await page.getByRole("img", { name: "1 sample of class 3: noisy x t after step 20 of 20." }).count(), 1);
  for (const name of ["DDPM", "DDIM", "Digits", "Pixel art", "Automatic", "WebGPU"]) {
    assert.equal(await page.getByRole("radio", { name, exact: true }).count(), 1, name);
  }
  const announced = await page.evaluate(() => window.announced);
  assert.match(announced.at(-1), /^20 steps in/);
  assert.ok(announced.length < 10, `20 steps were announced ${announced.length} times`);
});

pageTest("reduced motion: the image changes rarely during sampling", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await page.addInitScript(() => {
    window.changes = 0;
    addEventListener("DOMContentLoaded", () => {
      new MutationObserver(() => window.changes++).observe(document.querySelector("#grid"), { attributeFilter: ["aria-label"] });
    });
  });
  await go("?steps=40&count=1");
  const began = Date.now();
  await finished(page);
  const changes = await page.evaluate(() => window.changes);
  assert.ok(changes <= (Date.now() - began) / 1000 + 3, `${changes} changes`);
  assert.match(await page.locator("#grid").getAttribute("aria-label"), /after step 40 of 40/);
});
