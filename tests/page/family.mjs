// The lab of generative models.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { changed, choose, figures, pageTest, PATIENCE, picture, problem, query } from "./support.mjs";

const canvas = (page) => page.locator("#family-picture");
const cell = (page, model, column) => page.locator("#family-table tr").filter({ has: page.getByRole("rowheader", { name: model, exact: true }) }).locator("td").nth(column);
const measured = (page, model) => cell(page, model, 0).and(page.locator("[data-state=done]")).waitFor({ timeout: PATIENCE });
/** Columns of the table. */
const [DISTANCE, MODES, NLL] = [0, 1, 2];

pageTest("a GAN trains when the lab opens, is measured, and says that it has no density", {}, async (page, go) => {
  await go("?steps=40#family");
  await changed(page, await picture(page, canvas(page)), canvas(page));
  await measured(page, "GAN");
  assert.match(await figures(page, /^Step 40 of 40/, "family-figures"), / · \d/);
  assert.match(await cell(page, "GAN", DISTANCE).textContent(), /^\d\.\d{3}$/);
  assert.match(await cell(page, "GAN", MODES).textContent(), /^\d of 8$/);
  assert.equal(await cell(page, "GAN", NLL).textContent(), "none");
  assert.match(await page.locator("#family-loss-plot").getAttribute("aria-label"), /^Losses after 40 steps: .*discriminator/);
  assert.match(await page.locator("#family-about").textContent(), /no density/);
});

pageTest("the saved table has the numbers of the one that is shown", {}, async (page, go) => {
  await go("?model=real-nvp&steps=3#family");
  await measured(page, "RealNVP");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save table (CSV)" }).click()]);
  assert.equal(download.suggestedFilename(), "tweedie-models-eight-gaussians.csv");
  const [head, row] = (await readFile(await download.path(), "utf8")).trim().split("\n").map((line) => line.split(","));
  const value = (name) => Number(row[head.indexOf(name)]);
  assert.equal(row[0], "real-nvp");
  assert.equal(value("sliced_wasserstein").toFixed(3), await cell(page, "RealNVP", DISTANCE).textContent());
  assert.ok((await cell(page, "RealNVP", NLL).textContent()).startsWith(`${value("nll").toFixed(2)} (`));
  // No model is better than the truth, except by the chance of 1,000 points.
  assert.ok(value("nll") > value("entropy") - 0.1);
});

pageTest("every model trains on the same points, and each gets its row", {}, async (page, go) => {
  await go("?view=all&steps=2#family");
  await page.locator("#family-table tbody th").nth(3).waitFor();
  const models = await page.locator("#family-table tbody th").allTextContents();
  assert.ok(models.length >= 4, models.join());
  assert.ok(models.includes("Progressive distillation"));
  // These have a number of steps for each stage, which the lab's setting does not change, so they take long.
  const staged = ["Progressive distillation", "Fine-tuning (LoRA)"];
  for (const model of models.filter((model) => !staged.includes(model))) await measured(page, model);
  assert.equal(await page.locator("#family-run-error:visible").count(), 0);
  assert.equal(await page.locator("#family-loss:visible").count(), 0);
});

pageTest("settings are in the link, and a link restores them", {}, async (page, go) => {
  await go("?steps=2&seed=4#family");
  await measured(page, "GAN");
  await choose(page, "RealNVP");
  await choose(page, "Rings");
  await measured(page, "RealNVP");
  assert.deepEqual(query(page), { model: "real-nvp", data: "rings", steps: "2", seed: "4" });
  await page.reload();
  await measured(page, "RealNVP");
  assert.ok(await page.getByRole("radio", { name: "Rings" }).isChecked());
  assert.equal(await cell(page, "RealNVP", MODES).textContent(), "–");
});

pageTest("training pauses, resumes where it was, and resets", {}, async (page, go) => {
  await go("#family");
  await page.getByRole("button", { name: "Pause" }).click();
  const paused = await figures(page, /^Step [\d,]+ of/, "family-figures");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.waitForFunction((paused) => document.querySelector("#family-figures").textContent !== paused, paused);
  await page.getByRole("button", { name: "Reset" }).click();
  await figures(page, /^Ready to train/, "family-figures");
});

pageTest("what a link or a person misstates is said beside its control", {}, async (page, go) => {
  await go("?preset=oracle&steps=2#family");
  assert.match(await problem(page, "family-preset"), /preset “oracle”, but GAN has: default, /);
  await page.locator("#family-seed").fill("-1");
  assert.match(await problem(page, "family-seed"), /must be a whole number from 0 to/);
});
