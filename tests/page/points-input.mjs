// The points lab: drawing, CSV, invalid input, keyboard, narrow screens and reduced motion.
import assert from "node:assert/strict";
import { choose, figures, frames, pageTest, picture, problem } from "./support.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const SMALL = "width=32&depth=2&trainingSteps=400&batch=64&points=500&count=300";
const said = (page, pattern) => figures(page, pattern, "points-figures");
const canvas = (page) => page.locator("#points-picture");
const goTo = (page, step) => page.locator(`.way input[value="${step}"]`).check();
const query = (page) => Object.fromEntries(new URL(page.url()).searchParams);
const summarised = (page, pattern) => page.waitForFunction(
  (source) => new RegExp(source).test(document.querySelector("#points-picture").getAttribute("aria-label")), pattern.source, { timeout: 60_000 },
);
const errorAt = (page, place, pattern) => page.waitForFunction(
  ([id, source]) => { const line = document.getElementById(id); return !line.hidden && line.checkVisibility() && new RegExp(source).test(line.textContent); }, [`points-${place}-error`, pattern.source], { timeout: 30_000 },
);

/** Paints a line across the pad. */
async function stroke(page, [fromX, fromY], [toX, toY]) {
  const { x, y, width, height } = await page.locator("#points-pad").boundingBox();
  await page.mouse.move(x + fromX * width, y + fromY * height);
  await page.mouse.down();
  await page.mouse.move(x + toX * width, y + toY * height, { steps: 12 });
  await page.mouse.up();
}

pageTest("points can be painted, undone and cleared, and are kept across a reload", {}, async (page, go) => {
  await go("?points=300#points");
  await summarised(page, /^Two moons/);
  await choose(page, "Draw");
  await summarised(page, /^The drawing is empty\.$/);
  await stroke(page, [0.3, 0.3], [0.7, 0.3]);
  await summarised(page, /^\d+ points drawn by hand\.$/);
  const drawn = await canvas(page).getAttribute("aria-label");
  await stroke(page, [0.3, 0.7], [0.7, 0.7]);
  await page.waitForFunction((before) => document.querySelector("#points-picture").getAttribute("aria-label") !== before, drawn);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction((before) => document.querySelector("#points-picture").getAttribute("aria-label") === before, drawn);

  await goTo(page, "forward");
  await summarised(page, /^\d+ points of the drawing as noise is added/);
  assert.equal(query(page).data, "drawn");
  await page.reload();
  await summarised(page, /^\d+ points of the drawing as noise is added/);
  await goTo(page, "data");
  await summarised(page, new RegExp(`^${drawn}$`));
  await page.getByRole("button", { name: "Clear" }).click();
  await summarised(page, /^The drawing is empty\.$/);
});

pageTest("points can be painted with the keyboard, and a network learns them", {}, async (page, go) => {
  await go(`?data=drawn&${SMALL}#points`);
  await summarised(page, /^The drawing is empty\.$/);
  await page.locator("#points-pad").focus();
  for (let dab = 0; dab < 8; dab++) {
    await page.keyboard.press(dab % 2 === 0 ? "Shift+ArrowRight" : "ArrowUp");
    await page.keyboard.press("Space");
  }
  await summarised(page, /^192 points drawn by hand\.$/);
  await goTo(page, "train");
  await page.locator("#points-start").click();
  await said(page, /^400 steps in/);
  await summarised(page, /^154 training points of the drawing, and samples of the network after 400 steps/);
});

pageTest("a typed word is learned and comes out of noise, as a GIF and a link", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await go(`?data=drawn&${SMALL}#points`);
  await page.locator("#points-start:enabled").waitFor();
  await page.locator("#points-word").fill("Ada");
  await summarised(page, /^2000 points of the word “Ada”\.$/);
  assert.equal(query(page).word, "Ada");
  await page.getByRole("button", { name: "Train and watch" }).click();
  await summarised(page, /^300 samples of the trained network\. DDIM: 50 evaluations/);
  const { step, samplers, trainingSteps } = query(page);
  assert.deepEqual([step, samplers, trainingSteps], ["sample", "ddim", "400"]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as GIF" }).click()]);
  assert.match(download.suggestedFilename(), /^tweedie-points-drawn-sample-.*\.gif$/);
  // Someone else opens the link.
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByRole("button", { name: "Draw another" }).click();
  await summarised(page, /^2000 points of the word “Ada”\.$/);
  await page.getByRole("button", { name: "Undo" }).click();
  await summarised(page, /^The drawing is empty\.$/);
  assert.equal(query(page).word, undefined);
});

