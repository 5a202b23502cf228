// The page gives the same samples as diffusers, shows them, and can be stopped.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WEBGPU } from "./host.mjs";
import { asGrey, assertClose, choose, figures, finished, fixture, greyOnCanvas, pageTest, picture, pixelsOfPng } from "./support.mjs";

const mnist = await fixture("mnist.safetensors");
const first = (values) => values.subarray(0, 28 * 28);
/** One sample of the fixture's run; the noise of the first sample does not depend on the batch size. */
const DDIM_RUN = "?sampler=ddim&useClippedModelOutput=false&steps=10&seed=0&class=3&count=1";
/** Tolerance in grey levels: 0.5 for rounding and 1 for drawing. */
const TOLERANCE = 1.5;

pageTest("the first run starts automatically and shows its progress", {}, async (page, go) => {
  await go("#images");
  await figures(page, /^Step \d/);
  const early = await picture(page);
  await finished(page);
  assert.notEqual(await picture(page), early);
  assert.match(await page.locator("#grid").getAttribute("aria-label"), /^16 samples, each class in turn: noisy x t after step 20 of 20\.$/);
  assert.match(await page.locator("#level").textContent(), /clean.*α = 1\.00.*σ = 0\.00/);
});

pageTest("the canvas shows the same digit as diffusers with the same seed", {}, async (page, go) => {
  await go(DDIM_RUN);
  await finished(page);
  assertClose(await greyOnCanvas(page), asGrey(first(mnist("ddim.final"))), TOLERANCE);
});

pageTest("WebGPU and the CPU can be selected, the badge shows which, and both give the same samples", { flags: [WEBGPU] }, async (page, go) => {
  const drawn = {};
  for (const [device, badge] of [["cpu", /^CPU/], ["webgpu", /^WebGPU · \w/]]) {
    await go(`?sampler=ddim&steps=2&seed=0&class=3&count=1&device=${device}`);
    await finished(page);
    assert.match(await page.locator("#device-badge").textContent(), badge);
    drawn[device] = await greyOnCanvas(page);
  }
  assertClose(drawn.webgpu, drawn.cpu, TOLERANCE);
});

pageTest("the timeline scrubs the trajectory of x_t and of the estimate of x_0", {}, async (page, go) => {
  await go(DDIM_RUN);
  await finished(page);
  const scrub = page.getByRole("slider", { name: "Recorded trajectory" });
  await scrub.fill("0");
  assertClose(await greyOnCanvas(page), asGrey(first(mnist("ddim.initial_noise"))), TOLERANCE);
  // The fifth step starts from the x_t after four.
  await scrub.fill("4");
  await choose(page, "predicted x̂0");
  assertClose(await greyOnCanvas(page), asGrey(first(mnist("ddim.clean_middle"))), TOLERANCE);
  assert.match(await scrub.getAttribute("aria-valuetext"), /^after step 4 of 10, timestep 500, alpha/);
});

pageTest("the trajectory replays from the start to the end", {}, async (page, go) => {
  await go(DDIM_RUN);
  await finished(page);
  await page.evaluate(() => {
    window.seen = new Set();
    new MutationObserver(() => window.seen.add(document.querySelector("#scrub").valueAsNumber))
      .observe(document.querySelector("#grid"), { attributeFilter: ["aria-label"] });
  });
  await page.getByRole("button", { name: "Play the trajectory" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: "Play the trajectory" }).waitFor();
  assert.deepEqual(await page.evaluate(() => [...window.seen]), Array.from({ length: 11 }, (_, index) => index));
});

pageTest("guided samples of two classes equal those of diffusers with clipped model output", {}, async (page, go) => {
  await go("?sampler=ddim&steps=20&seed=0&class=each&count=2&guidance=3");
  await finished(page);
  const expected = mnist("ddim_guided.final");
  for (const sample of [0, 1]) {
    const values = expected.subarray(28 * 28 * sample, 28 * 28 * (sample + 1));
    assertClose(await greyOnCanvas(page, { sample, count: 2 }), asGrey(values), TOLERANCE);
  }
});

