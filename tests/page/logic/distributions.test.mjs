// Parts of the distributions lab and its plots that do not need a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Run } from "../../../www/distributions/run.js";
import { densityFor, rejectionFor, schema, schemaFor, settle } from "../../../www/distributions/settings.js";
import { TARGETS } from "../../../www/distributions/targets.js";
import { PlaybackRate } from "../../../www/distributions/playback-rate.js";
import { components, drawing, readHeights, weights, writeHeights } from "../../../www/distributions/written.js";
import { Axis, roundNumbers } from "../../../www/plot/axis.js";
import { binsFor, Frequencies, Histogram } from "../../../www/plot/histogram.js";
import { staircase, valueAt } from "../../../www/plot/line.js";
import { queryOf, readAddress } from "../../../www/shell/address.js";
import { Throttle } from "../../../www/shell/throttle.js";

const close = (actual, expected, tolerance) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
const labels = (...range) => roundNumbers(...range).map(({ label }) => label).join(" ");

test("the numbers along an axis are round, inside it, and have distinct labels", () => {
  assert.equal(labels(0, 1, 5), "0.0 0.2 0.4 0.6 0.8 1.0");
  assert.equal(labels(-3.2, 3.2, 8), "−3 −2 −1 0 1 2 3");
  assert.equal(labels(-0.3, 0.3, 6), "−0.3 −0.2 −0.1 0.0 0.1 0.2 0.3");
  assert.equal(labels(0, 3e7, 5), "0 1e7 2e7 3e7");
  assert.equal(labels(1, 1, 5), "");
  for (const [least, most] of [[0, 0.0123], [-17, 23.5], [99.9, 100.1], [1e-9, 4e-9]]) {
    const numbers = roundNumbers(least, most, 6);
    assert.ok(numbers.length >= 3 && numbers.length <= 8, `${numbers.length} numbers`);
    assert.ok(numbers.every(({ value }) => value >= least && value <= most));
    assert.equal(new Set(numbers.map(({ label }) => label)).size, numbers.length);
  }
});

test("an axis maps positions back to values, clamped to its ends", () => {
  const axis = new Axis([-2, 6], [300, 100]);
  for (const value of [-2, 0, 1.25, 6]) close(axis.valueAt(axis.at(value)), value, 1e-12);
  assert.equal(axis.clampedAt(400), -2);
  assert.equal(axis.clampedAt(0), 6);
});

test("the area of a histogram is the fraction of samples in its range, for any merging of bins", () => {
  const samples = Float64Array.from({ length: 10_000 }, (_, index) => (index + 0.5) / 5000 - 0.5); // -0.5 to 1.5
  const histogram = new Histogram([0, 1]);
  histogram.add(samples);
  for (const count of [1, 7, 20, 64, 120, 1000]) {
    const bars = histogram.bars(count);
    assert.ok(bars.length <= Math.min(count, 240), `${bars.length} bins`);
    close(bars.reduce((area, { left, right, height }) => area + (right - left) * height, 0), 0.5, 1e-12);
    close(bars[0].left, 0, 0);
    close(bars.at(-1).right, 1, 1e-12);
    for (const { height } of bars) close(height, 0.5, 0.02);
  }
});

test("samples that are counted in parts are counted once", () => {
  const samples = Float64Array.of(0.1, 0.2, 0.9, 0.95);
  const [whole, parts] = [new Histogram([0, 1]), new Histogram([0, 1])];
  whole.add(samples);
  parts.add(samples, 0, 3);
  parts.add(samples, 3);
  assert.deepEqual(parts.bars(20), whole.bars(20));
  assert.equal(parts.total, 4);
  const frequencies = new Frequencies([1, 2, 5]);
  frequencies.add(Float64Array.of(5, 1, 5, 5));
  assert.deepEqual(frequencies.bars().map(({ height }) => height), [0.25, 0, 0.75]);
});

test("more samples have more bins, within limits", () => {
  assert.deepEqual([1, 1000, 8000, 1e7].map(binsFor), [20, 20, 40, 120]);
});

test("the CDF of a probability mass function jumps at each value and is flat in between", () => {
  const { xs, ys } = staircase([1, 2, 4], [0.25, 0, 0.75], [0, 5]);
  assert.deepEqual(xs, [0, 1, 1, 2, 2, 4, 4, 5]);
  assert.deepEqual(ys, [0, 0, 0.25, 0.25, 0.25, 0.25, 1, 1]);
  assert.deepEqual([0.5, 1, 3, 4, 9].map((x) => valueAt(xs, ys, x)), [0, 0.25, 0.25, 1, 1]);
  assert.equal(valueAt([0, 2], [1, 3], 0.5), 1.5);
});

test("drawings, weights and components are parsed as written, and invalid texts are rejected", () => {
  const heights = Array.from({ length: 64 }, (_, index) => index);
  assert.deepEqual(readHeights(writeHeights(heights), 64), heights);
  assert.equal(encodeURIComponent(writeHeights(heights)), writeHeights(heights));
  for (const wrong of ["", "00", "0000", "0.0", "0ä0"]) assert.equal(drawing([1, 2, 3]).read(wrong), undefined, wrong);

  assert.equal(weights([1, 2], [2, 4]).read("0,5,100"), "0,5,100");
  for (const wrong of ["", "1", "1,2,3,4,5", "1,,2", "-1,2", "1.5,2", "101,2", "1,x"]) {
    assert.equal(weights([1, 2], [2, 4]).read(wrong), undefined, wrong);
  }

  assert.deepEqual(components([], 2).parse("1:-2:0.5,0.5:0:1"), [{ weight: 1, mean: -2, sd: 0.5 }, { weight: 0.5, mean: 0, sd: 1 }]);
  for (const wrong of ["", "1:2", "1:2:3:4", "0:0:1", "1:0:0", "1::1", "1:0:1,1:0:1,1:0:1", "1:0:Infinity"]) {
    assert.equal(components([], 2).read(wrong), undefined, wrong);
  }
});

