// Parts of the page that do not need a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Results } from "../../../www/compare/compute.js";
import { distance, planOf, runsOf } from "../../../www/compare/plan.js";
import { pictureOptions, pointOptions } from "../../../www/compare/sources.js";
import { Trajectory } from "../../../www/images/trajectory.js";
import { gridLayout } from "../../../www/plot/grid.js";
import { signalVarianceAt } from "../../../www/plot/noise-levels.js";
import { pack, unpack } from "../../../www/compare/precomputed.js";
import { integer, list, queryOf, readAddress } from "../../../www/shell/address.js";
import { GLOSSARY, termIn } from "../../../www/shell/glossary.js";
import { asSentence } from "../../../www/shell/problems.js";
import { timeLeft } from "../../../www/shell/progress.js";

test("between timesteps the signal variance is interpolated, and after the last step all is signal", () => {
  assert.equal(signalVarianceAt([0.9, 0.5], 0.25), 0.8);
  assert.equal(signalVarianceAt([0.9, 0.5], 7), 0.5);
  assert.equal(signalVarianceAt([0.9, 0.5], -1), 1);
});

/** A sampling of single pixels; x_t is the number of steps done, the prediction 100 more. */
function counted(steps) {
  let completed = 0;
  return {
    steps,
    batch: 1,
    images: async (which) => Uint8ClampedArray.of(which === "clean" ? 100 + completed : completed, 0, 0, 255),
    async *[Symbol.asyncIterator]() {
      while (completed < steps) yield { step: ++completed, steps, timestep: 10 * (steps - completed) };
    },
  };
}

test("each x_t is recorded with the estimate from it", async () => {
  const sampling = counted(3);
  const trajectory = new Trajectory(sampling, [1, 1], await sampling.images("noisy"));
  await trajectory.record(sampling, () => {});
  const seen = trajectory.frames.map((_, index) => [trajectory.pixels(index, "noisy")[0], trajectory.pixels(index, "clean")[0]]);
  assert.deepEqual(seen, [[0, 101], [1, 102], [2, 103], [3, 103]]);
  assert.deepEqual(trajectory.timesteps(), [20, 10, 0, -1]);
});

test("long runs and large images are subsampled to a fixed budget, and keep their ends", async () => {
  for (const [steps, batch, edge] of [[1000, 1, 1], [1000, 64, 28], [50, 16, 256], [20, 64, 512]]) {
    const trajectory = new Trajectory({ steps, batch }, [edge, edge], new Uint8ClampedArray());
    const kept = Array.from({ length: steps }, (_, index) => index + 1).filter((step) => trajectory.keeps(step));
    assert.ok(kept.length <= 250);
    assert.ok(kept.length * 8 * batch * edge * edge <= 128 * 2 ** 20 || kept.length <= 2, `${kept.length} frames`);
    assert.equal(kept.at(-1), steps);
  }
  const sampling = counted(1000);
  const trajectory = new Trajectory(sampling, [1, 1], await sampling.images("noisy"));
  await trajectory.record(sampling, () => {});
  assert.equal(trajectory.timesteps().length, 1001);
  assert.ok(trajectory.timesteps().every((timestep, step) => Math.abs(timestep - 10 * (999 - step)) < 10.1));
});

test("the cells of the grid fill the box without touching or leaving it", () => {
  for (const count of [1, 2, 3, 5, 10, 16, 37, 64]) {
    for (const [width, height] of [[584, 584], [300, 900]]) {
      const { cellWidth, cellHeight, cells } = gridLayout({ count, imageWidth: 28, imageHeight: 28, width, height, gap: 8 });
      assert.equal(cells.length, count);
      for (const { x, y } of cells) assert.ok(x >= 0 && y >= 0 && x + cellWidth <= width && y + cellHeight <= height);
      for (const [index, { x, y }] of cells.entries()) {
        for (const other of cells.slice(0, index)) assert.ok(Math.abs(x - other.x) >= cellWidth + 8 || Math.abs(y - other.y) >= cellHeight + 8);
      }
    }
  }
});

