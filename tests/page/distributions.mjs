// The distributions lab: sampling of every target by inverse transform and rejection, as a user would.
import assert from "node:assert/strict";
import { FIRST_DRAWING } from "../../www/distributions/targets.js";
import { writeHeights } from "../../www/distributions/written.js";
import { changed, choose, figures, frames, pageTest, PATIENCE, picture, problem as problemAt } from "./support.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const CALM = { reducedMotion: "reduce" };
const PREFIX = "distributions-";
/** Settings with which a run ends immediately. */
const QUICK = "speed=fast&count=1000";

const go = (open, query) => open(`?${query}#distributions`);
const part = (page, id) => page.locator(`#${PREFIX}${id}`);
const said = (page, id, pattern) => figures(page, pattern, `${PREFIX}${id}`);
const problem = (page, place) => problemAt(page, `${PREFIX}${place}`);

/** Waits until the address, which is updated with a delay, has a value of this form, and returns it. */
async function addressed(page, name, pattern) {
  const found = await page.waitForFunction(([name, source]) => {
    const value = new URLSearchParams(location.search).get(name);
    return value !== null && new RegExp(source).test(value) && { value };
  }, [name, pattern.source]);
  return (await found.jsonValue()).value;
}

/** Waits until the address has exactly this value. */
const addressIs = (page, name, value) => addressed(page, name, new RegExp(`^${value.replace(/[.^|]/g, "\\$&")}$`));

const canvas = (page) => part(page, "picture");
const summary = (page) => canvas(page).getAttribute("aria-label");
const shown = async (page) => Number((await part(page, "samples-value").textContent()).replaceAll(",", ""));

/** Waits until a run has ended and was tested. */
async function over(page, count = "1,000") {
  await page.waitForFunction(([id, count]) => document.getElementById(id).getAttribute("aria-label").includes(`: ${count} samples, `), [`${PREFIX}picture`, count], { timeout: PATIENCE });
}

/** Waits until a new sample is shown. */
const moving = (page) => page.waitForFunction((id) => Number(document.getElementById(id).textContent.replaceAll(",", "")) >= 1, `${PREFIX}samples-value`);

/** Waits until the plot is drawn. */
const drawn = (page) => frames(page, 2);

