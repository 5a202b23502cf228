// The compare lab: a grid of samplers and step counts from one noise.
import assert from "node:assert/strict";
import { PATIENCE, pageTest } from "./support.mjs";

const LINK = { samplers: "ddim,heun", steps: "1,2", seed: "6", class: "3", device: "cpu" };
const link = (changes = {}) => `?${new URLSearchParams({ ...LINK, ...changes })}#compare`;
const lab = (page) => page.locator("#compare");

/** Waits until so many cells say how often they asked the network, and how long it took. */
const filled = (page, count) => page.waitForFunction(
  (count) => (document.querySelector("#compare").innerText.match(/\d evals?\s+[\d.,]+ m?s/g) ?? []).length >= count,
  count,
  { timeout: PATIENCE },
);

pageTest("a link fills the grid of its samplers and step counts", {}, async (page, go) => {
  await go(link());
  await filled(page, 4);
  const text = await lab(page).innerText();
  for (const part of ["DDIM", "Heun", "1 step", "2 steps", "1000 steps"]) assert.ok(text.includes(part), part);
  for (const evaluations of ["1 eval", "2 evals", "3 evals"]) assert.ok(text.includes(evaluations), evaluations);
  assert.equal(new URL(page.url()).searchParams.get("samplers"), "ddim,heun");
  assert.equal(await page.locator("#images").isVisible(), false);
  const consistency = page.getByLabel("Consistency, multistep");
  assert.equal(await consistency.isDisabled(), true, "the model is no consistency model");
});

pageTest("a cell that cannot be computed says why, and the others go on", {}, async (page, go) => {
  await go(link({ samplers: "pndm,ddim", steps: "2" }));
  await filled(page, 1);
  await lab(page).getByText(/at least 4/).first().waitFor();
});

pageTest("Escape stops the comparison, and Start over repeats it", {}, async (page, go) => {
  await go(link());
  await filled(page, 4);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Cancel" }).waitFor({ state: "hidden" }).catch(() => {});
  const still = async () => lab(page).innerText();
  const before = await still();
  await page.waitForTimeout(1500);
  assert.equal(await still(), before, "nothing is computed after a cancel");
});

pageTest("on a phone nothing is wider than the screen", { context: { viewport: { width: 390, height: 844 } } }, async (page, go) => {
  await go(link({ steps: "1" }));
  await filled(page, 2);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