pageTest("a finger draws, and the link holds the drawing", { context: PHONE }, async (page, go) => {
  await go("?data=drawn#points");
  await summarised(page, /^The drawing is empty\.$/);
  const touch = await page.context().newCDPSession(page);
  const { x, y, width, height } = await page.locator("#points-pad").boundingBox();
  for (const [type, moved] of [["touchStart", 0.2], ["touchMove", 0.4], ["touchMove", 0.6], ["touchMove", 0.8], ["touchEnd"]]) {
    await touch.send("Input.dispatchTouchEvent", { type, touchPoints: moved === undefined ? [] : [{ x: x + moved * width, y: y + 0.5 * height }] });
    await frames(page, 2);
  }
  await summarised(page, /^\d+ points drawn by hand\.$/);
  const summary = await canvas(page).getAttribute("aria-label");
  // A line of 3.6 units with 6 points every 0.07.
  assert.ok(Math.abs(parseInt(summary) - (6 * 3.6) / 0.07) < 60, summary);
  assert.equal(await page.evaluate(() => scrollY), 0);
  const drawn = await picture(page, canvas(page));
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await summarised(page, new RegExp(summary));
  await frames(page, 2);
  assert.equal(await picture(page, canvas(page)), drawn);
});

pageTest("an empty drawing, or a link to someone else's drawing, shows an error", {}, async (page, go) => {
  await go("?data=drawn&step=sample#points");
  await errorAt(page, "picture", /^The drawing is empty\. Draw in the plot, or type a word\./);
  await summarised(page, /^The drawing is empty/);
  await goTo(page, "data");
  await page.locator("#points-picture-error").waitFor({ state: "hidden" });
  await page.locator("#points-start").click();
  await errorAt(page, "run", /^The drawing is empty/);
  await goTo(page, "data");
  await choose(page, "Rings");
  await summarised(page, /^Rings/);
});

pageTest("a CSV can be pasted, and its errors are shown next to it", {}, async (page, go) => {
  await go("#points");
  await summarised(page, /^Two moons/);
  await choose(page, "CSV");
  const text = page.locator("#points-csv");
  for (const [written, pattern] of [
    ["", /^Paste points/],
    ["1,2\n3,four\n", /[Ll]ine 2/],
    ["1,2\n3,NaN\n", /[Ll]ine 2/],
    ["1\n2\n3\n", /column|two numbers/],
    ["x,y\n1,2\n", /point/],
  ]) {
    await text.fill(written);
    await errorAt(page, "csv", pattern);
    assert.equal(await text.getAttribute("aria-invalid"), "true");
  }
  await text.fill("x,y\n0,0\n1,0.5\n2,1\n3,0\n-1,2\n");
  await summarised(page, /^the CSV: 5 points/);
  assert.equal(await page.locator("#points-csv-error").isHidden(), true);
  assert.doesNotMatch(await page.locator("#points-data-hint").textContent(), /skipped/);
  await text.fill(",x,y\n0,0,0\n1,1,0.5\n2,2,1\n3,3,0\n");
  await summarised(page, /^the CSV: 4 points/);
  assert.match(await page.locator("#points-data-hint").textContent(), /no name and is taken for row numbers: it is skipped\.$/);
  await text.fill("x,y\n0,0\n1,0.5\n2,1\n3,0\n-1,2\n");
  await summarised(page, /^the CSV: 5 points/);
  await goTo(page, "forward");
  await summarised(page, /^5 points of the CSV as noise is added/);
});

pageTest("a CSV can be selected as a file or dropped on the page", {}, async (page, go) => {
  await go("#points");
  await summarised(page, /^Two moons/);
  const rows = Array.from({ length: 50 }, (_, index) => `${Math.cos(index)};${Math.sin(2 * index)}`).join("\n");
  await choose(page, "CSV");
  await page.locator("#points-csv-input").setInputFiles({ name: "mine.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
  await summarised(page, /^the CSV: 50 points/);
  await page.locator("#points-csv-input").setInputFiles({ name: "excel.txt", mimeType: "text/plain", buffer: Buffer.from(`\ufeff${rows.split("\n").slice(0, 30).join("\n")}`, "utf16le") });
  await summarised(page, /^the CSV: 30 points/);
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "other.csv", { type: "text/csv" }));
    document.querySelector("#points-picture").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
  }, rows.split("\n").slice(0, 20).join("\n"));
  await summarised(page, /^the CSV: 20 points/);
  assert.equal(await page.locator("#points").isVisible(), true, "it is no checkpoint for the images lab");
});

pageTest("a width of 0 or a million shows an error at the control, and nothing else stops", {}, async (page, go) => {
  await go(`?step=train&${SMALL}#points`);
  await said(page, /^No trained network/);
  await page.locator("summary", { hasText: "Network" }).click();
  const width = page.locator("#points-width");
  for (const bad of ["0", "1000000", ""]) {
    await width.fill(bad);
    assert.match(await problem(page, "points-width"), /^This must be a whole number from 1 to 4096\.$/);
  }
  assert.equal(query(page).width, "32");
  await page.locator("#points-start").click();
  assert.equal(await width.evaluate((control) => document.activeElement === control), true, "Train leads to it");
  await width.fill("16");
  assert.equal(await page.locator("#points-width-error").isHidden(), true);
  await page.locator("#points-start").click();
  await said(page, /^400 steps in/);
});

