// Computations of the plots, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthsOf } from "../../../www/plot/arrows.js";
import { channelsOf, lightnessOf, rampOf, SHADES } from "../../../www/plot/color-map.js";
import { divided, Plane } from "../../../www/plot/plane.js";
import { envelope, smoothed } from "../../../www/plot/smoothing.js";

const LIGHT = ["rgb(255, 255, 255)", "rgb(11, 110, 110)", "rgb(25, 29, 30)"];
const DARK = ["rgb(23, 29, 31)", "rgb(98, 208, 195)", "rgb(232, 236, 236)"];
const channels = (pixel) => [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];

test("a ramp starts and ends with its colours, and its lightness is monotonic", () => {
  for (const [colors, direction] of [[LIGHT, -1], [DARK, 1]]) {
    const ramp = rampOf(colors);
    assert.equal(ramp.length, SHADES);
    assert.deepEqual(channels(ramp[0]), channelsOf(colors[0]));
    assert.deepEqual(channels(ramp[SHADES - 1]), channelsOf(colors[2]));
    const lightness = Array.from(ramp, (pixel) => lightnessOf(channels(pixel)));
    lightness.slice(1).forEach((value, index) => assert.ok(direction * (value - lightness[index]) > -2e-3, `shade ${index + 1}`));
    assert.ok(ramp.every((pixel) => pixel >>> 24 === 255));
  }
});

test("the perceived lightness of black is 0, of white 1, and of grey in between", () => {
  assert.ok(Math.abs(lightnessOf([255, 255, 255]) - 1) < 1e-6);
  assert.equal(lightnessOf([0, 0, 0]), 0);
  assert.ok(Math.abs(lightnessOf([119, 119, 119]) - 0.5693) < 1e-3);
});

test("points and canvas positions are converted in both directions", () => {
  const plane = new Plane({ x: 20, y: 10, width: 600, height: 300 }, 3);
  assert.equal(plane.scale, 50);
  assert.deepEqual([plane.atX(0), plane.atY(0)], [320, 160]);
  assert.ok(plane.atY(1) < plane.atY(0), "y points upwards");
  for (const point of [[0.5, -2], [-3, 1.25], [5, 3]]) {
    assert.deepEqual(plane.pointAt({ x: plane.atX(point[0]), y: plane.atY(point[1]) }), point);
  }
  assert.deepEqual([plane.halfWidth, plane.halfHeight], [6, 3]);
});

test("the cells of a grid cover the box evenly, rows from the top", () => {
  const plane = new Plane({ x: 0, y: 0, width: 400, height: 200 }, 1);
  const { columns, rows, points } = plane.grid(100);
  assert.deepEqual([columns, rows], [4, 2]);
  assert.deepEqual(Array.from(points), [-1.5, 0.5, -0.5, 0.5, 0.5, 0.5, 1.5, 0.5, -1.5, -0.5, -0.5, -0.5, 0.5, -0.5, 1.5, -0.5]);
});

test("panes fill the canvas without touching", () => {
  for (const count of [1, 2, 3, 4, 5, 6]) {
    for (const size of [{ width: 720, height: 480 }, { width: 330, height: 360 }]) {
      const boxes = divided(size, count, 8);
      assert.equal(boxes.length, count);
      for (const [index, { x, y, width, height }] of boxes.entries()) {
        assert.ok(x >= 0 && y >= 0 && x + width <= size.width + 1e-9 && y + height <= size.height + 1e-9);
        for (const other of boxes.slice(0, index)) {
          assert.ok(x >= other.x + other.width + 8 - 1e-9 || y >= other.y + other.height + 8 - 1e-9);
        }
      }
    }
  }
  assert.equal(divided({ width: 720, height: 480 }, 2, 8)[1].y, 0, "beside each other on a wide canvas");
  assert.equal(divided({ width: 330, height: 400 }, 2, 8)[1].x, 0, "one above the other on a narrow one");
});

test("smoothing preserves constants, and a window of 1 changes nothing", () => {
  assert.ok(smoothed([3, 3, 3, 3], 10).every((value) => Math.abs(value - 3) < 1e-12));
  assert.deepEqual(Array.from(smoothed([5, 1, 4], 1)), [5, 1, 4]);
  // Weights ½ and ¼ of window 2, over their sum.
  assert.ok(Math.abs(smoothed([0, 3], 2)[1] - (3 * 0.5) / 0.75) < 1e-12);
});

test("an envelope contains every value of its part, and NaN for empty parts", () => {
  const { least, most } = envelope([4, 1, 2, 8, 5, 5], 3);
  assert.deepEqual([Array.from(least), Array.from(most)], [[1, 2, 5], [4, 8, 5]]);
  const few = envelope([7], 2);
  assert.deepEqual([Array.from(few.least), Array.from(few.most)], [[7, NaN], [7, NaN]]);
});

test("arrows keep the order of their lengths, within the maximum", () => {
  const lengths = lengthsOf(Float32Array.of(0, 0, 1, 0, 0, 2, 300, 400), 30);
  assert.equal(lengths[0], 0);
  assert.ok(lengths[0] < lengths[1] && lengths[1] < lengths[2] && lengths[2] < lengths[3] && lengths[3] < 30);
  assert.ok(Math.abs(lengthsOf(Float32Array.of(3, 4), 30)[0] - 15) < 1e-6, "the median is half as long as the longest");
});