/** Sets a slider like a key press. */
async function slide(page, name, value) {
  await page.locator(`#distributions-settings input[name="${name}"]`).evaluate((slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);
}

const TARGETS = ["Uniform", "Normal", "Exponential", "Triangular", "Cauchy", "⅜ x²", "Mixture", "Drawn", "Formula", "Discrete"];
/** Targets and proposals have chips with the same names. */
const target = (page, name) => part(page, "targets").getByRole("radio", { name, exact: true }).check();
const propose = (page, name) => part(page, "proposals").getByRole("radio", { name, exact: true }).check();

pageTest("the lab opens with an animation, one sample at a time", {}, async (page, open) => {
  await go(open, "");
  await moving(page);
  await changed(page, await picture(page, canvas(page)), canvas(page));
  assert.ok((await shown(page)) < 100);
  await page.waitForFunction((id) => Number(document.getElementById(id).textContent.replaceAll(",", "")) > 30, `${PREFIX}samples-value`);
  assert.match(await page.title(), /^Distributions/);
  await page.getByRole("button", { name: "Pause" }).click();
  const paused = await shown(page);
  await frames(page, 10);
  assert.equal(await shown(page), paused);
});

pageTest("every target can be sampled by inverse transform, and the samples fit", {}, async (page, open) => {
  await go(open, `${QUICK}&target=normal`);
  for (const name of TARGETS) {
    await target(page, name);
    await page.waitForFunction(([id, start]) => document.getElementById(id).getAttribute("aria-label").startsWith(start), [`${PREFIX}picture`, `Inverse transform, target ${name}: 1,000 samples`]);
    assert.match(await part(page, "test-note").textContent(), /^p-value 0\.\d+.*(consistent|doubtful)$/, name);
    assert.equal(await page.locator("#distributions .error:visible").count(), 0, name);
    assert.match(await part(page, "mean-note").textContent(), name === "Cauchy" ? /undefined/ : /^exact /);
    assert.match(await part(page, "speed-value").textContent(), /\d/);
  }
});

pageTest("every target can be sampled by rejection from its default proposal, at the rate 1/c", {}, async (page, open) => {
  await go(open, `${QUICK}&method=rejection&target=normal`);
  for (const name of TARGETS) {
    await target(page, name);
    await page.waitForFunction(([id, start]) => document.getElementById(id).getAttribute("aria-label").startsWith(start), [`${PREFIX}picture`, `Rejection, target ${name}: 1,000 samples`]);
    assert.match(await part(page, "test-note").textContent(), /(consistent|doubtful)$/, name);
    const measured = parseFloat(await part(page, "acceptance-value").textContent());
    const exact = parseFloat((await part(page, "acceptance-note").textContent()).replace("exact 1/c = ", ""));
    assert.ok(Math.abs(measured - exact) < 6, `${name}: ${measured} % instead of ${exact} %`);
  }
});

pageTest("a proposal that cannot cover its target shows an error, and the lab keeps working", {}, async (page, open) => {
  await go(open, `${QUICK}&method=rejection&target=cauchy&proposal=laplace`);
  assert.match(await problem(page, "proposal"), /No c makes c·q an envelope/);
  assert.match(await summary(page), /^No samples/);
  await page.locator("#distributions-settings").getByRole("radio", { name: "By hand" }).last().check();
  await slide(page, "c", 4);
  await over(page);
  assert.equal(await part(page, "proposal-error").isHidden(), true);
  await choose(page, "Inverse transform");
  await over(page);
});

pageTest("a run that would never end shows an error at c", {}, async (page, open) => {
  await go(open, "speed=fast&count=10000000&method=rejection&target=normal&envelope=hand&c=900");
  assert.match(await problem(page, "c"), /proposals/);
  await part(page, "count").selectOption("1000");
  await over(page);
  assert.equal(await part(page, "c-error").isHidden(), true);
});

pageTest("an envelope that is too low is marked, with the density actually sampled", {}, async (page, open) => {
  await go(open, "speed=fast&count=100000&method=rejection&target=power&envelope=hand&c=3");
  await over(page, "100,000");
  assert.equal(await part(page, "broken").isHidden(), true);
  assert.match(await part(page, "test-note").textContent(), /(consistent|doubtful)$/);
  await slide(page, "c", 2);
  await said(page, "test-note", /below 0\.001: not from p/);
  assert.match(await part(page, "c-hint").textContent(), /at most 3.* too low at x = 1\.6\d to 2.*% in total variation/);
  assert.equal(await part(page, "broken").isVisible(), true);
  assert.match(await page.locator("#distributions-formulas-shown").textContent(), /Envelope too low/);
  await addressIs(page, "c", "2");
});

pageTest("the envelope can be dragged", {}, async (page, open) => {
  await go(open, `${QUICK}&method=rejection&target=power`);
  await over(page);
  const { x, y, width, height } = await canvas(page).boundingBox();
  // c·q is level, and almost as high as the panel.
  const [across, top] = [x + width / 2, y + 0.07 * height];
  let held = null;
  for (let down = top; down < top + 60 && held === null; down += 4) {
    await page.mouse.move(across, down);
    if ((await canvas(page).evaluate((element) => element.style.cursor)) === "ns-resize") held = down;
  }
  assert.notEqual(held, null, "the envelope is not found");
  await page.mouse.down();
  await page.mouse.move(across, held + 80, { steps: 4 });
  await page.mouse.up();
  await addressIs(page, "envelope", "hand");
  await addressed(page, "c", /^(1|2\.[0-6]|2$)/); // below 2.7
  assert.match(await part(page, "c-hint").textContent(), /too low/);
});

pageTest("a formula error shows its position, and the corrected formula is sampled", {}, async (page, open) => {
  await go(open, `${QUICK}&target=formula`);
  await over(page);
  const source = part(page, "source");
  await source.fill("exp(-x^2) $ 2");
  assert.notEqual(await problem(page, "source"), "");
  assert.equal(await source.getAttribute("aria-invalid"), "true");
  const [repeated, caret] = (await part(page, "source-caret").textContent()).split("\n");
  assert.equal(repeated, "exp(-x^2) $ 2");
  assert.equal(caret, `${" ".repeat(10)}^`);
  await source.fill("x");
  assert.match(await problem(page, "source"), /not below 0 at x = −?-?\d/);
  assert.equal(await part(page, "source-caret").isHidden(), true);
  await source.fill("x^2");
  await over(page);
  assert.equal(await part(page, "source-error").isHidden(), true);
  await addressIs(page, "source", "x^2");
  await slide(page, "formula-low", 4);
  assert.match(await problem(page, "formula-high"), /^High must be/);
});

pageTest("the bars of a discrete target can be dragged, added and removed", {}, async (page, open) => {
  await go(open, `${QUICK}&target=discrete&weights=50,50`);
  await over(page);
  const bar = part(page, "weights").getByRole("slider").first();
  await bar.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await bar.locator(".bar").boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height * 0.9, { steps: 3 });
  await page.mouse.up();
  await addressed(page, "weights", /^([89]|1[012]),50$/);
  await page.getByRole("button", { name: "Add outcome" }).click();
  await addressed(page, "weights", /^[^,]+,[^,]+,[^,]+$/);
  await page.getByRole("button", { name: "Remove last" }).click();
  assert.equal(await page.getByRole("button", { name: "Remove last" }).isDisabled(), true);
  for (const index of [0, 1]) {
    await part(page, "weights").getByRole("slider").nth(index).focus();
    await page.keyboard.press("Home");
  }
  await addressIs(page, "weights", "0,0");
  assert.match(await problem(page, "weights"), /^Weights must/);
  await page.keyboard.press("PageUp");
  await over(page);
  assert.equal(await part(page, "mean-value").textContent(), "2.00");
});

