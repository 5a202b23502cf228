// The page shows and uses the sampler and the options of a checkpoint, except those that the user changes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MODEL } from "./host.mjs";
import { assertClose, finished, greyOnCanvas, picture, playHub, stillTest as pageTest } from "./support.mjs";

const ID = "someone/digits";
const shipped = JSON.parse(await readFile(join(MODEL, "scheduler/scheduler_config.json"), "utf8"));
const SCHEDULER = {
  ...shipped, _class_name: "DPMSolverMultistepScheduler", solver_order: 3, algorithm_type: "sde-dpmsolver++", euler_at_final: true, use_karras_sigmas: true,
};
const COMMON = { steps: 5, seed: 1, batch: 1, classLabels: 3 };
/** The package's samples with these options, as grey levels. */
const drawnWith = (page, options) => page.evaluate(async ([id, options]) => {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const pipeline = await Pipeline.fromPretrained(id, { device: await openDevice("cpu") });
  const sampling = pipeline.sample(options);
  for await (const _ of sampling);
  return Array.from(await sampling.images()).filter((_, index) => index % 4 === 0);
}, [ID, { ...COMMON, ...options }]);

/** The browser reports missing files, such as a preprocessor. */
const ABSENT = { tolerated: /huggingface\.co|404/ };
const LINK = `?model=${ID}&steps=5&seed=1&class=3&count=1&device=cpu`;

pageTest("a checkpoint is sampled with its scheduler's configuration, which the controls show", ABSENT, async (page, go) => {
  await playHub(page, ID, { scheduler: SCHEDULER });
  await go(LINK);
  await finished(page);
  const images = page.locator("#images");
  assert.equal(await page.locator("#sampler").inputValue(), "dpm-solver++");
  assert.match(await page.locator("#sampler-hint").textContent(), /The checkpoint’s default is DPM-Solver\+\+\.$/);
  assert.equal(await images.getByRole("radio", { name: "3", exact: true }).isChecked(), true);
  assert.equal(await images.getByLabel("Stochastic", { exact: true }).isChecked(), true);
  assert.equal(await images.getByLabel("Euler at the end").isChecked(), true);
  assert.equal(new URL(page.url()).searchParams.get("order"), null);
  assertClose(await greyOnCanvas(page), await drawnWith(page, {}), 1);

  // What is changed, and nothing else, is told to it.
  await images.getByRole("radio", { name: "1", exact: true }).check();
  assert.deepEqual(["order", "stochastic"].map((name) => new URL(page.url()).searchParams.get(name)), ["1", null]);
  const before = await picture(page);
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assert.notEqual(await picture(page), before);
  assertClose(await greyOnCanvas(page), await drawnWith(page, { sampler: "dpm-solver++", order: 1 }), 1);

  // Another sampler of the same checkpoint: its order is the checkpoint's, too.
  await page.locator("#sampler").selectOption("unipc");
  assert.equal(await images.getByRole("radio", { name: "3", exact: true }).isChecked(), true);
  await page.getByRole("button", { name: "Start" }).click();
  await finished(page);
  assertClose(await greyOnCanvas(page), await drawnWith(page, { sampler: "unipc" }), 1);
});

pageTest("a sampler in the link overrides that of the checkpoint", ABSENT, async (page, go) => {
  await playHub(page, ID, { scheduler: SCHEDULER });
  await go(`${LINK}&sampler=euler`);
  await finished(page);
  assert.equal(await page.locator("#sampler").inputValue(), "euler");
  assertClose(await greyOnCanvas(page), await drawnWith(page, { sampler: "euler" }), 1);
});

pageTest("the lab opens with DDIM instead of DDPM, which takes a thousand steps", {}, async (page, go) => {
  await go("?steps=1&count=1&device=cpu");
  await finished(page);
  assert.equal(await page.locator("#sampler").inputValue(), "ddim");
  assert.match(await page.locator("#sampler-hint").textContent(), /The checkpoint’s default is DDPM\.$/);
});
