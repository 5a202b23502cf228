// Every setting is in the address; one that cannot be used gets a sentence beside its control.
import assert from "node:assert/strict";
import { choose, finished, pageTest, picture, problem } from "./support.mjs";

const valueOf = (page, name) => page.evaluate((name) => document.forms.settings.elements[name].value, name);
const query = (page) => Object.fromEntries(new URL(page.url()).searchParams);

const LINK = {
  model: "mnist", sampler: "probability-flow", solver: "euler", steps: "3", eta: "0.35", class: "7", guidance: "2.5",
  seed: "4294967295", count: "3", view: "clean", device: "cpu",
};

pageTest("a link restores every setting and repeats its picture by itself", {}, async (page, go) => {
  await go(`?${new URLSearchParams(LINK)}`);
  await finished(page);
  for (const name of Object.keys(LINK).filter((name) => name !== "model")) assert.equal(await valueOf(page, name), LINK[name], name);
  assert.deepEqual(query(page), LINK);
  const before = await picture(page);

  await page.reload();
  await finished(page);
  assert.equal(await picture(page), before);
  await page.locator("#images").getByLabel("Seed", { exact: true }).fill("5");
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.notEqual(await picture(page), before);
});

pageTest("what the controls say goes to the address", {}, async (page, go) => {
  await go("?steps=1&count=1&seed=42");
  await finished(page);
  await choose(page, "DDPM");
  await page.locator("#images").getByLabel("Steps").fill("7");
  await page.locator("#images").getByLabel("Guidance scale").fill("1.5");
  await page.locator("#images").getByLabel("How many").fill("9");
  await page.locator("#images").getByLabel("Class", { exact: true }).selectOption("unconditional");
  await page.locator("#images").getByRole("button", { name: "Draw a new seed" }).click();
  const { sampler, steps, guidance, count, class: chosen, seed } = query(page);
  assert.deepEqual({ sampler, steps, guidance, count, chosen }, { sampler: "ddpm", steps: "7", guidance: "1.5", count: "9", chosen: "none" });
  assert.equal(seed, await valueOf(page, "seed"));
  assert.notEqual(seed, "42");
});

pageTest("the copied link is the address", { context: { permissions: ["clipboard-read", "clipboard-write"] } }, async (page, go) => {
  await go("?steps=1&count=1&seed=42");
  await finished(page);
  await page.locator("#images").getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
});

pageTest("a link with values that cannot be used says so, and samples with the others", {}, async (page, go) => {
  await go("?steps=abc&seed=-1&sampler=magic&class=77&count=1&eta=NaN");
  assert.match(await problem(page, "steps"), /“abc”, which is not a whole number from 1 to 1000; 20 is used/);
  assert.match(await problem(page, "sampler"), /“magic”, which is not one of ddpm, ddim, probability-flow/);
  assert.match(await problem(page, "eta"), /“NaN”/);
  assert.equal(await page.locator("#images").getByLabel("Seed", { exact: true }).getAttribute("aria-invalid"), "true");
  assert.match(await finished(page), /^20 steps/);
  assert.match(await problem(page, "class"), /no class “77”/);
});

pageTest("a value that cannot be used stops at its control and loses nothing", {}, async (page, go) => {
  await go("?steps=2&count=1");
  await finished(page);
  const before = await picture(page);
  const steps = page.locator("#images").getByLabel("Steps");
  for (const bad of ["0", "1001", "2.5", ""]) {
    await steps.fill(bad);
    await page.getByRole("button", { name: "Start" }).click();
    assert.equal(await problem(page, "steps"), "This needs a whole number from 1 to 1000.");
    assert.equal(await steps.evaluate((input) => document.activeElement === input), true);
    assert.equal(new URL(page.url()).searchParams.get("steps"), "2");
  }
  assert.equal(await picture(page), before);
  await steps.fill("3");
  assert.equal(await page.locator("#steps-error").isHidden(), true);
  await page.getByRole("button", { name: "Start" }).click();
  assert.match(await finished(page), /^[23] steps/);
});

pageTest("only the controls and formulas of the chosen sampler are shown", {}, async (page, go) => {
  await go("?steps=1&count=1");
  await finished(page);
  const shown = async () => ({
    eta: await page.locator("#images").getByLabel("Eta").isVisible(),
    solver: await page.getByRole("radio", { name: "Heun" }).isVisible(),
    formula: await page.locator("#formulas h3").nth(2).textContent(),
    paper: await page.locator("#formulas section").nth(2).locator("a").last().getAttribute("href"),
  });
  assert.deepEqual(await shown(), { eta: true, solver: false, formula: "DDIM step, from t to s", paper: "https://arxiv.org/abs/2010.02502" });
  await choose(page, "DDPM");
  assert.deepEqual(await shown(), { eta: false, solver: false, formula: "DDPM step, from t to s", paper: "https://arxiv.org/abs/2006.11239" });
  await choose(page, "Probability flow");
  assert.deepEqual(await shown(), { eta: false, solver: true, formula: "Probability flow, Heun", paper: "https://arxiv.org/abs/2206.00364" });
  await page.locator("#images").getByLabel("Guidance scale").fill("3");
  assert.equal(await page.locator("#formulas h3").last().textContent(), "Classifier-free guidance");
});
