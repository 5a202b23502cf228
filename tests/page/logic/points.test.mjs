// Parts of the points lab that do not need a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Curves, noised, noiseIn } from "../../../www/points/curves.js";
import { mixtureOf, mixtureQuantiles, normalQuantiles } from "../../../www/points/mixture.js";
import { distanceToNearest } from "../../../www/points/nearest.js";
import { Recording } from "../../../www/points/recording.js";
import { Run } from "../../../www/points/run.js";
import { controlOf, samplingOptions, schema, trainerOptions } from "../../../www/points/settings.js";
import { Dataset } from "../../../www/points/dataset.js";
import { beginStroke, extendStroke, pointsOfStroke, readStrokes, STROKES, writeStrokes } from "../../../www/points/strokes.js";
import { Training } from "../../../www/points/training.js";
import { signalIn } from "../../../www/points/weights.js";
import { readAddress } from "../../../www/shell/address.js";

const near = (actual, expected, tolerance) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);

/** A schedule whose alpha² falls by a quarter at each of three timesteps. */
const curves = () => {
  const signals = [0.75, 0.5, 0.25];
  return new Curves({ timesteps: 3, alpha: signals.map(Math.sqrt), sigma: signals.map((signal) => Math.sqrt(1 - signal)), logSnr: signals.map((signal) => Math.log(signal / (1 - signal))) });
};

test("noise levels match the schedule at timesteps, preserve the variance in between, and are clamped", () => {
  for (const [time, signal] of [[0, 0.75], [1, 0.5], [2, 0.25], [-5, 0.75], [9, 0.25]]) near(curves().levelAt(time).alpha ** 2, signal, 1e-12);
  const { alpha, sigma } = curves().levelAt(0.5);
  near(alpha ** 2 + sigma ** 2, 1, 1e-12);
  assert.ok(alpha ** 2 < 0.75 && alpha ** 2 > 0.5);
});

test("the noise is recovered from noisy points", () => {
  const [clean, noise] = [Float32Array.of(1, -2, 0.5, 3), Float32Array.of(0.25, -1, 2, 0)];
  const level = { alpha: 0.6, sigma: 0.8 };
  const noisy = noised(clean, noise, level, new Float32Array(4));
  near(noisy[1], 0.6 * -2 + 0.8 * -1, 1e-6);
  noiseIn(noisy, clean, level).forEach((value, index) => near(value, noise[index], 1e-6));
});

test("a model's two estimates at a point determine its signal level", () => {
  const [clean, noise] = [[0.3, 1.2], [-0.8, 0.5]];
  const noisy = clean.map((value, axis) => 0.6 * value + 0.8 * noise[axis]);
  near(signalIn(noisy, clean, noise), 0.6, 1e-12);
});

test("quantiles of N(0, 1) match tables and are symmetric", () => {
  const quantiles = normalQuantiles(40);
  near(quantiles[39], 2.2414, 2e-4); // of 0.9875
  near(quantiles[20], 0.0313, 2e-4); // of 0.5125
  quantiles.forEach((value, index) => near(value, -quantiles[39 - index], 1e-5));
});

test("each component of a mixture gets points in proportion to its weight", () => {
  const mixture = mixtureOf({ distance: 2, spread: 0.1, share: 0.75 });
  const points = mixtureQuantiles(mixture, 32);
  assert.equal(points.length, 32);
  assert.equal(points.filter((x) => x > 0).length, 24);
  near(points.filter((x) => x > 0).reduce((sum, x) => sum + x, 0) / 24, 1, 1e-5);
});

test("the distance to the nearest point is 0 for existing points", () => {
  const points = Float32Array.of(0, 0, 3, 4, -1, 0);
  assert.equal(distanceToNearest(points, points), 0);
  assert.equal(distanceToNearest(Float32Array.of(0, 2), points), 2);
  assert.ok(Number.isNaN(distanceToNearest(new Float32Array(0), points)));
});

/** A sampling of one point; it moves by 1 in every second evaluation. */
function stepping(steps) {
  let done = 0;
  return {
    get steps() { return steps; },
    noisy: async () => Float32Array.of(Math.ceil(done / 2), 0),
    async *[Symbol.asyncIterator]() {
      while (done < steps) yield { step: ++done, steps, timestep: 10 * (steps - done) };
    },
  };
}

test("a recording moves evenly from the first point to the last, for any order of the solver", async () => {
  const recording = new Recording();
  await recording.record(stepping(8), () => {});
  assert.equal(recording.isComplete, true);
  assert.deepEqual([recording.at(0)[0], recording.at(1)[0]], [0, 4]);
  let before = -1;
  for (let progress = 0; progress <= 1; progress += 0.01) {
    const x = recording.at(progress)[0];
    assert.ok(x >= before, `at ${progress}`);
    before = x;
  }
  assert.deepEqual(recording.frames.map(({ time }) => time), [70, 60, 40, 20, 0, null]);
});

