// The compare lab: cells are computed and measured automatically, and resume after a change.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { unpack } from "../../www/compare/precomputed.js";
import { MODEL } from "./host.mjs";
import { asGrey, assertClose, changed, choose, figures, finished, forgetFigures, frames, greyOnCanvas, pageTest, PATIENCE, picture, query, withTinyDigits } from "./support.mjs";

/** The tests wait for results that take a second; the references with 1000 steps continue afterwards. */
const SMALL = "?samplers=ddim,heun&steps=2,5&device=cpu#compare";

const said = (page, pattern) => figures(page, pattern, "compare-figures");
const row = (page, title) => page.locator("#compare-table tr").filter({ has: page.locator(".name").getByText(title, { exact: true }) });
const cell = (page, title, index) => row(page, title).locator("td").nth(index);
const canvas = (page, title, index) => cell(page, title, index).locator("canvas");
const names = (page) => page.locator("#compare-table .name").allTextContents();

const tab = (page, name) => page.locator("#tabs").getByRole("link", { name });

/** Waits until a cell shows its result. */
const filled = (page, title, index) => cell(page, title, index).and(page.locator("[data-state=done]")).waitFor();

async function toggle(page, name) {
  await page.getByRole("checkbox", { name, exact: true }).click();
}

pageTest("the lab opens with a complete comparison before the engine has started", { tolerated: /wasm|ERR_FAILED/ }, async (page, go) => {
  await page.context().route("**/*.wasm", () => {}); // never answers
  await go("#compare");
  await filled(page, "Euler ancestral", 4);
  assert.deepEqual(await names(page), ["DDIM", "Heun", "DPM-Solver++", "UniPC", "DDPM", "Euler ancestral"]);
  const heads = page.getByRole("columnheader");
  assert.deepEqual(await heads.allTextContents(), ["Sampler", "1 step", "2 steps", "5 steps", "10 steps", "20 steps", "Reference"]);
  assert.equal(await page.locator("#compare-table th a").count(), 6);
  assert.equal(await page.locator("#compare-table td:not([data-state=done])").count(), 0);
  assert.equal(await page.locator("#compare-plot circle").count(), 30);
  assert.ok(await page.locator("#compare .caption").evaluate((caption) => caption.getBoundingClientRect().bottom < innerHeight), "what one sees is said in view");
  // No time: it was another computer's.
  assert.equal(await cell(page, "DDIM", 2).locator(".cost").textContent(), "5 evals ");
});

pageTest("a chip keeps the focus when the engine starts", {}, async (page, go) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  await go(SMALL);
  const chip = page.locator('#compare-samplers input[value="heun"]');
  await chip.focus();
  release();
  await page.locator("#compare-source-hint:not(:empty)").waitFor();
  assert.ok(await chip.evaluate((chip) => chip === document.activeElement));
});

pageTest("the precomputed results equal those of the engine", {}, async (page, go) => {
  await go("#compare");
  await said(page, /^Precomputed results/);
  const { samplers: listed, results } = JSON.parse(await readFile(new URL("../../www/compare/precomputed.json", import.meta.url), "utf8"));
  const chosen = Object.entries(results).filter(([key]) => /"sampler":"(ddim|unipc|heun|ddpm)"/.test(key) && JSON.parse(key).steps === 5);
  const runs = chosen.map(([key, { values, evaluations }]) => ({ key, evaluations, values: [...unpack(values)] }));
  const { samplers, differences } = await page.evaluate(async (runs) => {
    const { openDevice, Pipeline, samplers } = await import("/tweedie/worker.js");
    const pipeline = await Pipeline.fromPretrained("/models/mnist", { device: await openDevice("cpu") });
    const difference = async ({ key, values, evaluations }) => {
      const sampling = pipeline.sample(JSON.parse(key));
      let count = 0;
      for await (const { step } of sampling) count = step;
      const fresh = await sampling.noisy();
      return { key, evaluations: count - evaluations, most: Math.max(...fresh.map((value, index) => Math.abs(value - values[index]))) };
    };
    return { samplers: await samplers(), differences: await Promise.all(runs.map(difference)) };
  }, runs);
  assert.deepEqual(listed, samplers, "the samplers are those of the package");
  assert.equal(differences.length, 4);
  for (const { key, evaluations, most } of differences) assert.ok(evaluations === 0 && most < 2e-3, `${key}: ${most}`);
});

