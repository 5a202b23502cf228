// The restore lab.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MODELS } from "./host.mjs";
import { changed, choose, figures, frames, pageTest, pixelsOfPng, problem, query } from "./support.mjs";

const PHONE = { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } };
/** Few evaluations, on the CPU. */
const QUICK = "steps=3&count=2&device=cpu";
/** Waits until the status matches; the lab fills its section itself. */
async function status(page, pattern) {
  await page.locator("#restore-figures").waitFor({ state: "attached" });
  return figures(page, pattern, "restore-figures");
}

const finished = (page) => status(page, /steps? in /);
const forget = (page) => page.locator("#restore-figures").evaluate((line) => (line.textContent = ""));
const answer = (page, index) => page.locator("#restore-answers canvas").nth(index);
const pad = (page) => page.locator("#restore-pad");
const label = (page, id) => page.locator(`#restore-${id}`).getAttribute("aria-label");

/** The red channel of a canvas of the lab, pixel by pixel of the picture, row by row. */
const redOf = (canvas, side) => canvas.evaluate((canvas, side) => {
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const scale = width / side;
  return Array.from({ length: side * side }, (_, at) => data[4 * (Math.floor((Math.floor(at / side) + 0.5) * scale) * width + Math.floor(((at % side) + 0.5) * scale))]);
}, side);

