/** Draws the inverse transform: from u on the vertical axis across to the CDF, and down to x. */

import { pathThrough } from "../../plot/line.js";
import { dot, moved, stroke, writeMath, writeX } from "./layout.js";

/** Phases of a step, as fractions: the line goes across, then down. */
const MOTION = { across: [0.1, 0.48], down: [0.48, 0.94] };
const THICK = 2;

/** Draws the CDF. */
export function drawCdf(context, color, { x, upper, size }, { cdf }) {
  context.strokeStyle = color("--ink");
  context.lineWidth = THICK * (size / 14);
  context.lineJoin = "round";
  context.stroke(pathThrough(cdf.xs, cdf.ys, x, upper));
}

/**
 * Draws the path of a completed sample.
 * @param {number} strength  1 for a new path, 0 for a faded one
 */
export function drawTrail(context, color, layout, { u, x }, strength) {
  const [place, height] = [layout.x.at(x), layout.upper.at(u)];
  context.strokeStyle = color("--accent");
  context.lineWidth = 1;
  context.globalAlpha = 0.6 * strength;
  stroke(context, [layout.left, height], [place, height], [place, layout.bottom]);
  context.globalAlpha = 1;
}

/**
 * Draws one sample in progress.
 * @param {number} share  completed fraction of the step
 */
export function drawStep(context, color, layout, { u, x }, share) {
  const { left, bottom, size } = layout;
  const [place, height] = [layout.x.at(x), layout.upper.at(u)];
  const across = left + (place - left) * moved(share, ...MOTION.across);
  const down = height + (bottom - height) * moved(share, ...MOTION.down);
  context.fillStyle = context.strokeStyle = color("--accent");
  context.lineWidth = THICK * (size / 14);
  stroke(context, [left, height], [across, height]);
  if (share > MOTION.down[0]) stroke(context, [place, height], [place, down]);
  dot(context, left, height, 0.32 * size * moved(share, 0, 0.1));
  dot(context, across, share > MOTION.down[0] ? down : height, 0.26 * size);
  if (share > MOTION.down[0]) dot(context, place, height, 0.2 * size);
  const halo = color("--paper");
  writeMath(context, `u = ${u.toFixed(3)}`, { x: left + 0.6 * size, y: height + (height < layout.top + 2 * size ? 1 : -0.8) * size, size, halo });
  if (share > MOTION.down[0]) writeX(context, layout, x, place, halo);
}