pageTest("precomputed results can be recomputed, with run times", {}, async (page, go) => {
  await go("?samplers=ddim&steps=1,2#compare");
  await said(page, /^Precomputed results/);
  await page.getByRole("button", { name: "Compute here" }).click();
  await cell(page, "DDIM", 1).locator(".cost", { hasText: /^2 evals [\d.]+ m?s$/ }).waitFor();
});

pageTest("at equal evaluations, higher-order methods are closer to the common reference than DDIM", {}, async (page, go) => {
  await go("#compare");
  await filled(page, "UniPC", 4);
  const distances = async (title) => (await row(page, title).locator("td:not(.reference) .value").allTextContents()).map(Number).slice(2);
  const [ddim, second, unipc] = [await distances("DDIM"), await distances("DPM-Solver++"), await distances("UniPC")];
  for (const [index, far] of ddim.entries()) assert.ok(unipc[index] < second[index] && second[index] < far, `${unipc}; ${second}; ${ddim}`);
});

pageTest("a cell shows the package's image and its cost", {}, async (page, go) => {
  await go(`?samplers=heun&steps=3&seed=1&class=2&device=cpu#compare`);
  await filled(page, "Heun", 0);
  const values = await page.evaluate(async () => {
    const { openDevice, Pipeline } = await import("/tweedie/worker.js");
    const pipeline = await Pipeline.fromPretrained("/models/mnist", { device: await openDevice("cpu") });
    const sampling = pipeline.sample({ sampler: "heun", steps: 3, seed: 1, classLabels: 2, clipSample: false });
    for await (const { step } of sampling) if (step > 5) throw new Error("too many steps");
    return Array.from(await sampling.noisy());
  });
  assertClose(await greyOnCanvas(page, { canvas: canvas(page, "Heun", 0) }), asGrey(values), 1.5);
  assert.match(await cell(page, "Heun", 0).locator(".cost").textContent(), /^5 evals [\d.]+ m?s$/);
});

pageTest("more steps of a deterministic sampler are closer to the solution, and its curve appears before the solution is exact", {}, async (page, go) => {
  await withTinyDigits(page);
  await go("?samplers=ddim&steps=2,5,50&seed=11&device=cpu#compare");
  await page.locator("#compare-plot circle").nth(2).waitFor({ timeout: PATIENCE });
  assert.ok(parseInt(await page.locator(".shared .cost").textContent()) < 1000);
  assert.match(await page.locator("#compare-plot").textContent(), /distance \(estimate\)/);
  await said(page, /^5 runs in /);
  assert.doesNotMatch(await page.locator("#compare-plot").textContent(), /estimated/);
  const distances = (await page.locator("td:not(.reference) .value").allTextContents()).map(Number);
  const [two, five, fifty] = distances;
  assert.ok(two > five && five > fifty && fifty > 0 && fifty < 0.1, distances.join(", "));
  assert.equal(await page.locator(".shared .cost").textContent().then((cost) => cost.split(" ")[0]), "1000");
  assert.equal(await page.locator("#compare-plot circle").count(), 3);
  assert.deepEqual(await page.locator("#compare-plot .curve text").allTextContents(), ["DDIM"]);

  // All of it is known now.
  await toggle(page, "50");
  await said(page, /^All results were cached\.$/);
  assert.equal(await page.locator("#compare-plot circle").count(), 2);
});