test("long runs are subsampled and keep their ends", async () => {
  const recording = new Recording();
  await recording.record(stepping(1000), () => {});
  assert.ok(recording.frames.length <= 102, `${recording.frames.length} frames`);
  assert.equal(recording.end[0], 500);
  assert.equal(recording.at(0)[0], 0);
});

const trainer = { completedSteps: 0, options: { steps: 1000 }, parameterCount: 7, free() {} };
const slice = (run, losses) => run.take({ losses: Float32Array.from(losses) });

test("a run keeps every loss in order, and follows its trainer back after divergence", () => {
  const run = new Run("key", { ...trainer, completedSteps: 0 });
  for (let first = 0; first < 3000; first += 50) slice(run, Array.from({ length: 50 }, (_, index) => first + index));
  assert.equal(run.losses.length, 3000);
  assert.ok(run.losses.every((loss, index) => loss === index));
  run.trainer.completedSteps = 2900;
  run.recordDivergence();
  assert.deepEqual([run.state, run.losses.length], ["diverged", 2900]);
});

test("a diverged run resumes with a smaller learning rate, and a paused one only with the same", async () => {
  const own = { width: 8, learningRate: 0.1, steps: 1000 };
  const rates = [];
  const run = new Run("key", { ...trainer, options: own, setLearningRate: async (rate) => rates.push(rate) });
  const continues = (changes) => run.canContinue({ ...own, ...changes });
  assert.deepEqual([continues({}), continues({ learningRate: 0.01 }), continues({ width: 9 })], [true, false, false]);
  run.recordDivergence();
  assert.deepEqual([continues({}), continues({ learningRate: 0.01 }), continues({ learningRate: 1 }), continues({ learningRate: 0.01, width: 9 })], [false, true, false, false]);
  await run.slowDown(0.01);
  assert.deepEqual([run.state, rates], ["paused", [0.01]]);
});

const settings = readAddress(schema, "").settings;

/** A package whose devices are the given kinds, and whose trainers have the options that they were made with, or those of the settings. */
function packageWith(...kinds) {
  const opened = [];
  const made = (options, { device }) => ({ ...trainer, options: { ...trainerOptions(settings), ...options }, device, save: async () => {}, async *[Symbol.asyncIterator]() {}, model: async () => ({ free() {} }) });
  const Trainer = { create: async (data, { device, ...options }) => made(options, { device }), restore: async (state, options) => made({}, options) };
  const openDevice = async (kind) => {
    if (!kinds.includes(kind)) throw new Error(`there is no ${kind}`);
    opened.push(kind);
    return { kind };
  };
  return { Trainer, openDevice, opened };
}

const storeOf = (run) => ({ kept: { run }, async keep(part) { Object.assign(this.kept, part); } });
const silent = { busy() {}, slice() {}, model: async () => {}, device() {}, error(error) { throw error; } };

function trainingOf(tweedie, store) {
  const training = new Training(tweedie, store);
  training.tell(silent);
  return training;
}

test("a training is restored on its device, and only resumes there", async () => {
  const tweedie = packageWith("cpu", "webgpu");
  const training = trainingOf(tweedie, storeOf({ key: "key", device: "webgpu", state: null, losses: new Float32Array(0), took: 0, end: "paused" }));
  await training.restore();
  const run = training.runOf("key");
  assert.deepEqual([run.trainer.device.kind, tweedie.opened], ["webgpu", ["webgpu"]]);
  assert.equal(training.canResume(run, { ...settings, device: "webgpu" }), true);
  assert.equal(training.canResume(run, { ...settings, device: "cpu" }), false);
});

test("a training whose device no longer exists is restored on the CPU, with an error", async () => {
  const training = trainingOf(packageWith("cpu"), storeOf({ key: "key", device: "webgpu", state: null, losses: new Float32Array(0), took: 0, end: "paused" }));
  await assert.rejects(training.restore(), { place: "device" });
  const run = training.runOf("key");
  assert.equal(run.trainer.device.kind, "cpu");
  assert.equal(training.canResume(run, { ...settings, device: "cpu" }), true);
});

test("the device of a training is stored with it", async () => {
  const store = storeOf();
  const training = trainingOf(packageWith("webgpu"), store);
  await training.start("key", {}, { ...settings, device: "webgpu" });
  assert.equal(store.kept.run.device, "webgpu");
});

