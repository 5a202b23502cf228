// The compare lab with 2-D points: the ideal denoiser and the network trained in the tab.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pointOptions } from "../../www/compare/sources.js";
import { changed, choose, figures, pageTest, picture, problem, query } from "./support.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
/** Ideal denoisers of few points, whose references are fast. */
const SMALL = "source=ideal&data=rings&points=200&cloud=200&samplers=ddim,heun,ddpm&steps=5,20";
const TRAINING = "width=32&depth=2&trainingSteps=400&batch=64&points=300&count=200";

const said = (page, pattern) => figures(page, pattern, "compare-figures");
const row = (page, title) => page.locator("#compare-table tr").filter({ has: page.locator(".name").getByText(title, { exact: true }) });
const cell = (page, title, index) => row(page, title).locator("td").nth(index);
const canvas = (page, title, index) => cell(page, title, index).locator("canvas");
const filled = (page, title, index) => cell(page, title, index).and(page.locator("[data-state=done]")).waitFor();
const tab = (page, name) => page.locator("#tabs").getByRole("link", { name });
const hint = (page) => page.locator("#compare-source-hint").textContent();
const distances = async (page, title) => (await row(page, title).locator("td:not(.reference) .value").allTextContents()).map(Number);

test("every run with points uses the seed and the cell's number of points", () => {
  assert.deepEqual(pointOptions({ seed: 3, cloud: "500", count: "4", class: "7" }), { seed: 3, count: 500 });
});

pageTest("the ideal denoiser can be compared: scatter plots, run times, and the distance to 1000 steps", {}, async (page, go) => {
  await go(`?${SMALL}#compare`);
  await said(page, /^10 runs in /);
  assert.match(await hint(page), /^The ideal denoiser of 160 points of Rings, linear schedule\. Change it in Diffusion in 2-D\.$/);
  for (const title of ["DDIM", "Heun", "DDPM"]) {
    const [few, many] = await distances(page, title);
    assert.ok(many > 0 && few < 2, `${title}: ${few}, ${many}`);
    assert.match(await cell(page, title, 1).locator(".cost").textContent(), title === "Heun" ? /^39 evals \d/ : /^20 evals \d/);
  }
  const [few, many] = await distances(page, "DDIM");
  assert.ok(few > many, `without fresh noise more steps are nearer to the solution: ${few}, ${many}`);
  assert.equal(await page.locator(".shared .cost").textContent().then((cost) => cost.split(" ")[0]), "1000");
  assert.equal(await row(page, "DDPM").locator("td.reference .cost").textContent().then((cost) => cost.split(" ")[0]), "1000");
  assert.equal(await page.locator("#compare-plot circle").count(), 6);
  assert.equal(await page.locator("#compare-class-field").isHidden(), true);
});

pageTest("a cell shows the package's samples and their distance", {}, async (page, go) => {
  await go(`?${SMALL}#compare`);
  await said(page, /^10 runs in /);
  const expected = await page.evaluate(async () => {
    const { PointData, PointModel } = await import("/tweedie/worker.js");
    const [data] = await (await PointData.named("rings", { count: 200, seed: 0 })).split({ fraction: 0.2 });
    const model = await PointModel.ideal(data, { schedule: "linear" });
    const end = async (options) => {
      const sampling = model.sample({ ...options, seed: 4, count: 200 });
      for await (const { step, steps } of sampling) if (step > steps) throw new Error("too many steps");
      return sampling.noisy();
    };
    const [five, solution, own, many] = [
      await end({ sampler: "heun", steps: 5 }), await end({ sampler: "probability-flow", solver: "euler", steps: 1000 }),
      await end({ sampler: "ddpm", steps: 20 }), await end({ sampler: "ddpm", steps: 1000 }),
    ];
    const distance = (one, other) => Math.sqrt(one.reduce((sum, value, index) => sum + (value - other[index]) ** 2, 0) / one.length);
    return [distance(five, solution), distance(own, many)];
  });
  assert.equal((await distances(page, "Heun"))[0].toFixed(3), expected[0].toFixed(3));
  assert.equal((await distances(page, "DDPM"))[1].toFixed(3), expected[1].toFixed(3));
});

