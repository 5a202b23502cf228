// Every setting is in the address, and an invalid one shows an error at its control.
import assert from "node:assert/strict";
import { choose, figures, finished, picture, problem, query, stillTest as pageTest } from "./support.mjs";

const valueOf = (page, name) => page.evaluate((name) => document.forms.settings.elements[name].value, name);

const LINK = {
  model: "mnist", sampler: "ddim", eta: "0.35", useClippedModelOutput: "false", steps: "3", class: "7", guidance: "2.5",
  seed: "4294967295", count: "3", view: "clean", device: "cpu", spacing: "trailing", finalSigma: "auto", guidanceRescale: "0.3", guidanceFrom: "0.5", guidanceTo: "",
  start: "noise", strength: "0.35", measure: "likelihood", likelihoodSteps: "7", probes: "2", from: "3", to: "1", way: "ddim", betweenSteps: "9",
};

pageTest("a link restores every setting and reproduces its images", {}, async (page, go) => {
  await go(`?${new URLSearchParams(LINK)}`);
  await finished(page);
  const { model: _, useClippedModelOutput, ...values } = LINK;
  for (const [name, value] of Object.entries(values)) assert.equal(await valueOf(page, name), value, name);
  assert.equal(String(await page.locator("#useClippedModelOutput").isChecked()), useClippedModelOutput);
  const { model, finalSigma, guidanceTo, start, ...written } = LINK;
  assert.deepEqual(query(page), written, "a link leaves out what is the default");
  const before = await picture(page);

  await page.reload();
  await finished(page);
  assert.equal(await picture(page), before);
  await page.locator("#images").getByLabel("Seed", { exact: true }).fill("5");
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.notEqual(await picture(page), before);
});

pageTest("the controls update the address", {}, async (page, go) => {
  await go("?steps=1&count=1&seed=42");
  await finished(page);
  await choose(page, "DDPM");
  await page.locator("#images").getByLabel("Steps", { exact: true }).fill("7");
  await page.locator("#images").getByLabel("Guidance scale").fill("1.5");
  await page.locator("#images").getByLabel("Batch size").fill("9");
  await page.locator("#images").getByLabel("Class", { exact: true }).selectOption("unconditional");
  await page.locator("#images").getByRole("button", { name: "Draw a new seed" }).click();
  const { sampler, steps, guidance, count, class: chosen, seed } = query(page);
  assert.deepEqual({ sampler, steps, guidance, count, chosen }, { sampler: "ddpm", steps: "7", guidance: "1.5", count: "9", chosen: "none" });
  assert.equal(seed, await valueOf(page, "seed"));
  assert.notEqual(seed, "42");
});

pageTest("settings made before the engine has started apply to the first run", {}, async (page, go) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  await go("?steps=2&count=1&seed=1&device=cpu#images");
  await figures(page, /engine/);
  await page.getByLabel("Seed", { exact: true }).first().fill("1.5");
  assert.match(await problem(page, "seed"), /whole number/);
  await page.getByLabel("Seed", { exact: true }).first().fill("7");
  release();
  await finished(page);
  assert.equal(query(page).seed, "7");
  const drawn = await picture(page);
  await page.reload();
  await finished(page);
  assert.equal(await picture(page), drawn);
});

pageTest("the copied link is the address", { context: { permissions: ["clipboard-read", "clipboard-write"] } }, async (page, go) => {
  await go("?steps=1&count=1&seed=42");
  await finished(page);
  await page.locator("#images").getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
});

pageTest("invalid values in a link are reported, and the valid ones are used", {}, async (page, go) => {
  await go("?steps=abc&seed=-1&sampler=magic&class=77&count=1&eta=NaN");
  assert.match(await problem(page, "steps"), /“abc” here, but this must be a whole number from 1 to 1000. Using 20/);
  assert.match(await problem(page, "sampler"), /“magic” here, but this must be one of ddpm, ddim, probability-flow/);
  assert.match(await problem(page, "eta"), /“NaN”/);
  assert.equal(await page.locator("#images").getByLabel("Seed", { exact: true }).getAttribute("aria-invalid"), "true");
  assert.match(await finished(page), /^20 steps/);
  assert.match(await problem(page, "class"), /no class “77”/);
});

pageTest("an invalid value shows an error at its control and loses nothing", {}, async (page, go) => {
  await go("?steps=2&count=1");
  await finished(page);
  const before = await picture(page);
  const steps = page.locator("#images").getByLabel("Steps", { exact: true });
  for (const bad of ["0", "1001", "2.5", ""]) {
    await steps.fill(bad);
    await page.getByRole("button", { name: "Start" }).click();
    assert.equal(await problem(page, "steps"), "This must be a whole number from 1 to 1000.");
    assert.equal(await steps.evaluate((input) => document.activeElement === input), true);
    assert.equal(new URL(page.url()).searchParams.get("steps"), "2");
  }
  assert.equal(await picture(page), before);
  await steps.fill("3");
  assert.equal(await page.locator("#steps-error").isHidden(), true);
  await page.getByRole("button", { name: "Start" }).click();
  assert.match(await finished(page), /^[23] steps/);
});