/** The grey levels of a shipped test digit. */
async function testDigit(page, digit) {
  const { data, width } = await pixelsOfPng(page, await readFile(join(MODELS, "../restore/digits.png")));
  return Array.from({ length: 28 * 28 }, (_, at) => data[4 * (Math.floor(at / 28) * width + 28 * digit + (at % 28))]);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

pageTest("the lab opens on a picture that is restored, with the residual beside the noise level", {}, async (page, go) => {
  await go(`?${QUICK}&steps=12#restore`);
  const noise = await changed(page, "", answer(page, 0));
  await changed(page, noise, answer(page, 0));
  await finished(page);
  assert.equal(await page.locator("#restore-answers canvas").count(), 2);
  const [, residual] = (await page.locator("#restore-residual").textContent()).match(/^residual (\d\.\d+) ± .* · noise level 0\.05$/);
  assert.ok(Number(residual) > 0.01 && Number(residual) < 0.3, residual);
  assert.match(await label(page, "residual-plot"), /^Residual 0\.\d+, noise level 0\.05\.$/);
  assert.match(await label(page, "easel"), /^The picture: the digit 3\.$/);
  assert.match(await label(page, "std"), /^The standard deviation of 2 answers for the digit 3: painted over\. The largest is [0-2]\.\d\d\.$/);
  assert.match(await page.locator("#restore-about-formula math").textContent(), /p\(x0\|y\)∝p\(x0\)·p\(y\|x0\)/);
});

pageTest("without noise, every answer is the picture where that is seen, and not where it is hidden", {}, async (page, go) => {
  await go(`?${QUICK}&steps=8&lost=half&side=bottom&noise=0&method=replacement&test=3#restore`);
  await finished(page);
  const digit = await testDigit(page, 3);
  const answers = [await redOf(answer(page, 0), 28), await redOf(answer(page, 1), 28)];
  for (const values of answers) {
    const difference = values.map((value, at) => Math.abs(value - digit[at]));
    assert.ok(Math.max(...difference.slice(0, 14 * 28)) <= 2, `${Math.max(...difference.slice(0, 14 * 28))}`);
    assert.ok(mean(difference.slice(14 * 28)) > 4, "the hidden half is not copied");
  }
  assert.notDeepEqual(answers[0], answers[1]);
  // The mean of two answers, and no standard deviation where both are the same.
  const shown = await redOf(page.locator("#restore-mean"), 28);
  assert.ok(shown.every((value, at) => Math.abs(value - (answers[0][at] + answers[1][at]) / 2) <= 3));
});

pageTest("low resolution is the mean of blocks, and the answers fit it", {}, async (page, go) => {
  await go(`?${QUICK}&steps=20&lost=pixels&factor=4&noise=0&method=ddrm&test=2#restore`);
  await finished(page);
  const digit = await testDigit(page, 2);
  const block = (values, row, column) => mean(Array.from({ length: 16 }, (_, at) => values[(4 * row + Math.floor(at / 4)) * 28 + 4 * column + (at % 4)]));
  const observed = await redOf(page.locator("#restore-observed"), 7);
  const restored = await redOf(answer(page, 0), 28);
  const blocks = (values) => Array.from({ length: 49 }, (_, at) => block(values, Math.floor(at / 7), at % 7));
  const [of, to] = [blocks(digit), blocks(restored)];
  assert.ok(observed.every((value, at) => Math.abs(value - of[at]) <= 1));
  // Values outside of the range of the pixels are clipped, so the means differ a little.
  const [difference, deviation] = [mean(of.map((value, at) => Math.abs(value - to[at]))), mean(of.map((value) => Math.abs(value - mean(of))))];
  assert.ok(difference < deviation / 5, `${difference} of ${deviation}`);
});

pageTest("painting hides pixels, starts a new run, and the link restores mask and answers", {}, async (page, go) => {
  await go(`?${QUICK}&lost=blur&noise=0#restore`);
  await finished(page);
  await forget(page);
  const { x, y, width, height } = await pad(page).boundingBox();
  await page.mouse.move(x + 0.1 * width, y + 0.2 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.9 * width, y + 0.2 * height, { steps: 5 });
  await page.mouse.up();
  await finished(page);
  assert.ok(await page.getByRole("radio", { name: "Painted over" }).isChecked(), "painting chooses what was lost");
  const { mask } = query(page);
  assert.match(mask, /^28x28_/);
  const alpha = await page.locator("#restore-observed").evaluate((canvas) => {
    const at = (u, v) => [...canvas.getContext("2d").getImageData(Math.floor(u * canvas.width), Math.floor(v * canvas.height), 1, 1).data];
    return [at(0.5, 0.2)[3], at(0.3, 0.6)[3]];
  });
  assert.deepEqual(alpha, [0, 255], "only the stroke of the mouse is hidden");
  const shown = await redOf(answer(page, 1), 28);
  await page.reload();
  await finished(page);
  assert.equal(query(page).mask, mask);
  assert.deepEqual(await redOf(answer(page, 1), 28), shown);
});

pageTest("the brush works with the keyboard, shows what was hidden, and an empty mask is refused beside it", {}, async (page, go) => {
  await go(`?${QUICK}#restore`);
  await finished(page);
  await page.getByRole("button", { name: "Clear" }).click();
  assert.match(await problem(page, "restore-mask"), /mask must be/);
  await forget(page);
  await pad(page).focus();
  for (const key of ["ArrowUp", "Shift+ArrowLeft", "Space"]) await page.keyboard.press(key);
  await finished(page);
  assert.equal(await page.locator("#restore-mask-error:visible").count(), 0);
  const hidden = query(page).mask;
  await forget(page);
  await page.getByRole("radio", { name: "Show" }).check();
  await pad(page).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await finished(page);
  assert.notEqual(query(page).mask, hidden);
});

pageTest("a finger paints on the picture, and scrolls the page beside it", PHONE, async (page, go) => {
  await go(`?${QUICK}#restore`);
  await finished(page);
  const touch = await page.context().newCDPSession(page);
  async function swipe(box, left, top) {
    const start = { x: box.x + left * box.width, y: box.y + top * box.height };
    for (const [type, moved] of [["touchStart", 0], ...[20, 40, 60].map((moved) => ["touchMove", moved]), ["touchEnd"]]) {
      await touch.send("Input.dispatchTouchEvent", { type, touchPoints: moved === undefined ? [] : [{ x: start.x, y: start.y - moved }] });
      await frames(page, 2);
    }
  }
  await swipe(await pad(page).boundingBox(), 0.5, 0.8);
  await page.waitForFunction(() => new URLSearchParams(location.search).has("mask"));
  assert.equal(await page.evaluate(() => scrollY), 0);
  await swipe(await page.locator("#restore-answers").boundingBox(), 0.5, 0.9);
  await page.waitForFunction(() => scrollY > 0);
});

pageTest("methods that do not support the operator cannot be chosen, and one of a link is refused beside the methods", {}, async (page, go) => {
  await go(`?${QUICK}&lost=colours&method=ddrm#restore`);
  await status(page, /^Stopped/);
  assert.match(await problem(page, "restore-method"), /^Method must be one of dps for the operator quantise/);
  assert.ok(await page.getByRole("radio", { name: "ΠGDM" }).isDisabled());
  await forget(page);
  await choose(page, "DPS");
  await finished(page);
  assert.equal(await page.locator("#restore-method-error:visible").count(), 0);
  assert.ok(await page.locator("#restore-stepSize").isVisible());
  assert.ok(await page.locator("#restore-jumpLength").isHidden());
});

pageTest("what a link or a person misstates is said beside its control", {}, async (page, go) => {
  await go(`?${QUICK}&lost=everything&picture=file#restore`);
  await finished(page);
  assert.match(await problem(page, "restore-picture"), /link cannot contain a picture of your own/);
  assert.match(await problem(page, "restore-lost"), /value “everything” here, but this must be one of paint/);
  await page.locator("#restore-noise").fill("-1");
  assert.match(await problem(page, "restore-noise"), /must be a number from 0 to 2/);
  await page.locator("#restore-start").click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "restore-noise");
});

pageTest("settings that the model does not have are replaced, and named", {}, async (page, go) => {
  await go(`?${QUICK}&lost=grey&class=77#restore`);
  await finished(page);
  assert.match(await problem(page, "restore-lost"), /images of this model are grey/);
  assert.match(await problem(page, "restore-class"), /no class “77”. Using unknown/);
  assert.deepEqual([query(page).lost, query(page).class], [undefined, undefined]);
});