test("networks of an outdated drawing are freed and deleted, others are kept", async () => {
  const store = storeOf();
  const training = trainingOf(packageWith("cpu"), store);
  const dataset = new Dataset({});
  dataset.offerDrawn(Float32Array.of(0, 0, 1, 1));
  const keyOf = (data) => dataset.keyOf({ ...settings, data });
  const [moons, drawn] = [keyOf("two-moons"), keyOf("drawn")];
  for (const key of [moons, drawn]) await training.start(key, {}, settings);
  const [kept, old] = [training.runOf(moons), training.runOf(drawn)];
  training.release((key) => dataset.isSuperseded(key));
  assert.equal(training.runOf(drawn), old);

  dataset.offerDrawn(Float32Array.of(0, 0, 2, 1));
  training.release((key) => dataset.isSuperseded(key));
  assert.deepEqual([training.runOf(drawn), old.trainer, store.kept.run], [null, null, undefined]);
  assert.deepEqual([training.runOf(moons), kept.hasModel], [kept, true]);
});

test("a network is freed when it was replaced and is no longer used", async () => {
  const run = new Run("key", trainer);
  const freed = [];
  const model = (name) => ({ free: () => freed.push(name) });
  run.setModel(model("first"));
  let end;
  const use = run.use(() => new Promise((resolve) => (end = resolve)));
  run.setModel(model("second"));
  assert.deepEqual(freed, []);
  end();
  await use;
  assert.deepEqual(freed, ["first"]);
  run.setModel(model("third"));
  assert.deepEqual(freed, ["first", "second"]);
});

test("the ranges of links match those of the engine", () => {
  for (const [query, word] of [["?width=0", "4096"], ["?width=1000000", "4096"], ["?frequencies=17", "16"], ["?learningRate=NaN", "number"], ["?ema=1", "0.99999"], ["?batch=1.5", "whole"]]) {
    assert.match(Object.values(readAddress(schema, query).problems)[0] ?? "", new RegExp(word), query);
  }
  const { settings } = readAddress(schema, "?trainingSteps=70&width=32&prediction=score");
  const { width, prediction, steps } = trainerOptions(settings);
  assert.deepEqual({ width, prediction, steps }, { width: 32, prediction: "score", steps: 70 });
});

test("the noise of a Langevin step is small compared with the lowest noise level", () => {
  const langevin = { name: "annealed-langevin", options: { stepSize: {} } };
  const { stepSize, ...rest } = samplingOptions(langevin, { ...settings, steps: 500 }, curves());
  near(stepSize, 0.5 * (1 / 0.75 - 1), 1e-12);
  // A single step, trailing, is at the last timestep; with Karras' levels the last of them is the lowest of all.
  near(samplingOptions(langevin, { ...settings, steps: 1 }, curves()).stepSize, 0.5 * (1 / 0.25 - 1), 1e-12);
  near(samplingOptions(langevin, { ...settings, steps: 1, spacing: "karras" }, curves()).stepSize, 0.5 * (1 / 0.75 - 1), 1e-12);
  assert.deepEqual(rest, { sampler: "annealed-langevin", count: 1500, seed: 0, steps: 500 });
});

test("an engine error is shown at the control that it names", () => {
  const refused = (option) => Object.assign(new Error(`${option} is wrong`), { code: "invalid-option", option });
  assert.equal(controlOf(refused("width"), "run"), "width");
  assert.equal(controlOf(refused("stepSize"), "run"), "samplers");
  assert.equal(controlOf(refused("magic"), "run"), "run");
  assert.equal(controlOf(new Error("width is lost"), "run"), "run");
});

test("strokes survive the text of a link, with the same points", () => {
  const fast = beginStroke([-4, -2.5]);
  // Farther than a digit holds.
  assert.equal(extendStroke(fast, [4.2, 2.9]), true);
  assert.equal(extendStroke(fast, [4.21, 2.9]), false, "too close");
  const dot = beginStroke([0.5, -0.25]);
  const text = writeStrokes([fast, dot]);
  assert.match(text, STROKES);
  const read = readStrokes(text);
  assert.deepEqual(read, [fast, dot]);
  assert.deepEqual(pointsOfStroke(read[0]), pointsOfStroke(fast));
  near(0.02 * read[0].at(-1)[0], 4.2, 0.011);
  for (const bad of ["abc", "AAAAA", "AAAA.B", "AAAA!"]) assert.doesNotMatch(bad, STROKES);
  assert.deepEqual(readStrokes(""), []);
});

test("the points of a stroke are normal about its line, evenly along it", () => {
  const line = beginStroke([-3, 1]);
  extendStroke(line, [3, 1]);
  const points = pointsOfStroke(line);
  const [across, along] = [1, 0].map((axis) => points.filter((_, at) => at % 2 === axis).map((value) => value - axis));
  near(across.reduce((sum, value) => sum + value, 0) / across.length, 0, 0.01);
  near(Math.sqrt(across.reduce((sum, value) => sum + value * value, 0) / across.length), 0.06, 0.006);
  near(along.reduce((sum, value) => sum + value, 0) / along.length, 0, 0.05);
  near(along.filter((value) => value < -1.5).length / along.length, 0.25, 0.02);
});