test("a link contains the relevant settings and restores them", () => {
  const { settings } = readAddress(schema, "?method=rejection&target=normal&proposal=laplace&fit=hand&envelope=hand&c=1.7&q-laplace-scale=2");
  const query = queryOf(schemaFor(settings), settings);
  assert.deepEqual([...new URLSearchParams(query).keys()].sort(), ["c", "envelope", "fit", "method", "proposal", "q-laplace-scale", "target"]);
  assert.deepEqual(readAddress(schema, query).settings, settings);
  for (const target of Object.keys(TARGETS)) {
    const initial = { ...readAddress(schema, "").settings, target };
    assert.deepEqual(readAddress(schema, queryOf(schemaFor(initial), initial)), { settings: initial, problems: {} }, target);
  }
});

test("a proposal that is not in the link is the target's default", () => {
  for (const [target, proposal] of [["power", "uniform"], ["exponential", "exponential"], ["cauchy", "cauchy"], ["discrete", "uniform"]]) {
    const { settings } = readAddress(schema, `?target=${target}`);
    settle(settings);
    assert.equal(rejectionFor(settings).proposal, proposal);
  }
});

test("each target is created by the package's function of the same name, with its parameters", () => {
  const calls = new Proxy({}, { get: (_, name) => (...given) => [name, ...given] });
  const made = (query) => densityFor(calls, readAddress(schema, query).settings);
  assert.deepEqual(made("?target=triangular&triangular-low=-1&triangular-mode=0&triangular-high=3"), ["triangular", -1, 0, 3]);
  assert.deepEqual(made("?target=power"), ["power", 2, 2]);
  assert.deepEqual(made("?target=mixture&components=1:-2:0.5"), ["mixture", [{ weight: 1, mean: -2, sd: 0.5 }]]);
  assert.deepEqual(made("?target=formula&source=x^2&formula-low=0&formula-high=1"), ["formula", "x^2", 0, 1]);
  assert.deepEqual(made("?target=discrete&weights=3,0,1"), ["discrete", [1, 2, 3], [3, 0, 1]]);
  const [name, knots, heights] = made("?target=drawn");
  assert.deepEqual([name, knots.length, knots[0], knots.at(-1), heights.length], ["piecewiseLinear", 61, -3, 3, 61]);
});

test("a rejection run knows the number of samples after each proposal, and extrapolates", () => {
  const steps = {
    x: Float64Array.of(1, 2, 3, 4), height: new Float64Array(4), isAccepted: Uint8Array.of(0, 1, 1, 0),
    accepted: Float64Array.of(2, 3), acceptanceRate: 0.5,
  };
  const run = new Run(4, steps);
  assert.deepEqual([0, 1, 2, 3, 4].map((step) => run.samplesAfter(step)), [0, 0, 1, 2, 2]);
  assert.deepEqual(run.acceptance(3), { proposed: 3, accepted: 2 });
  assert.equal(run.length, 8);
  assert.equal(run.available, 4, "what is not there yet cannot be shown");
  const stopped = new Run(4, steps);
  stopped.cut();
  assert.deepEqual([stopped.count, stopped.length, stopped.available], [2, 4, 4]);
  run.samples = Float64Array.of(2, 3, 5, 7);
  assert.equal(run.available, 8);
  assert.deepEqual([4, 5, 6, 8].map((step) => run.samplesAfter(step)), [2, 2, 3, 4]);
});

test("samples appear one at a time at first, then faster and faster", () => {
  const playbackRate = new PlaybackRate();
  const times = [];
  let done = 0;
  for (let frame = 1; done < 100_000; frame++) {
    done = playbackRate.after(done, 1 / 60, 100_000);
    while (times.length < Math.min(done, 10) && Math.floor(done) > times.length) times.push(frame / 60);
  }
  assert.ok(times[0] > 1 && times[0] < 2, `the first sample takes ${times[0]} s`);
  for (let index = 2; index < times.length; index++) {
    assert.ok(times[index] - times[index - 1] <= times[index - 1] - times[index - 2] + 1 / 30, times.join(", "));
  }
  assert.equal(done, 100_000);
  playbackRate.speed = "slow";
  close(playbackRate.after(3, 1, 100_000), 3.55, 1e-12);
  assert.ok(playbackRate.isFollowed);
  playbackRate.speed = "fast";
  assert.equal(playbackRate.after(0, 2, 1000), 1000);
  assert.ok(!playbackRate.isFollowed);
});

test("a throttled action runs immediately, and once more after the pause", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let times = 0;
  const throttle = new Throttle(() => times++, 100);
  for (let ask = 0; ask < 5; ask++) throttle.ask();
  assert.equal(times, 1);
  context.mock.timers.tick(100);
  assert.equal(times, 2);
  context.mock.timers.tick(1000);
  assert.equal(times, 2);
  throttle.ask();
  throttle.ask();
  throttle.flush();
  assert.equal(times, 4);
});