pageTest("a density can be drawn with pointer and keys, smoothed and cleared", {}, async (page, open) => {
  await go(open, `${QUICK}&target=drawn`);
  await over(page);
  await page.getByRole("button", { name: "Clear" }).click();
  assert.match(await problem(page, "drawing"), /^Heights must/);
  await addressed(page, "drawing", /^0{61}$/);
  const pad = part(page, "pad");
  const { x, y, width, height } = await pad.boundingBox();
  await page.mouse.move(x + 0.2 * width, y + 0.8 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.5 * width, y + 0.2 * height);
  await page.mouse.move(x + 0.8 * width, y + 0.8 * height);
  await page.mouse.up();
  await over(page);
  assert.equal(await part(page, "drawing-error").isHidden(), true);
  await addressed(page, "drawing", /^.{15}[^0]{31}/); // what lies between two places of the pointer is drawn, too
  assert.ok(Math.abs(parseFloat((await part(page, "mean-value").textContent()).replace("−", "-"))) < 0.3);

  await pad.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  for (let press = 0; press < 4; press++) await page.keyboard.press("ArrowUp");
  assert.equal(await pad.getAttribute("aria-valuetext"), "height 12 of 63 at x = −2.9");
  await addressed(page, "drawing", /^.c/);
  await page.getByRole("button", { name: "Smooth" }).click();
  await addressed(page, "drawing", /^363/);
});

pageTest("components of a mixture can be changed, added and removed", {}, async (page, open) => {
  await go(open, `${QUICK}&target=mixture`);
  await over(page);
  await page.getByRole("button", { name: "Add a component" }).click();
  await addressed(page, "components", /^[^,]+,[^,]+,[^,]+$/);
  const mean = part(page, "components").getByLabel("Mean").nth(2);
  await mean.focus();
  await page.keyboard.press("End");
  await addressed(page, "components", /,0\.5:5:0\.5$/);
  await over(page);
  await page.getByRole("button", { name: "Remove component 1" }).click();
  await page.getByRole("button", { name: "Remove component 1" }).click();
  await addressIs(page, "components", "0.5:5:0.5");
  assert.equal(await page.getByRole("button", { name: "Remove component 1" }).isDisabled(), true);
  await over(page);
  assert.match(await part(page, "mean-note").textContent(), /^exact 5\.00/);
});

pageTest("contradictory parameters show an error at one of them", {}, async (page, open) => {
  await go(open, `${QUICK}&target=uniform`);
  await over(page);
  await slide(page, "uniform-low", 3);
  assert.match(await page.locator("#distributions-parameters .error:visible").textContent(), /\blow\b/);
  await slide(page, "uniform-low", 0);
  await over(page);
  assert.equal(await page.locator("#distributions .error:visible").count(), 0);
});

const LINKS = [
  "target=discrete&weights=5,0,40&count=1000&seed=7&speed=fast",
  `target=drawn&drawing=${"0".repeat(20)}${"1aZ-_".repeat(4)}${"9".repeat(21)}&count=1000&seed=7&speed=fast`,
  "target=formula&formula-low=0&formula-high=2.5&source=1+%2B+sin%283*x%29&count=10000&seed=7&speed=fast",
  "method=rejection&target=normal&normal-mean=1.5&normal-sd=0.4&envelope=hand&c=1.5&proposal=laplace&fit=hand&q-laplace-location=1&q-laplace-scale=0.5&count=1000&seed=7&speed=fast",
];