pageTest("the network trained in the tab is compared, and replaced when it is trained again", {}, async (page, go) => {
  await go(`?${TRAINING}#points`);
  await figures(page, /^No trained network/, "points-figures");
  await page.locator("#points-start").click();
  await figures(page, /^400 steps in/, "points-figures");
  await tab(page, "Compare").click();
  await choose(page, "Points: trained network");
  await choose(page, "200");
  await page.waitForFunction(() => /after 400 training steps/.test(document.querySelector("#compare-source-hint").textContent));
  await filled(page, "DDIM", 3);
  assert.match(await hint(page), /^A network after 400 training steps, trained on 240 points of Two moons, linear schedule\. Change it in Diffusion in 2-D\.$/);
  const before = await picture(page, canvas(page, "DDIM", 3));
  assert.equal(query(page).source, "network");
  assert.equal(query(page).points, "300", "the data are those of the other lab");

  await tab(page, "Diffusion in 2-D").click();
  await page.locator("#points-trainingSteps").fill("300");
  await page.locator("#points-start").click();
  await figures(page, /^300 steps in/, "points-figures");
  await tab(page, "Compare").click();
  await page.waitForFunction(() => /after 300 training steps/.test(document.querySelector("#compare-source-hint").textContent));
  await filled(page, "DDIM", 3);
  assert.notEqual(await picture(page, canvas(page, "DDIM", 3)), before);

  // It is the tab's: after a reload the network is still there, without the other lab.
  await page.reload();
  await filled(page, "DDIM", 3);
  assert.match(await hint(page), /^A network after 300 training steps/);
});

pageTest("without a network an error is shown at the source, and other models can be compared", {}, async (page, go) => {
  await go("?source=network&data=checkerboard&samplers=ddim&steps=2&cloud=200&device=cpu#compare");
  await said(page, /^Stopped/);
  assert.match(await problem(page, "compare-source"), /^This tab has no network trained on Checkerboard with the linear schedule\. Train one in Diffusion in 2-D\.$/);
  await choose(page, "Points: ideal denoiser");
  await filled(page, "DDIM", 0);
  assert.equal(await page.locator("#compare-source-error").isHidden(), true);
  const scatter = await picture(page, canvas(page, "DDIM", 0));
  await choose(page, "Images: checkpoint");
  await page.waitForFunction(() => /mnist/.test(document.querySelector("#compare-source-hint").textContent));
  await filled(page, "DDIM", 0);
  assert.notEqual(await picture(page, canvas(page, "DDIM", 0)), scatter);
  assert.equal(await page.locator("#compare-class-field").isVisible(), true);
  await choose(page, "Points: trained network");
  await problem(page, "compare-source");
  assert.equal(await page.locator("#compare-table td").count(), 0, "the pictures are not those of a network of points");
});

pageTest("the points lab opens with the data of a comparison's link, and the comparison follows its changes", {}, async (page, go) => {
  await go(`?${SMALL}#compare`);
  await filled(page, "DDIM", 1);
  const before = await picture(page, canvas(page, "DDIM", 1));
  await tab(page, "Diffusion in 2-D").click();
  const summarised = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.querySelector("#points-picture").getAttribute("aria-label")), pattern);
  await summarised("^Rings: 200 points");
  await choose(page, "Spiral");
  await summarised("^Spiral: 200 points");
  await tab(page, "Compare").click();
  await page.waitForFunction(() => /Spiral/.test(document.querySelector("#compare-source-hint").textContent));
  await filled(page, "DDIM", 1);
  assert.notEqual(await picture(page, canvas(page, "DDIM", 1)), before);
  assert.equal(query(page).data, "spiral");
});

pageTest("a link reproduces a comparison of points, and reports invalid values", {}, async (page, go) => {
  await go(`?${SMALL}&schedule=cosine&seed=9&order=2#compare`);
  await filled(page, "DDPM", 1);
  const before = await picture(page, canvas(page, "DDPM", 1));
  const { source, data, points, schedule, cloud, seed } = query(page);
  assert.deepEqual({ source, data, points, schedule, cloud, seed }, { source: "ideal", data: "rings", points: "200", schedule: "cosine", cloud: "200", seed: "9" });
  await page.reload();
  await filled(page, "DDPM", 1);
  assert.equal(await picture(page, canvas(page, "DDPM", 1)), before);
  await go("?source=ideal&data=cats&points=200&cloud=200&samplers=ddim&steps=2#compare");
  await filled(page, "DDIM", 0);
  assert.match(await problem(page, "compare-source"), /“cats”.* Using two-moons instead\.$/);
});

pageTest("points have the page's colours, also on a phone", { context: { ...PHONE, colorScheme: "light" } }, async (page, go) => {
  await go(`?${SMALL}#compare`);
  await said(page, /^10 runs in /);
  const light = await picture(page, canvas(page, "DDIM", 1));
  await page.emulateMedia({ colorScheme: "dark" });
  await changed(page, light, canvas(page, "DDIM", 1));
});