pageTest("another seed starts over, and previous results are cached", {}, async (page, go) => {
  await go(SMALL);
  await filled(page, "Heun", 1);
  const before = await picture(page, canvas(page, "DDIM", 1));
  const seed = page.locator("#compare-seed");
  await seed.fill("11");
  // The cell of the seed before is there until the new table is.
  await changed(page, before, canvas(page, "DDIM", 1));
  await filled(page, "DDIM", 1);
  assert.equal(query(page).seed, "11");
  assert.notEqual(await picture(page, canvas(page, "DDIM", 1)), before);
  await seed.fill("4");
  await filled(page, "Heun", 1);
  assert.equal(await picture(page, canvas(page, "DDIM", 1)), before);
  await page.locator("#compare-dice").click();
  await filled(page, "DDIM", 1);
  assert.notEqual(query(page).seed, "4");
});

const LINK = {
  model: "mnist", device: "cpu", samplers: "ddim,dpm-solver++,ddpm", steps: "2,3", class: "7", seed: "9", count: "4", source: "pictures",
  data: "rings", points: "300", dataSeed: "5", schedule: "cosine", ideal: "points", cloud: "200", order: "1", spacing: "default",
};

pageTest("a link restores every setting and reproduces its images", {}, async (page, go) => {
  await withTinyDigits(page);
  await go(`?${new URLSearchParams(LINK)}#compare`);
  await filled(page, "DDPM", 1);
  const { model: _, source: __, ideal: ___, spacing: ____, ...written } = LINK;
  assert.deepEqual(query(page), written, "a link leaves out what is the default");
  assert.deepEqual(await names(page), ["DDIM", "DPM-Solver++", "DDPM"]);
  const form = await page.evaluate(() => {
    const data = new FormData(document.querySelector("#compare-settings"));
    return Object.fromEntries([...data.keys()].map((name) => [name, data.getAll(name).join(",")]));
  });
  const { model, device, data, points, dataSeed, schedule, ideal, ...chosen } = LINK;
  assert.deepEqual(form, chosen);
  const before = await picture(page, canvas(page, "DDPM", 1));
  await page.reload();
  await filled(page, "DDPM", 1);
  assert.equal(await picture(page, canvas(page, "DDPM", 1)), before);
});

pageTest("invalid values in a link are reported, and the valid ones are used", {}, async (page, go) => {
  await go("?samplers=ddim,magic&steps=2,many&seed=-1&class=77&device=cpu#compare");
  await filled(page, "DDIM", 0);
  assert.match(await page.locator("#compare-samplers-error").textContent(), /Unknown sampler in the link: “magic”/);
  assert.match(await page.locator("#compare-steps-error").textContent(), /“2,many” here, but this must be a list of whole numbers/);
  assert.match(await page.locator("#compare-seed-error").textContent(), /“-1”/);
  assert.match(await page.locator("#compare-class-error").textContent(), /no class “77”/);
  assert.equal(query(page).samplers, "ddim");
});

pageTest("Escape stops the comparison, and Continue resumes it", {}, async (page, go) => {
  await go("?samplers=ddim&steps=2,100&seed=11&device=cpu#compare");
  await cell(page, "DDIM", 1).and(page.locator("[data-state=running]")).waitFor();
  await page.keyboard.press("Escape");
  await said(page, /^Cancelled\.$/);
  assert.equal(await cell(page, "DDIM", 0).getAttribute("data-state"), "done");
  assert.equal(await cell(page, "DDIM", 1).getAttribute("data-state"), "waiting");
  const cost = await cell(page, "DDIM", 0).locator(".cost").textContent();

  await page.getByRole("button", { name: "Continue" }).click();
  await filled(page, "DDIM", 1);
  assert.equal(await cell(page, "DDIM", 0).locator(".cost").textContent(), cost, "it was not computed again");
  await page.getByRole("button", { name: "Cancel" }).click();
  await said(page, /^Cancelled/);
});