for (const link of LINKS) {
  const names = new URLSearchParams(link);
  pageTest(`a link restores the ${names.get("target")} target and reproduces its samples`, {}, async (page, open) => {
    const count = Number(names.get("count")).toLocaleString("en");
    await go(open, link);
    await over(page, count);
    // The address is written with a delay.
    await page.waitForFunction((count) => new URLSearchParams(location.search).size === count, names.size);
    assert.deepEqual(Object.fromEntries(new URL(page.url()).searchParams), Object.fromEntries(names));
    const before = await summary(page);
    await page.reload();
    await over(page, count);
    assert.equal(await summary(page), before);
    await part(page, "seed").fill("8");
    await page.waitForFunction(([id, before]) => {
      const now = document.getElementById(id).getAttribute("aria-label");
      return now !== before && /p-value/.test(now);
    }, [`${PREFIX}picture`, before]);
  });
}

pageTest("u can be chosen by a slider and along its axis", {}, async (page, open) => {
  await go(open, "target=normal&speed=growing");
  await moving(page);
  const slider = part(page, "u");
  await slider.focus();
  await slider.fill("0.975");
  await said(page, "u-output", /^F⁻¹\(0\.975\) = 1\.96$/);
  await page.getByRole("button", { name: "Play" }).waitFor();
  await drawn(page);
  const shown = await picture(page, canvas(page));
  await page.keyboard.press("End");
  await said(page, "u-output", /^F⁻¹\(1\.000\) = ∞$/);
  await drawn(page);
  assert.notEqual(await picture(page, canvas(page)), shown);
  const { x, y, height } = await canvas(page).boundingBox();
  await page.mouse.move(x + 50, y + height * 0.1);
  await page.mouse.down();
  await page.mouse.move(x + 50, y + height * 0.3);
  await page.mouse.up();
  await said(page, "u-output", /^F⁻¹\(0\.[4-7]\d\d\) = [−\d.]+$/);
});

pageTest("invalid values in a link are reported, and the valid ones are used", {}, async (page, open) => {
  await go(open, `${QUICK}&target=normal&normal-sd=-1&seed=x&weights=a&proposal=cosine`);
  await over(page);
  assert.match(await problem(page, "normal-sd"), /“-1” here, but this must be a number from 0.1 to 3. Using 1/);
  assert.match(await problem(page, "seed"), /“x”/);
  await page.waitForFunction(() => !new URLSearchParams(location.search).has("normal-sd"));
});

pageTest("the copied link is the address", { context: { permissions: ["clipboard-read", "clipboard-write"] } }, async (page, open) => {
  await go(open, QUICK);
  await over(page);
  await part(page, "seed").fill("12");
  await part(page, "seed").fill("123");
  await part(page, "copy").click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, page.url());
  assert.match(copied, /seed=123\b/);
});

pageTest("targets and the envelope can be changed with the keyboard", {}, async (page, open) => {
  await go(open, `${QUICK}&target=normal&method=rejection&envelope=hand&c=2`);
  await over(page);
  await part(page, "c").focus();
  for (let press = 0; press < 3; press++) await page.keyboard.press("ArrowLeft");
  await addressIs(page, "c", "1.97");
  await over(page);
  await part(page, "targets").getByRole("radio", { name: "Normal" }).focus();
  await page.keyboard.press("ArrowRight");
  await addressIs(page, "target", "exponential");
  await over(page);
});

