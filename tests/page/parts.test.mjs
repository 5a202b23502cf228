// Parts of the page that need no browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Trajectory } from "../../www/images/trajectory.js";
import { gridLayout } from "../../www/plot/grid.js";
import { signalVarianceAt } from "../../www/plot/noise-levels.js";
import { FIXTURES } from "./host.mjs";

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

test("each x_t is recorded with the prediction that was made from it", async () => {
  const sampling = counted(3);
  const trajectory = new Trajectory(sampling, [1, 1], await sampling.images("noisy"));
  await trajectory.record(sampling, () => {});
  const seen = trajectory.frames.map((_, index) => [trajectory.pixels(index, "noisy")[0], trajectory.pixels(index, "clean")[0]]);
  assert.deepEqual(seen, [[0, 101], [1, 102], [2, 103], [3, 103]]);
  assert.deepEqual(trajectory.timesteps(), [20, 10, 0, -1]);
});

test("long runs and large images are thinned to a fixed budget, and keep their ends", async () => {
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