pageTest("an error is shown in its cell or across its row, and the others continue", {}, async (page, go) => {
  await go("?samplers=pndm,ddim,heun,consistency&steps=2,5&device=cpu#compare");
  await filled(page, "PNDM", 1);
  assert.match(await cell(page, "PNDM", 0).textContent(), /Steps must be at least 4/);
  await filled(page, "DDIM", 1);
  assert.equal(await row(page, "Consistency, multistep").locator(".refusal:visible").count(), 1);
  assert.match(await page.locator("#compare-refusals").textContent(), /Consistency/);

  const chip = page.getByRole("checkbox", { name: "Consistency, multistep" });
  assert.equal(await chip.isDisabled(), false, "what is chosen can be taken away");
  await choose(page, "Karras");
  await filled(page, "Heun", 1);
  assert.match(await row(page, "DDIM").locator(".refusal:visible").textContent(), /^Spacing must be one of .*karras/);
});

pageTest("a sampler that the model does not support is disabled, with the reason", {}, async (page, go) => {
  await go(SMALL);
  await filled(page, "DDIM", 0);
  assert.equal(await page.getByRole("checkbox", { name: "Consistency, multistep" }).isDisabled(), true);
  assert.match(await page.locator("#compare-refusals p").textContent(), /^Consistency, multistep: /);
});

pageTest("an empty selection shows an error and loses nothing", {}, async (page, go) => {
  await go("?samplers=ddim&steps=2&device=cpu#compare");
  await filled(page, "DDIM", 0);
  await toggle(page, "2");
  assert.equal(await page.locator("#compare-steps-error").textContent(), "Select at least one.");
  assert.equal(query(page).steps, "2");
  assert.equal(await cell(page, "DDIM", 0).getAttribute("data-state"), "done");
  await toggle(page, "1");
  await filled(page, "DDIM", 0);
  assert.equal(await page.locator("#compare-steps-error").isHidden(), true);
  await page.locator("#compare-seed").fill("1.5");
  assert.match(await page.locator("#compare-seed-error").textContent(), /whole number/);
});

pageTest("an adaptive sampler has one cell with its number of evaluations", {}, async (page, go) => {
  await go("?samplers=ddim,dormand-prince&steps=2,5&device=cpu#compare");
  await filled(page, "Probability-flow ODE, adaptive", 0);
  assert.equal(await row(page, "Probability-flow ODE, adaptive").locator("td").count(), 1);
  assert.match(await cell(page, "Probability-flow ODE, adaptive", 0).locator(".cost").textContent(), /^\d{2,3} evals /);
});

pageTest("only the visible lab computes; the other one resumes when it is shown", {}, async (page, go) => {
  await go("?samplers=ddim&steps=60&seed=5&device=cpu#compare"); // a seed without precomputed results
  const evaluations = () => cell(page, "DDIM", 0).locator(".cost").textContent().then(parseInt);
  await page.waitForFunction(() => parseInt(document.querySelector("tr:not(.shared) .cost")?.textContent) > 5);
  await tab(page, "Images").click();
  await finished(page);
  const paused = await evaluations();
  assert.ok(paused < 60);
  await frames(page, 15);
  assert.equal(await evaluations(), paused);

  await page.getByLabel("Steps", { exact: true }).first().fill("500");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await figures(page, /^Step [3-9] of 500/);
  await page.getByRole("link", { name: "Compare" }).click();
  await filled(page, "DDIM", 0);
  const step = await page.locator("#figures").textContent();
  await frames(page, 15);
  assert.equal(await page.locator("#figures").textContent(), step);
  await page.keyboard.press("Escape");
  await said(page, /^Cancelled/);
  await tab(page, "Images").click();
  await figures(page, /^Step [1-9]\d of 500/);
});