pageTest("Escape stops within one step and keeps the results", {}, async (page, go) => {
  await go("?sampler=ddim&steps=500&count=16&device=cpu");
  await figures(page, /^Step ([3-9]|\d\d) of 500/);
  const shown = await page.evaluate(() => {
    dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    return document.querySelector("#progress").value;
  });
  const sentence = await figures(page, /^Cancelled/);
  const stopped = Number(sentence.match(/^Cancelled after step (\d+) of 500\.$/)[1]);
  assert.ok(stopped - shown <= 1, `it was at step ${shown} and went on to ${stopped}`);

  const scrub = page.locator("#scrub");
  assert.equal(await scrub.getAttribute("max"), String(stopped / 2 | 0), "every second step of 500 is recorded");
  await scrub.fill("0");
  assert.match(await page.locator("#grid").getAttribute("aria-label"), /after step 0 of 500/);
});

pageTest("Start over replaces the run with one with the new settings", {}, async (page, go) => {
  await go("?steps=500&count=4");
  await figures(page, /^Step \d+ of 500/);
  await page.locator("#images").getByLabel("Steps", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Start over" }).click();
  assert.match(await finished(page), /^2 steps in /);
  assert.equal(await page.getByRole("button", { name: "Cancel" }).isDisabled(), true);
});

pageTest("the saved PNG contains the samples, enlarged by an integer factor", {}, async (page, go) => {
  await go(DDIM_RUN);
  await finished(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save PNG" }).click()]);
  assert.equal(download.suggestedFilename(), "tweedie-step-10.png");
  const { width, height, data } = await pixelsOfPng(page, await readFile(await download.path()));
  assert.deepEqual([width, height], [224, 224]);
  const grey = data.filter((_, index) => index % 4 === 0);
  const expected = asGrey(first(mnist("ddim.final")));
  assertClose(grey, grey.map((_, index) => expected[28 * Math.floor(index / width / 8) + Math.floor((index % width) / 8)]), TOLERANCE);
});

pageTest("the page stays responsive while the CPU samples", {}, async (page, go) => {
  await go("?steps=6&count=64&device=cpu");
  await figures(page, /^Step 1 /);
  const frames = await page.evaluate(() => new Promise((resolve) => {
    const frames = {};
    const frame = () => {
      const [step] = document.querySelector("#figures").textContent.match(/^Step \d/) ?? [];
      if (step === undefined) return resolve(frames);
      frames[step] = (frames[step] ?? 0) + 1;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }));
  // A step on the page's own thread would have a single frame.
  for (const step of ["Step 2", "Step 3", "Step 4"]) assert.ok(frames[step] > 1, JSON.stringify(frames));
});

pageTest("the variational bound is computed term by term and cleared by the next run", {}, async (page, go) => {
  await go("?sampler=heun&steps=10&seed=0&class=3&count=1&device=cpu");
  await finished(page);
  await page.getByText("Likelihood of the first image").click();
  const ask = page.getByRole("button", { name: "Compute", exact: true });
  await ask.click();
  const sentence = await figures(page, /bits per dimension/, "likelihood-figures");
  const [total, ...parts] = sentence.match(/^([\d.]+) bits per dimension = ([\d.]+) LT \+ ([\d.]+) Lt−1 \+ ([\d.]+) L0$/).slice(1).map(Number);
  assert.ok(Math.abs(parts.reduce((sum, part) => sum + part) - total) < 0.03, sentence);
  assert.ok(total > 0.1 && total < 8, sentence);
  assert.equal(await page.locator("#likelihood-plot rect").count(), 92, "eleven terms in each bar, and the last by itself");
  assert.match(await page.locator("#likelihood-plot").getAttribute("aria-label"), /The largest, [\d.]+ bits, is that of timestep/);
  assert.match(await page.locator("#figures").textContent(), /^1000 steps in /);

  await page.getByRole("button", { name: "Start" }).click();
  await figures(page, /^(Step|Sampling)/);
  assert.equal(await page.locator("#likelihood-figures").textContent(), "");
  await finished(page);
  assert.equal(await ask.isEnabled(), true);
});