pageTest("invalid values in a link are reported at each control, and the valid ones are used", {}, async (page, go) => {
  await go("?step=train&width=0&samplers=magic&learningRate=fast&data=cats&points=300#points");
  await summarised(page, /^240 training points of Two moons/);
  assert.match(await problem(page, "points-width"), /“0” here, but this must be a whole number from 1 to 4096. Using 96 instead/);
  assert.match(await problem(page, "points-learningRate"), /“fast”/);
  assert.equal(query(page).samplers, undefined, "the default is in no link");
});

pageTest("settings made before the engine has started apply to the first view", {}, async (page, go) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  await go("?step=train&points=300#points");
  await said(page, /engine/);
  await page.locator("#points-learningRate").fill("-1");
  assert.match(await problem(page, "points-learningRate"), /must be a number/);
  await page.locator("#points-learningRate").fill("0.01");
  await goTo(page, "look");
  await choose(page, "Score");
  release();
  await summarised(page, /^The score at time/);
  assert.equal(new URL(page.url()).searchParams.get("learningRate"), "0.01");
});

pageTest("divergence shows an error, stops the training and keeps the last good weights", {}, async (page, go) => {
  await go(`?step=train&learningRate=3&decay=constant&trainingSteps=5000&${SMALL}#points`);
  await said(page, /^No trained network/);
  const start = page.locator("#points-start");
  await start.click();
  await errorAt(page, "learningRate", /^Training diverged: the loss of step \d+ was .*; the last good weights are kept: go on with a smaller learning rate\.$/);
  await said(page, /^Stopped\. The weights of step \d+ are kept/);
  assert.equal(await start.textContent(), "Train again", "with the same rate it would only diverge again");
});

pageTest("after divergence, training resumes from the last good weights with a smaller learning rate", {}, async (page, go) => {
  await go(`?step=train&learningRate=3&decay=constant&trainingSteps=1000&${SMALL}#points`);
  await said(page, /^No trained network/);
  await page.evaluate(async () => {
    const { Trainer } = await import("/tweedie/worker.js");
    window.calls = [];
    for (const [owner, name] of [[Trainer, "create"], [Trainer.prototype, "setLearningRate"]]) {
      const before = owner[name];
      owner[name] = function (...values) { window.calls.push(name); return before.apply(this, values); };
    }
  });
  const start = page.locator("#points-start");
  await start.click();
  await said(page, /^Stopped/);
  await page.locator("#points-learningRate").fill("0.001");
  assert.equal(await start.textContent(), "Resume");
  await start.click();
  await page.locator("#points-learningRate-error").waitFor({ state: "hidden" });
  await said(page, /^1000 steps in/);
  assert.deepEqual(await page.evaluate(() => window.calls), ["create", "setLearningRate"]);
});

pageTest("without WebGPU its selection shows an error, and the CPU still works", {}, async (page, go) => {
  await go(`?step=train&device=webgpu&${SMALL}#points`);
  await said(page, /^No trained network/);
  await page.locator("#points-start").click();
  await errorAt(page, "device", /WebGPU/);
  await choose(page, "CPU");
  await page.locator("#points-start").click();
  await said(page, /^400 steps in/);
});

pageTest("the lab works with the keyboard: data, training, sampling", {}, async (page, go) => {
  await go(`?${SMALL}#points`);
  await summarised(page, /^Two moons/);
  await page.locator(".way input:checked").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await summarised(page, /training points/);
  await page.locator("#points-start").focus();
  await page.keyboard.press("Enter");
  await said(page, /^400 steps in/);
  await page.locator(".way input:checked").focus();
  await page.keyboard.press("ArrowRight");
  await summarised(page, /samples of the trained network\. DDIM: 50 evaluations/);
  await page.locator('input[name="samplers"][value="heun"]').focus();
  await page.keyboard.press("Space");
  await summarised(page, /Heun: \d+ evaluations/);
});

pageTest("reduced motion: nothing moves by itself, and play still works", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await go("?points=300&count=100#points");
  await summarised(page, /^Two moons/);
  await frames(page, 30);
  const still = await picture(page, canvas(page));
  await frames(page, 30);
  assert.equal(await picture(page, canvas(page)), still);
  assert.equal(await page.locator("#points-scrub").inputValue(), "0");
  await page.getByRole("button", { name: "Play" }).click();
  await page.waitForFunction(() => { const { valueAsNumber } = document.querySelector("#points-scrub"); return valueAsNumber > 0 && valueAsNumber < 1; });
});

pageTest("a screen reader gets names, a summary of the plot and few announcements", {}, async (page, go) => {
  await page.addInitScript(() => {
    window.announced = [];
    addEventListener("DOMContentLoaded", () => {
      for (const status of document.querySelectorAll("#points [role=status]")) new MutationObserver(() => window.announced.push(status.textContent)).observe(status, { childList: true });
    });
  });
  await go(`?step=train&${SMALL}#points`);
  await said(page, /^No trained network/);
  await page.locator("#points-start").click();
  await said(page, /^400 steps in/);
  const announced = await page.evaluate(() => window.announced);
  assert.ok(announced.some((words) => /^400 steps in/.test(words)), announced.join("\n"));
  assert.ok(announced.length < 20, `it was announced ${announced.length} times`);
});