pageTest("only the controls and formulas of the selected sampler are shown", {}, async (page, go) => {
  await go("?steps=1&count=1");
  await finished(page);
  const shown = async () => ({
    eta: await page.locator("#images").getByLabel("Eta").isVisible(),
    solver: await page.getByRole("radio", { name: "Heun" }).isVisible(),
    formula: await page.locator("#formulas h3").nth(2).textContent(),
    paper: await page.locator("#formulas section").nth(2).locator("a").last().getAttribute("href"),
  });
  assert.deepEqual(await shown(), { eta: true, solver: false, formula: "DDIM, from t to s", paper: "https://arxiv.org/abs/2010.02502" });
  await choose(page, "DDPM");
  assert.deepEqual(await shown(), { eta: false, solver: false, formula: "DDPM, from t to s", paper: "https://arxiv.org/abs/2006.11239" });
  await choose(page, "Probability flow");
  const flow = "Probability-flow ODE, from t to s";
  assert.deepEqual(await shown(), { eta: false, solver: true, formula: flow, paper: "https://arxiv.org/abs/2011.13456" });
  await page.locator("#images").getByLabel("Guidance scale").fill("3");
  assert.equal(await page.locator("#formulas h3").last().textContent(), "Classifier-free guidance");
});

const images = (page) => page.locator("#images");

pageTest("every sampler can be selected, with its own options", {}, async (page, go) => {
  await go("?steps=1&count=1&device=cpu");
  await finished(page);
  const listed = await page.evaluate(async () => {
    const { samplers } = await import("/tweedie/worker.js");
    return (await samplers()).map(({ name, noise, options }) => ({ name, noise, options: Object.keys(options) }));
  });
  const select = page.locator("#sampler");
  assert.equal(await select.locator("option").count(), listed.length);
  for (const { name, noise, options } of listed.filter(({ name }) => name !== "consistency")) {
    await select.selectOption(name);
    assert.equal(await select.locator(`option[value="${name}"]`).evaluate((option) => option.parentElement.label), noise === "none" ? "Deterministic" : "Stochastic");
    const controls = await page.locator("#sampler-options [name]").evaluateAll((all) => [...new Set(all.map(({ name }) => name))]);
    assert.deepEqual(controls, options, name);
    assert.equal(query(page).sampler, name);
    assert.equal(await page.locator("#formulas section").count(), 3, name);
    assert.equal(await page.locator("#steps-field").isVisible(), name !== "dormand-prince");
  }
});

pageTest("sampler options are in the link, reach the engine, and are restored", {}, async (page, go) => {
  await go("?sampler=dpm-solver%2B%2B&order=3&mode=singlestep&steps=4&count=1&class=3&seed=1&device=cpu");
  assert.match(await finished(page), /^\d+ steps/);
  assert.equal(await images(page).getByRole("radio", { name: "3", exact: true }).isChecked(), true);
  assert.equal(await images(page).getByRole("radio", { name: "Singlestep" }).isChecked(), true);
  const third = await picture(page);
  await images(page).getByRole("radio", { name: "1", exact: true }).check();
  assert.equal(query(page).order, "1");
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.notEqual(await picture(page), third);
  await choose(page, "DDPM");
  await page.locator("#sampler").selectOption("dpm-solver++");
  assert.deepEqual([query(page).order, query(page).mode], ["1", "singlestep"], "what was chosen is still there");
});

pageTest("unsupported samplers cannot be selected, and errors are shown at the control", {}, async (page, go) => {
  await go("?sampler=consistency&steps=2&count=1&device=cpu");
  await page.locator("#sampler-error:visible").waitFor();
  assert.match(await problem(page, "sampler"), /^Sampler must be .*consistency/);
  await page.locator("#sampler").selectOption("ddim");
  assert.equal(await page.locator("#sampler-error").isHidden(), true);
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  await page.locator("#sampler-refusals summary").click();
  assert.match(await page.locator("#sampler-refusals p").textContent(), /^Consistency, multistep: Sampler must be/);

  // An order that the SDE in the noise does not have.
  await page.locator("#sampler").selectOption("dpm-solver");
  await images(page).getByRole("radio", { name: "3", exact: true }).check();
  await images(page).getByLabel("Stochastic", { exact: true }).check();
  await page.getByRole("button", { name: "Start" }).click();
  assert.match(await problem(page, "order"), /^Order must be 1 or 2 for the SDE in the noise/);
  await images(page).getByLabel("Stochastic", { exact: true }).uncheck();
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.equal(await page.locator("#order-error").isHidden(), true);
});

pageTest("the adaptive solver chooses its steps, and its whole trajectory is recorded", {}, async (page, go) => {
  await go("?sampler=dormand-prince&count=1&class=3&absoluteTolerance=0.1&relativeTolerance=0.1&device=cpu");
  await finished(page);
  const shown = await page.locator("#grid").getAttribute("aria-label");
  const [, step, steps] = shown.match(/after step (\d+) of (\d+)\./);
  assert.equal(step, steps);
  assert.match(await page.locator("#level").textContent(), /clean/);
  await images(page).getByLabel("Absolute tolerance").fill("much");
  assert.equal(await problem(page, "absoluteTolerance"), "This must be a number from 0.000001 to 1.");
});

pageTest("the default step size depends on the model", {}, async (page, go) => {
  await go("?sampler=langevin&steps=2&count=1&device=cpu");
  await finished(page);
  const field = images(page).getByLabel("Step size");
  assert.equal(await field.inputValue(), "");
  assert.match(await field.getAttribute("placeholder"), /^\d/);
  const before = await picture(page);
  await field.fill("0.5");
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.notEqual(await picture(page), before);
  assert.equal(query(page).stepSize, "0.5");
});
