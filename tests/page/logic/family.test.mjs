// Parts of the lab of generative models that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { COLUMNS, measurementsTable, mixtureLogDensity, modesCovered } from "../../../www/family/measures.js";
import { MODELS, titled } from "../../../www/family/models.js";
import { gridLines, normals } from "../../../www/family/overlays.js";
import { Losses } from "../../../www/family/run.js";
import { schema, trainerOptions } from "../../../www/family/settings.js";
import { encodeCsv } from "../../../www/share/csv.js";
import { readAddress } from "../../../www/shell/address.js";

const near = (actual, expected, tolerance) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
const MIXTURE = { means: [-2, 0, 2, 0], spreads: [0.5, 0.5], weights: [1, 3] };

test("the log-density of a mixture is that of its components, weighted", () => {
  const [left, between] = mixtureLogDensity(MIXTURE, Float32Array.of(-2, 0, 0, 0));
  near(left, Math.log(0.25 / (2 * Math.PI * 0.25)), 1e-9);
  near(between, Math.log(Math.exp(-8) / (2 * Math.PI * 0.25)), 1e-9);
});

test("a mode is covered by a fifth of its share within three standard deviations", () => {
  const at = (x, count) => Array.from({ length: count }, () => [x, 0]).flat();
  const equal = { ...MIXTURE, weights: undefined };
  assert.deepEqual(modesCovered(equal, Float32Array.from([...at(-2, 90), ...at(2.1, 10)])), { covered: 2, modes: 2, near: 1 });
  assert.deepEqual(modesCovered(equal, Float32Array.from([...at(-2, 91), ...at(2, 9)])), { covered: 1, modes: 2, near: 1 });
  assert.deepEqual(modesCovered(equal, Float32Array.from(at(0, 4))), { covered: 0, modes: 2, near: 0 });
});

test("losses grow by slices, and a step without a loss has none", () => {
  const losses = new Losses();
  losses.add({ generator: Float32Array.of(1, 2) });
  losses.add({ generator: Float32Array.of(3), penalty: Float32Array.of(7) });
  assert.equal(losses.steps, 3);
  assert.deepEqual(losses.all.map(([name, values]) => [name, [...values]]), [["generator", [1, 2, 3]], ["penalty", [NaN, NaN, 7]]]);
});

test("options name the model, and only presets that it has", () => {
  const settings = { preset: "works", steps: 0, seed: 3 };
  assert.deepEqual(trainerOptions("gan", settings, { presets: ["works"], options: { steps: 3000 } }), { seed: 3, model: "gan", preset: "works" });
  assert.deepEqual(trainerOptions("vae", { ...settings, steps: 9 }, { presets: [], options: { steps: 3000 } }), { seed: 3, model: "vae", steps: 9 });
  assert.deepEqual(trainerOptions("diffusion", settings, { presets: ["fixed-small"], options: { steps: 4000 } }), { seed: 3, model: "diffusion" });
  assert.deepEqual(trainerOptions("progressive-distillation", { ...settings, steps: 9 }, { presets: [], options: { teacherSteps: 2500 } }), { seed: 3, model: "progressive-distillation" });
});

test("a link restores the settings, and what it misstates is named", () => {
  const { settings, problems } = readAddress(schema, "?model=vae&data=rings&steps=50&view=few");
  assert.deepEqual([settings.model, settings.data, settings.steps, settings.view], ["vae", "rings", 50, "one"]);
  assert.match(problems.view, /one of one, all/);
});

test("the grid has lines in both directions, and the noise is standard normal", () => {
  const lines = gridLines({ lines: 3, points: 2, extent: 1 });
  assert.deepEqual([...lines.subarray(0, 4)], [-1, -1, 1, -1]);
  assert.deepEqual([...lines.subarray(12, 16)], [-1, -1, -1, 1]);
  const numbers = normals(4000);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  near(mean, 0, 0.05);
  near(numbers.reduce((sum, value) => sum + value ** 2, 0) / numbers.length, 1, 0.08);
});

test("the table says what a model does not have, and its CSV has a cell for every column", async () => {
  const measurements = {
    distance: 0.0512, modes: null, excess: null, bound: null, evaluations: 1, millisecondsPerThousand: 3.14159, seconds: 12.34, latents: 2, parameters: 8642,
  };
  assert.deepEqual(COLUMNS.map(({ text }) => text(measurements)), ["0.051", "–", "none", "–", "1", "3.1 ms", "12.3 s", "2", "8,642"]);
  const file = await encodeCsv(measurementsTable([["gan", measurements]]), { signal: new AbortController().signal });
  const [head, row] = (await file.text()).trim().split("\n").map((line) => line.split(","));
  assert.equal(row.length, head.length);
  assert.deepEqual([row[0], row[1], row[4]], ["gan", "0.0512", ""]);
  const exact = COLUMNS.find(({ name }) => name === "nll");
  assert.equal(exact.text({ excess: { nll: 1.5, entropy: 1.39 } }), "1.50 (+0.11)");
  assert.equal(exact.text({ excess: { nll: 1.5, entropy: 1.52 } }), "1.50 (−0.02)");
});

test("every model has a title, three sentences and a source", () => {
  for (const { title, sentences, paper, lines } of Object.values(MODELS)) {
    assert.ok(title !== "" && lines.startsWith("<mrow>"));
    assert.equal(sentences.length, 3);
    assert.match(paper[1], /^https:/);
  }
  assert.equal(titled("mode-collapse"), "Mode collapse");
  assert.equal(titled("some-thing"), "Some thing");
});
