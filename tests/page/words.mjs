// Glossary, formulas, and what a phone shows without scrolling.
import assert from "node:assert/strict";
import { figures, finished, frames, pageTest } from "./support.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const LABS = {
  images: "?steps=1&count=1&device=cpu#images", compare: "?samplers=ddim&steps=1&device=cpu#compare", distributions: "?speed=fast&count=1000#distributions", points: "?points=300&count=100&step=look#points", restore: "?steps=1&count=1&device=cpu#restore",
};
const term = (page, id, name) => page.locator(`#${id} [data-gloss="${name}"]:visible`).first();
const tip = (page) => page.locator("#gloss");

pageTest("a term shows its definition on hover and keyboard focus in every lab", {}, async (page, go) => {
  await go(LABS.points);
  await page.waitForFunction(() => /at time 300/.test(document.querySelector("#points-picture").getAttribute("aria-label")));
  const ideal = term(page, "points", "ideal-denoiser");
  await ideal.hover();
  assert.match(await tip(page).textContent(), /^The optimal denoiser/);
  assert.equal(await tip(page).isVisible(), true);
  assert.equal(await ideal.getAttribute("aria-describedby"), "gloss");
  await page.mouse.move(0, 0);
  assert.equal(await tip(page).isVisible(), false);
  await ideal.focus();
  assert.equal(await tip(page).isVisible(), true);
  await page.keyboard.press("Escape");
  assert.equal(await tip(page).isVisible(), false);
  for (const [id, link] of Object.entries(LABS)) {
    await go(link);
    await page.locator(`#${id} .gloss`).first().waitFor({ state: "attached" });
  }
});

pageTest("a tap opens a definition within the screen, and a tap elsewhere closes it", { context: PHONE }, async (page, go) => {
  await go(LABS.distributions);
  await term(page, "distributions", "kolmogorov-smirnov").tap();
  assert.equal(await tip(page).isVisible(), true);
  const { x, y, width, height } = await tip(page).boundingBox();
  assert.ok(x >= 0 && y >= 0 && x + width <= 390 && y + height <= 844);
  await page.locator("#distributions-samples-value").tap();
  assert.equal(await tip(page).isVisible(), false);
});

pageTest("formulas use the shipped font, and none is cut off at any width", {}, async (page, go) => {
  for (const [id, link] of Object.entries({ home: "", ...LABS })) {
    await go(link);
    if (id === "images") await finished(page);
    await page.locator(`#${id} math`).first().waitFor({ state: "attached" });
    for (const width of [320, 390, 700, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await frames(page, 3);
      const cut = await page.locator(`#${id} math[display=block]:visible`).evaluateAll((all) => all
        .filter((math) => math.getBoundingClientRect().width > math.parentElement.clientWidth + 1)
        .map((math) => math.textContent.replace(/\s+/g, "")));
      assert.deepEqual(cut, [], `${id}, ${width}`);
    }
    assert.equal(await page.evaluate(async () => (await document.fonts.load('16px "Tweedie Math"', "𝑥")).length), 1);
  }
});

pageTest("a phone shows the training controls and status without scrolling, at every step", { context: PHONE }, async (page, go) => {
  await go("?points=300&count=100#points");
  await figures(page, /^No trained network/, "points-figures");
  for (const step of ["data", "forward", "train", "sample", "look"]) {
    await page.locator(`.way input[value="${step}"]`).check();
    for (const id of ["points-start", "points-figures"]) {
      const { top, bottom } = await page.locator(`#${id}`).evaluate((element) => element.getBoundingClientRect());
      assert.ok(top >= 0 && bottom <= 844, `${id} at ${step}`);
    }
  }
});

pageTest("a phone shows the buttons and the first numbers of a distribution without scrolling", { context: PHONE }, async (page, go) => {
  await go(LABS.distributions);
  await figures(page, /^1,000$/, "distributions-samples-value");
  for (const id of ["distributions-play", "distributions-samples-value", "distributions-test-value"]) {
    const { bottom } = await page.locator(`#${id}`).evaluate((element) => element.getBoundingClientRect());
    assert.ok(bottom <= 844, id);
  }
});

pageTest("settings that only apply to the next training are listed", {}, async (page, go) => {
  await go("?step=train&width=32&depth=2&trainingSteps=100&batch=64&points=300&count=100#points");
  await figures(page, /^No trained network/, "points-figures");
  const note = page.locator("#points-next");
  await page.locator("#points-learningRate").fill("0.01");
  assert.equal(await note.isHidden(), true, "without a network there is nothing to differ from");
  await page.locator("#points-start").click();
  await figures(page, /^100 steps in/, "points-figures");
  assert.equal(await note.isHidden(), true);
  await page.locator("#points-learningRate").fill("0.02");
  await page.locator("#points-trainingSteps").fill("200");
  assert.equal(await note.textContent(), "Applies to the next training: learning rate, training steps. The current network was trained with other values.");
  await page.locator("#points-learningRate").fill("0.01");
  await page.locator("#points-trainingSteps").fill("100");
  assert.equal(await note.isHidden(), true);
  await page.locator("#points summary", { hasText: "Optimiser" }).click();
  await page.getByRole("radio", { name: "WebGPU", exact: true }).check();
  assert.match(await note.textContent(), /^Applies to the next training: device\./);
});

pageTest("time has the same direction and cursor in every view of the 2-D lab", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await go("?points=300&count=100&step=forward&time=0.25#points");
  const scrub = page.locator("#points-scrub");
  for (const [step, setUp] of [
    ["data", async () => {}], ["forward", () => page.locator('input[name="dimensions"][value="2"]').check()], ["forward", () => page.locator('input[name="dimensions"][value="1"]').check()],
    ["sample", async () => {}], ["look", async () => {}],
  ]) {
    await page.locator(`.way input[value="${step}"]`).check();
    await setUp();
    // Where all noise is to the right, all signal is to the left.
    await page.waitForFunction(() => /^M0 1L0 0(\.0+\d*)?L/.test(document.querySelector("#points-signal").getAttribute("d") ?? ""));
    await scrub.fill("1");
    await figures(page, /t = 999/, "points-level");
    await scrub.fill("0");
    await figures(page, /clean|t = 0/, "points-level");
  }
  await scrub.fill("0.75");
  await page.locator('.way input[value="forward"]').check();
  await page.locator('input[name="dimensions"][value="2"]').check();
  await page.waitForFunction(() => document.querySelector("#points-scrub").value === "0.75");
});