pageTest("a file is scaled to the model, and inverted if it is dark on light", {}, async (page, go) => {
  await go(`?${QUICK}&lost=half#restore`);
  await finished(page);
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(60, 60);
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 60, 60);
    context.fillStyle = "black";
    context.fillRect(26, 10, 8, 40);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  await forget(page);
  await page.locator("#restore-file").setInputFiles({ name: "one.png", mimeType: "image/png", buffer: Buffer.from(png) });
  await finished(page);
  assert.equal(await label(page, "easel"), "The picture: one.png.");
  assert.ok(await page.getByRole("checkbox", { name: "Invert light and dark" }).isChecked());
  const observed = await redOf(page.locator("#restore-observed"), 28);
  assert.ok(observed[7 * 28 + 14] > 200 && observed[7 * 28 + 3] < 60);
  await page.locator("#restore-file").setInputFiles({ name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  assert.match(await problem(page, "restore-picture"), /broken\.png is not a readable image/);
});

pageTest("a sample of the model can be restored, and another one drawn", {}, async (page, go) => {
  await go(`?${QUICK}&picture=sample&pictureSeed=5&model=tiles&lost=grey#restore`);
  await finished(page);
  assert.equal(await label(page, "easel"), "The picture: a sample of miscellany.");
  const before = await label(page, "easel");
  await forget(page);
  await page.getByRole("button", { name: "Draw another" }).click();
  await finished(page);
  assert.notEqual(await label(page, "easel"), before);
  assert.equal(query(page).pictureSeed, "6");
});

pageTest("a frame of the camera is taken and restored", { flags: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] }, async (page, go) => {
  await go(`?${QUICK}&lost=half#restore`);
  await finished(page);
  await forget(page);
  await choose(page, "Camera");
  await page.getByRole("button", { name: "Take the picture" }).click();
  await finished(page);
  assert.equal(await label(page, "easel"), "The picture: a frame of the camera.");
  assert.equal(await page.getByRole("button", { name: "Open the camera" }).count(), 1, "the camera is closed");
});

pageTest("a cancelled run leaves the answers as far as they came", {}, async (page, go) => {
  await go("?steps=300&count=2&device=cpu#restore");
  await status(page, /^Step [3-9] of/);
  await page.keyboard.press("Escape");
  await status(page, /^Cancelled after step \d+ of \d+\.$/);
  const shown = await redOf(answer(page, 0), 28);
  assert.ok(new Set(shown).size > 2);
  const scrub = page.locator("#restore-scrub");
  assert.ok(Number(await scrub.getAttribute("max")) >= 1);
  await scrub.fill("0");
  assert.notDeepEqual(await redOf(answer(page, 0), 28), shown, "the noise at the start");
});

pageTest("the chosen answer is beside the observation, and in the link", {}, async (page, go) => {
  await go(`?${QUICK}#restore`);
  await finished(page);
  const after = page.locator("#restore-divider .after");
  assert.deepEqual(await redOf(after, 28), await redOf(answer(page, 0), 28));
  await page.getByRole("radio", { name: "Answer 2" }).check();
  assert.deepEqual(await redOf(after, 28), await redOf(answer(page, 1), 28));
  assert.equal(query(page).answer, "2");
  await page.getByRole("slider", { name: "Line between" }).fill("20");
  assert.equal(await page.locator("#restore-divider").evaluate((frame) => frame.style.getPropertyValue("--at")), "20%");
});

pageTest("an anagram turns with a drag, with the keyboard and with the button", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await go(`?${QUICK}&view=anagram&upright=6&turned=9#restore`);
  await finished(page);
  const caption = page.locator("#restore-turn-caption");
  assert.match(await caption.textContent(), /^Upright: 6/);
  const { x, y, width, height } = await page.locator("#restore-turntable").boundingBox();
  await page.mouse.move(x + 0.1 * width, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 0.95 * width, y + height / 2, { steps: 4 });
  await page.mouse.up();
  assert.match(await caption.textContent(), /^Turned: 9/);
  assert.equal(await page.locator("#restore-turntable").evaluate((canvas) => canvas.style.transform), "rotate(180deg)");
  await page.getByRole("button", { name: "Turn it over" }).click();
  assert.match(await caption.textContent(), /^Upright: 6/);
  await page.getByRole("slider", { name: "Turn of the picture" }).focus();
  await page.keyboard.press("End");
  assert.match(await caption.textContent(), /^Turned: 9/);
  await forget(page);
  await choose(page, "mirror");
  await finished(page);
  assert.equal(await page.locator("#restore-turntable").evaluate((canvas) => canvas.style.transform), "rotateY(180deg)");
  assert.equal(query(page).turn, "flip-horizontal");
});

pageTest("a panorama is as wide as its windows", {}, async (page, go) => {
  await go(`?${QUICK}&view=panorama&windows=3&overlap=0.25&canvases=1&model=tiles#restore`);
  await finished(page);
  const [width, height] = await answer(page, 0).evaluate(({ width, height }) => [width, height]);
  assert.equal(width, 3 * height);
  assert.ok(await page.locator("#restore-lost-error").isHidden());
  assert.match(await page.locator("#restore-about-title").textContent(), /Larger than the network/);
});