test("a list is read whole, each value once, and written with its commas", () => {
  const schema = { steps: list([5, 10], integer(0, 1, 1000), "a list of whole numbers from 1 to 1000") };
  const read = (query) => readAddress(schema, query);
  assert.deepEqual(read("?steps=20,2,20").settings, { steps: [20, 2] });
  assert.deepEqual(read("").settings, { steps: [5, 10] });
  for (const bad of ["", "2,,3", "2,x", "0"]) {
    const { settings, problems } = read(`?steps=${bad}`);
    assert.deepEqual(settings, { steps: [5, 10] });
    assert.match(problems.steps, /must be a list of whole numbers from 1 to 1000\. Using 5,10 instead/);
  }
  assert.equal(queryOf(schema, { steps: [20, 2] }), "?steps=20,2");
});

test("a link omits defaults, and is empty if all settings are defaults", () => {
  const schema = { steps: list([5, 10], integer(0, 1, 1000), "steps"), seed: integer(4, 0, 9), model: { initial: "mnist", read: String } };
  assert.equal(queryOf(schema, { steps: [5, 10], seed: 4, model: "mnist" }), "");
  assert.equal(queryOf(schema, { steps: [10, 5], seed: 0, model: "a/b" }), "?steps=10,5&seed=0&model=a/b");
  const written = { steps: [1], seed: 4, model: "mnist" };
  assert.deepEqual(readAddress(schema, queryOf(schema, written)).settings, written);
});

test("a sentence starts with a capital letter, unless it starts with an address", () => {
  assert.equal(asSentence("steps must be 1, got 0"), "Steps must be 1, got 0.");
  assert.equal(asSentence("no network is trained!"), "No network is trained!");
  for (const address of ["https://huggingface.co/a/b answered 404", "huggingface.co cannot be reached", "unet/config.json is missing", "./models is empty", "config.json is no JSON"]) {
    assert.equal(asSentence(address), `${address}.`);
  }
});

test("the remaining time is shown in whole seconds, once it is known and long enough", () => {
  assert.deepEqual(timeLeft(12_400, 600), ["12 s left"]);
  assert.deepEqual(timeLeft(185_000, 600), ["3 min 5 s left"]);
  for (const [left, elapsed] of [[12_400, 100], [400, 5000], [0, 5000], [NaN, 5000]]) assert.deepEqual(timeLeft(left, elapsed), [], `${left} after ${elapsed}`);
});

const SAMPLERS = [
  { name: "ddpm", title: "DDPM", noise: "each-step", evaluations: 1, options: {} },
  { name: "ddim", title: "DDIM", noise: "none", evaluations: 1, options: { eta: {}, useClippedModelOutput: {} } },
  { name: "unipc", title: "UniPC", noise: "none", evaluations: 1, options: { order: {} } },
  { name: "dormand-prince", title: "Adaptive", noise: "none", evaluations: 6, options: { absoluteTolerance: {}, relativeTolerance: {} } },
];
const COMPARISON = { source: "pictures", samplers: SAMPLERS.map(({ name }) => name), steps: [20, 5], seed: 1, class: "3", count: "4", order: "3", spacing: "karras" };

test("deterministic samplers come first and share their reference; a stochastic one has its own", () => {
  const model = { classCount: 11, nullClassLabel: 10, alphasCumprod: new Float64Array(1000) };
  const rows = planOf(COMPARISON, SAMPLERS, model, pictureOptions(COMPARISON, model));
  assert.deepEqual(rows.map(({ sampler }) => sampler.name), ["ddim", "unipc", "dormand-prince", "ddpm"]);
  assert.deepEqual(rows.map(({ cells }) => cells.map(({ options }) => options.steps)), [[5, 20], [5, 20], [undefined], [5, 20]]);
  const common = { seed: 1, batch: 4, classLabels: 3 };
  const flow = { ...common, clipSample: false };
  assert.deepEqual(rows[0].cells[0].options, { ...flow, useClippedModelOutput: true, sampler: "ddim", spacing: "karras", steps: 5 });
  assert.deepEqual(rows[1].cells[0].options, { ...flow, sampler: "unipc", spacing: "karras", order: 3, steps: 5 });
  // The solution does not depend on how the samplers that approach it choose their levels.
  const solution = { ...flow, sampler: "dpm-solver++", order: 2, spacing: "trailing" };
  for (const { reference } of rows.slice(0, 3)) {
    assert.deepEqual(reference.options, { ...solution, steps: 1000 });
    assert.deepEqual(reference.coarse.options, { ...solution, steps: 100 });
  }
  assert.deepEqual(rows[3].reference.options, { ...common, sampler: "ddpm", spacing: "karras", steps: 1000 });
});

