// Parts of the lab on memorisation that do not need a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BY_CHANCE, neighboursOf, separated } from "../../../www/memorise/copies.js";
import { pointsAt, schema, SIZES, sliderOf } from "../../../www/memorise/settings.js";
import { randomsFrom } from "../../../www/points/randoms.js";

const training = Float32Array.of(0, 0, 1, 0, 0, 3);

test("a sample is a copy if the nearest point is less than a third as far away as the second", () => {
  // On the line between two points at distance 1, the ratio is x/(1 − x), which is 1/3 at 1/4.
  const { nearest, isCopy, share } = neighboursOf(Float32Array.of(0.2, 0, 0.26, 0, 0.9, 0, 0, 3), training);
  assert.deepEqual([...nearest], [0, 0, 0, 0, 1, 0, 0, 3]);
  assert.deepEqual(isCopy, [true, false, true, true]);
  assert.equal(share, 0.75);
  assert.deepEqual([...separated(Float32Array.of(1, 2, 3, 4), [true, false]).others], [3, 4]);
});

test("of new draws, one in nine is a copy by chance", () => {
  const random = randomsFrom(7);
  const uniform = (count) => Float32Array.from({ length: 2 * count }, () => random());
  const count = 20_000;
  const { share } = neighboursOf(uniform(count), uniform(2000));
  const error = Math.sqrt((BY_CHANCE * (1 - BY_CHANCE)) / count);
  assert.ok(Math.abs(share - 1 / 9) < 4 * error + 0.005, `${share}`);
});

test("training points themselves are copies", () => {
  assert.equal(neighboursOf(training, training).share, 1);
});

test("the slider reaches every size", () => {
  for (const points of SIZES) assert.equal(pointsAt(sliderOf(points)), points);
  for (const points of [pointsAt(0), pointsAt(1)]) assert.equal(schema.points.read(points), points);
});
