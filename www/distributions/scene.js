/** The exact curves of the target, and of the proposal over it. */

import { staircase } from "../plot/line.js";

/** Points along a curve: evenly spaced ones, and quantiles, which resolve narrow peaks. */
const POINTS = { even: 800, quantiles: 200 };
/** Tail probability outside the view of an unbounded target; larger for heavy tails, whose variance is undefined. */
const TAIL = { light: 0.0015, heavy: 0.03 };
/** Margin on both sides, as a fraction of the range. */
const MARGIN = 0.06;

/**
 * @typedef {object} Scene
 * @property {"inverse-cdf" | "rejection"} method
 * @property {object} summary  exact properties of the target, from the package
 * @property {[number, number]} view  range of values shown
 * @property {number[]} xs  points along the density, or the values of a discrete target
 * @property {Float64Array} p  density, or probabilities
 * @property {{ xs: ArrayLike<number>, ys: ArrayLike<number> }} cdf  with risers at jumps
 * @property {object | null} envelope  the envelope, with `height` and `resulting` at `xs`; null for the inverse transform, and
 *   if rejection has none
 */

/** @returns {Promise<Scene>}  without its envelope */
export async function sceneOf(density, method, outcomes) {
  const summary = await density.summary();
  const curves = await (summary.isDiscrete ? stepsOf(density, outcomes) : curvesOf(density, summary));
  return { method, summary, ...curves, envelope: null };
}

async function stepsOf(density, xs) {
  const p = await density.density(xs);
  const view = [xs[0] - 0.75, xs.at(-1) + 0.75];
  return { view, xs, p, cdf: staircase(xs, p, view) };
}

async function curvesOf(density, summary) {
  const view = await viewOf(density, summary);
  const quantiles = await density.inverseCdf(Array.from({ length: POINTS.quantiles }, (_, index) => (index + 0.5) / POINTS.quantiles));
  const xs = pointsAlong(view, summary.support, quantiles);
  const [p, ys] = await Promise.all([density.density(xs), density.cdf(xs)]);
  return { view, xs, p, cdf: { xs, ys } };
}

async function viewOf(density, { support, variance }) {
  const tail = variance === null ? TAIL.heavy : TAIL.light;
  const quantiles = await density.inverseCdf([tail, 1 - tail]);
  const [least, most] = support.map((end, index) => (Number.isFinite(end) ? end : quantiles[index]));
  const margin = MARGIN * (most - least);
  return [least - margin, most + margin];
}

/** Evenly spaced points, the quantiles, and points on both sides of each end of the support, where a density may jump. */
function pointsAlong([least, most], support, quantiles) {
  const even = Array.from({ length: POINTS.even + 1 }, (_, index) => least + ((most - least) * index) / POINTS.even);
  const beside = 1e-9 * (most - least);
  const ends = support.filter(Number.isFinite).flatMap((end) => [end - beside, end, end + beside]);
  const inside = [...quantiles].filter((x) => x > least && x < most);
  return [...even, ...inside, ...ends].sort((one, other) => one - other);
}

/** The largest finite value. */
export const largest = (values) => values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), 0);
