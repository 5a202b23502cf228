// Images, link and status of the images lab always belong to one run: after an edit it is redrawn or marked.
import assert from "node:assert/strict";
import { choose, figures, finished, forgetFigures, frames, picture, problem, query, stillTest as pageTest } from "./support.mjs";

const SMALL = "?sampler=ddim&steps=2&count=1&class=3&seed=1&device=cpu";
const CLIPBOARD = { context: { permissions: ["clipboard-read", "clipboard-write"] } };
const images = (page) => page.locator("#images");
const steps = (page) => images(page).getByLabel("Steps", { exact: true });
const summary = (page) => page.locator("#grid").getAttribute("aria-label");
const isMarked = async (page) => [await page.locator("#earlier").isVisible(), await page.locator("#start").evaluate((start) => start.classList.contains("due"))];

/** The settings in the copied link. */
async function copied(page) {
  await images(page).getByRole("button", { name: "Copy link" }).click();
  await images(page).getByRole("button", { name: "Copied" }).waitFor();
  return Object.fromEntries(new URL(await page.evaluate(() => navigator.clipboard.readText())).searchParams);
}

pageTest("an edit redraws the images automatically if that is quick, and updates the link", CLIPBOARD, async (page, go) => {
  await go(SMALL);
  await finished(page);
  const before = await picture(page);
  await forgetFigures(page);
  await images(page).getByLabel("Class", { exact: true }).selectOption("7");
  await finished(page);
  assert.match(await summary(page), /^1 sample of class 7/);
  assert.notEqual(await picture(page), before);
  assert.deepEqual(await isMarked(page), [false, false]);
  assert.equal((await copied(page)).class, "7");

  // The last of several edits counts.
  await forgetFigures(page);
  await page.locator("#sampler").selectOption("heun");
  await steps(page).fill("3");
  assert.match(await finished(page), /^5 steps in /);
  assert.deepEqual(await copied(page), query(page));
});

pageTest("otherwise the images are marked, and link and time still belong to them", CLIPBOARD, async (page, go) => {
  await go(SMALL);
  const time = (await finished(page)).match(/in (\S+ \S+)/)[1];
  const before = await picture(page);
  await steps(page).fill("1000");
  assert.equal(await page.locator("#figures").textContent(), "Settings changed. Press Start to redraw.");
  assert.equal(await page.locator("#earlier").textContent(), `Previous settings · 2 steps · ${time}`);
  assert.deepEqual(await isMarked(page), [true, true]);
  assert.equal(query(page).steps, "1000");
  assert.equal((await copied(page)).steps, "2");
  // Whatever is edited beside it.
  await images(page).getByLabel("Class", { exact: true }).selectOption("7");
  assert.deepEqual([(await copied(page)).steps, (await copied(page)).class], ["2", "3"]);
  await frames(page, 40);
  assert.equal(await picture(page), before);

  await images(page).getByLabel("Class", { exact: true }).selectOption("3");
  await steps(page).fill("2");
  assert.deepEqual(await isMarked(page), [false, false], "they are those of the settings again");
  assert.match(await page.locator("#figures").textContent(), /^2 steps in /);

  await steps(page).fill("900");
  await page.getByRole("button", { name: "Start" }).click();
  await figures(page, /^Step [1-9]/);
  assert.deepEqual(await isMarked(page), [false, false]);
  assert.equal((await copied(page)).steps, "900");
});

pageTest("if the new settings are invalid, the old images remain, marked", {}, async (page, go) => {
  await go(SMALL);
  await finished(page);
  await page.getByText("More options").click();
  await images(page).getByLabel("Timestep spacing").selectOption("Karras");
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "spacing"), /^Spacing must be one of/);
  assert.deepEqual(await isMarked(page), [true, true]);
  await forgetFigures(page);
  await images(page).getByLabel("Timestep spacing").selectOption("trailing");
  await finished(page);
  assert.deepEqual(await isMarked(page), [false, false]);
});

pageTest("the view does not affect the images, and results of other settings are cleared", CLIPBOARD, async (page, go) => {
  await go(`${SMALL}&measure=likelihood&likelihoodSteps=1`);
  await finished(page);
  await choose(page, "predicted x̂0");
  assert.deepEqual(await isMarked(page), [false, false]);
  assert.equal((await copied(page)).view, "clean");
  await page.getByText("Likelihood of the first image").click();
  await page.getByRole("button", { name: "Compute", exact: true }).click();
  await figures(page, /nats/, "likelihood-figures");
  await images(page).getByLabel("Probes").fill("2");
  assert.equal(await page.locator("#likelihood-figures").textContent(), "");
});

pageTest("a caption next to the image describes the current step and view", {}, async (page, go) => {
  await go(SMALL.replace("steps=2", "steps=5"));
  await finished(page);
  const caption = page.locator("#caption");
  assert.match(await caption.textContent(), /^No noise is left/);
  await page.locator("#scrub").fill("0");
  assert.match(await caption.textContent(), /^Every sample starts as pure Gaussian noise|still mostly noise/);
  await choose(page, "predicted x̂0");
  assert.match(await caption.textContent(), /estimate/);
  assert.equal(await caption.evaluate((caption) => caption.getBoundingClientRect().bottom <= innerHeight), true);
});