test("runs that a curve needs are computed before those that refine it", () => {
  const model = { classCount: 11, nullClassLabel: 10, alphasCumprod: new Float64Array(1000) };
  const runs = runsOf(planOf(COMPARISON, SAMPLERS, model, pictureOptions(COMPARISON, model)));
  assert.deepEqual(runs.map(({ options }) => options.steps), [5, 20, 100, 5, 20, undefined, 5, 20, 100, 1000, 1000]);
});

test("deterministic samplers of a checkpoint follow the same flow from pure noise; points and stochastic samplers keep their options", () => {
  const [ddim, heun] = [SAMPLERS[1], { name: "heun", title: "Heun", noise: "none", evaluations: 2, options: {} }];
  const model = { classCount: 0, nullClassLabel: null, alphasCumprod: new Float64Array(1000) };
  const optionsOf = (settings) => {
    const rows = planOf({ ...COMPARISON, samplers: ["ddim", "heun", "ddpm"], spacing: "default", ...settings }, [ddim, heun, SAMPLERS[0]], model, {});
    return rows.map(({ cells: [{ options: { clipSample, spacing } }] }) => ({ clipSample, spacing }));
  };
  // Heun's first step would be unstable from noise alone.
  assert.deepEqual(optionsOf({}), [{ clipSample: false, spacing: "trailing" }, { clipSample: false, spacing: undefined }, { clipSample: undefined, spacing: "trailing" }]);
  const own = { clipSample: undefined, spacing: undefined };
  assert.deepEqual(optionsOf({ source: "ideal" }), [own, own, own]);
});

test("precomputed values are precise enough for the distances", () => {
  const values = Float32Array.of(-1, 1, 0.12345, 1.5, -1.2);
  unpack(pack(values)).forEach((value, index) => assert.ok(Math.abs(value - values[index]) < 2e-4));
});

test("a reference has at most the training's number of steps, and no class for models without classes", () => {
  const model = { classCount: 0, nullClassLabel: null, alphasCumprod: new Float64Array(256) };
  const [{ reference }] = planOf({ ...COMPARISON, samplers: ["ddpm"] }, SAMPLERS, model, pictureOptions(COMPARISON, model));
  assert.deepEqual(reference.options, { seed: 1, batch: 4, sampler: "ddpm", spacing: "karras", steps: 256 });
  assert.equal(reference.coarse.options.steps, 100);
});

test("the distance is the root of the mean squared difference", () => {
  assert.equal(distance(Float32Array.of(1, -1, 0.5, 0), Float32Array.of(0, 1, -0.5, 2)), Math.sqrt((1 + 4 + 1 + 4) / 4));
  assert.equal(distance(Float32Array.of(0.25), Float32Array.of(0.25)), 0);
});

test("results are cached within their budget, including the latest in any case", () => {
  const result = (bytes) => ({ values: new Float32Array(0), shown: new Uint8ClampedArray(bytes) });
  const results = new Results(100);
  const kept = () => ["a", "b", "c", "d"].filter((key) => results.get(key) !== undefined).join("");
  for (const [key, bytes] of [["a", 40], ["b", 40]]) results.set(key, result(bytes));
  assert.equal(kept(), "ab");
  results.set("c", result(40));
  assert.equal(kept(), "bc");
  results.set("d", result(500));
  assert.equal(kept(), "d");
  results.clear();
  results.set("a", result(100));
  assert.equal(kept(), "a");
});

test("the longest term is found first, and each definition has one or two sentences", () => {
  assert.deepEqual(termIn("the loss of the ideal denoiser"), { name: "ideal-denoiser", from: 16, to: 30 });
  assert.deepEqual(termIn("EMA decay"), { name: "ema", from: 0, to: 9 });
  assert.equal(termIn("Use clipped model output").name, "clipped");
  assert.equal(termIn("Against network evaluations").name, "evaluations");
  assert.equal(termIn("underscored schemata"), null);
  for (const { gloss } of Object.values(GLOSSARY)) assert.match(gloss, /^[A-ZD].{40,260}\.$/);
});