pageTest("each lab has its own address, and the tabs show the current one", {}, async (page, go) => {
  await go("?steps=1&count=1&seed=42&device=cpu");
  await finished(page);
  await page.getByRole("link", { name: "Compare" }).click();
  await said(page, /^Precomputed results/);
  assert.equal(await page.title(), "Compare · Tweedie");
  assert.equal(await page.getByRole("link", { name: "Compare" }).getAttribute("aria-current"), "page");
  assert.deepEqual(query(page), { device: "cpu" }, "it goes on with the device of the other lab");
  await page.goBack();
  await page.locator("#compare").waitFor({ state: "hidden" });
  assert.equal(query(page).seed, "42");
  assert.equal(query(page).steps, "1");
  await page.goForward();
  await page.locator("#compare").waitFor();
  assert.deepEqual(query(page), { device: "cpu" });
});

pageTest("the compare lab uses the model of the images lab", {}, async (page, go) => {
  await go("?steps=1&count=1&device=cpu");
  await finished(page);
  await choose(page, "Folder");
  await forgetFigures(page);
  await page.locator("#folder-input").setInputFiles(MODEL);
  await finished(page);
  await page.getByRole("link", { name: "Compare" }).click();
  await filled(page, "DDIM", 0);
  assert.equal(query(page).model, "folder");
  await tab(page, "Images").click();
  await choose(page, "Digits");
  await finished(page);
  await page.getByRole("link", { name: "Compare" }).click();
  await filled(page, "DDIM", 0);
  assert.equal(query(page).model, undefined, "the default");
});

pageTest("the keyboard selects, starts and cancels", {}, async (page, go) => {
  // A seed without precomputed results, so that a reference is pending when it is cancelled.
  await go(SMALL.replace("?", "?seed=5&"));
  await filled(page, "Heun", 1);
  await page.getByRole("checkbox", { name: "UniPC", exact: true }).focus();
  await page.keyboard.press("Space");
  await filled(page, "UniPC", 1);
  await page.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await said(page, /^Cancelled/);
  assert.equal(await page.getByRole("button", { name: "Continue" }).evaluate((button) => document.activeElement === button), true);
});

pageTest("settings made before the engine has started are kept and computed afterwards", {}, async (page, go) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  await go("?samplers=ddim&steps=2,5&device=cpu#compare");
  await filled(page, "DDIM", 1);
  const chip = page.getByRole("checkbox", { name: "UniPC", exact: true });
  await chip.focus();
  await page.keyboard.press("Space");
  await filled(page, "UniPC", 1);
  await toggle(page, "1");
  await page.locator("#compare-seed").fill("5");
  await page.locator("#compare-seed").press("Enter");
  const { samplers, steps, seed } = query(page);
  assert.deepEqual({ samplers, steps, seed }, { samplers: "ddim,unipc", steps: "1,2,5", seed: "5" });
  await chip.focus();
  release();
  await filled(page, "UniPC", 2);
  assert.equal(await chip.evaluate((input) => document.activeElement === input), true, "the focus stays");
  assert.deepEqual(await names(page), ["DDIM", "UniPC"]);
  assert.equal(query(page).seed, "5");
});

pageTest("a screen reader gets a table with names and few announcements", {}, async (page, go) => {
  await page.addInitScript(() => {
    window.announced = [];
    addEventListener("DOMContentLoaded", () => {
      const status = document.querySelector("#compare-announcement");
      new MutationObserver(() => window.announced.push(status.textContent)).observe(status, { childList: true });
    });
  });
  await go(SMALL);
  await filled(page, "Heun", 1);
  assert.equal(await page.getByRole("table", { name: "Samplers and numbers of steps" }).count(), 1);
  assert.equal(await page.getByRole("row").count(), 5);
  assert.equal(await page.getByRole("img", { name: "Heun, 5 steps" }).count(), 1);
  const announced = await page.evaluate(() => window.announced);
  assert.ok(announced.length < 8, `it was announced ${announced.length} times`);
});
