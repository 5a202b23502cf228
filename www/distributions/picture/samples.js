/** Draws the histogram of the samples and the density that it approaches. */

import { binsFor } from "../../plot/histogram.js";
import { pathThrough } from "../../plot/line.js";
import { largest } from "../scene.js";
import { stroke } from "./layout.js";

/** Half the width of a column over a discrete value, relative to the distance between values. */
const HALF = 0.36;
/** Histograms of few samples have tall bars, which are cut at this multiple of the maximum density. */
const CUT = 2.2;

/** The current bars of the histogram. */
export function barsOf(counted, { isDiscrete }) {
  if (!isDiscrete) return counted.bars(binsFor(counted.total));
  return counted.bars().map(({ value, height }) => ({ left: value - HALF, right: value + HALF, height }));
}

/** Maximum of the panel for these bars. */
export function ceilingFor(scene, bars) {
  const top = Math.max(largest(scene.p), largest(scene.envelope?.resulting ?? []));
  const towers = bars.reduce((most, { height }) => Math.max(most, height), 0);
  return Math.max(1.12 * top, Math.min(1.05 * towers, CUT * top));
}

/** Draws the bars. */
export function drawBars(context, color, { x, lower, size }, bars) {
  context.fillStyle = context.strokeStyle = color("--accent");
  context.lineWidth = Math.max(1, size / 12);
  const [areas, tops] = [new Path2D(), new Path2D()];
  for (const { left, right, height } of bars.filter(({ height }) => height > 0)) {
    const [from, to, top] = [x.at(left), x.at(right), lower.at(height)];
    areas.rect(from, top, to - from, lower.from - top);
    tops.moveTo(from, top);
    tops.lineTo(to, top);
  }
  context.globalAlpha = 0.28;
  context.fill(areas);
  context.globalAlpha = 1;
  context.stroke(tops);
}

/** Draws the exact density over the bars and, if the envelope is too low, the density that is actually sampled. */
export function drawExact(context, color, layout, { summary, xs, p, envelope }) {
  context.lineWidth = 2 * (layout.size / 14);
  context.lineJoin = "round";
  const draw = summary.isDiscrete ? drawLevels : drawCurve;
  context.strokeStyle = color("--ink");
  draw(context, layout, xs, p);
  if (envelope === null || envelope.breaks.length === 0) return;
  context.strokeStyle = color("--danger");
  context.setLineDash([0.2 * layout.size, 0.25 * layout.size]);
  context.lineCap = "round";
  draw(context, layout, xs, envelope.resulting);
  context.setLineDash([]);
  context.lineCap = "butt";
}

function drawCurve(context, { x, lower }, xs, heights) {
  context.stroke(pathThrough(xs, heights, x, lower));
}

function drawLevels(context, { x, lower }, xs, heights) {
  xs.forEach((value, index) => {
    const y = lower.at(heights[index]);
    stroke(context, [x.at(value - HALF), y], [x.at(value + HALF), y]);
  });
}