pageTest("single steps work, Escape pauses, and Restart restarts", {}, async (page, open) => {
  await go(open, "target=normal&speed=growing&seed=3");
  await moving(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Play" }).waitFor();
  const before = await shown(page);
  await part(page, "step").click();
  await page.waitForFunction(([id, count]) => Number(document.getElementById(id).textContent) === count, [`${PREFIX}samples-value`, before + 1]);
  await frames(page, 15);
  assert.equal(await shown(page), before + 1);
  await part(page, "restart").click();
  assert.ok((await shown(page)) <= before);
  await page.getByRole("button", { name: "Pause" }).waitFor();
});

pageTest("Escape stops a run and keeps its samples", {}, async (page, open) => {
  await go(open, "target=normal&method=rejection&envelope=hand&c=90&count=10000000&speed=fast");
  await said(page, "samples-note", /^of 10,000,000, in progress$/);
  await page.keyboard.press("Escape");
  await said(page, "samples-note", /^of [\d,]{5,6}$/);
  await page.getByRole("button", { name: "Play" }).click();
  await page.waitForFunction(([value, note]) => {
    const text = (id) => document.getElementById(id).textContent;
    return `of ${text(value)}` === text(note);
  }, [`${PREFIX}samples-value`, `${PREFIX}samples-note`]);
});

pageTest("ten million samples are drawn without blocking the page", {}, async (page, open) => {
  await go(open, "target=normal&method=rejection&speed=fast&count=1000");
  await over(page);
  await page.evaluate((note) => {
    window.frames = 0;
    const watch = () => {
      if (document.getElementById(note).textContent.endsWith("in progress")) window.frames++;
      requestAnimationFrame(watch);
    };
    watch();
  }, `${PREFIX}samples-note`);
  await part(page, "count").selectOption("10000000");
  await over(page, "10,000,000");
  assert.ok((await page.evaluate(() => window.frames)) >= 3, "the page stood still");
  assert.equal(await part(page, "samples-value").textContent(), "10,000,000");
  assert.equal(await part(page, "basis").textContent(), "Test, mean and variance use all 10,000,000 samples shown.");
  for (const width of [360, 800, 1280, 2000]) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await page.locator(".numbers dd:visible").evaluateAll((all) => all.filter((value) => value.scrollWidth > value.clientWidth).map(({ textContent }) => textContent)), [], String(width));
  }
  assert.match(await part(page, "test-note").textContent(), /consistent|doubtful/);
});

pageTest("reduced motion: the animation only starts on request", { context: CALM }, async (page, open) => {
  await go(open, "target=mixture&count=1000");
  await over(page);
  const before = await picture(page, canvas(page));
  await frames(page, 15);
  assert.equal(await picture(page, canvas(page)), before);
  await page.getByRole("button", { name: "Play" }).click();
  await page.waitForFunction((id) => Number(document.getElementById(id).textContent.replaceAll(",", "")) < 100, `${PREFIX}samples-value`);
});

pageTest("a screen reader gets occasional announcements", {}, async (page, open) => {
  await go(open, QUICK);
  await over(page);
  assert.match(await part(page, "announcement").textContent(), /^Inverse transform, target Mixture: [\d,]+ samples, Kolmogorov–Smirnov statistic 0\.\d+, p-value 0\.\d+\.$/);
});

pageTest("touch draws and drags bars", { context: PHONE }, async (page, open) => {
  await go(open, `${QUICK}&target=discrete&weights=50,50`);
  await over(page);
  const bar = part(page, "weights").getByRole("slider").first();
  await bar.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await bar.locator(".bar").boundingBox();
  await page.touchscreen.tap(x + width / 2, y + height * 0.1);
  await addressed(page, "weights", /^(8[89]|9[012]),50$/);
  await target(page, "Drawn");
  const pad = part(page, "pad");
  await pad.scrollIntoViewIfNeeded();
  const before = writeHeights(FIRST_DRAWING);
  const place = await pad.boundingBox();
  await page.touchscreen.tap(place.x + place.width / 2, place.y + 0.2 * place.height);
  const after = await addressed(page, "drawing", new RegExp(`^(?!${before}$)`));
  assert.deepEqual([...after].filter((letter, index) => letter !== before[index]).length, 1);
});

pageTest("the plot has the screen's resolution and follows its size", { context: { deviceScaleFactor: 2 } }, async (page, open) => {
  await go(open, QUICK);
  await over(page);
  const sizes = () => canvas(page).evaluate(({ width, height, clientWidth, clientHeight }) => [width / clientWidth, height / clientHeight, clientWidth]);
  const [across, down, wide] = await sizes();
  assert.deepEqual([across, down], [2, 2]);
  await page.setViewportSize({ width: 700, height: 700 });
  await page.waitForFunction(([id, wide]) => document.getElementById(id).clientWidth < wide, [`${PREFIX}picture`, wide]);
  await frames(page, 2);
  const [, , narrow] = await sizes();
  assert.ok(narrow < wide);
  assert.deepEqual((await sizes()).slice(0, 2), [2, 2]);
  const isBlank = await canvas(page).evaluate((element) => !element.getContext("2d").getImageData(0, 0, element.width, element.height).data.some(Boolean));
  assert.equal(isBlank, false);
});

pageTest("the plot follows changes of the page's colours", {}, async (page, open) => {
  await go(open, QUICK);
  await over(page);
  await page.emulateMedia({ colorScheme: "light" });
  await frames(page, 2);
  const light = await picture(page, canvas(page));
  await page.emulateMedia({ colorScheme: "dark" });
  await changed(page, light, canvas(page));
});
