/** What a picture shows besides samples: the exact curves of the target, and of the proposal over it. */

import { staircase } from "../plot/line.js";

/** Points along a curve, evenly spaced, and some where the probability is, which may be a narrow peak. */
const POINTS = { even: 800, quantiles: 200 };
/** An unbounded target is shown between these quantiles; one without a variance has tails that would leave no room. */
const TAIL = { light: 0.0015, heavy: 0.03 };
/** Room beside the values shown, as a share of their range. */
const MARGIN = 0.06;

/**
 * @typedef {object} Scene
 * @property {"inverse-cdf" | "rejection"} method
 * @property {object} summary  what the package knows of the target exactly
 * @property {[number, number]} view  the values that are shown
 * @property {number[]} xs  along the density, or the values of a discrete target
 * @property {Float64Array} p  density, or probabilities
 * @property {{ xs: ArrayLike<number>, ys: ArrayLike<number> }} cdf  with risers at jumps
 * @property {object | null} envelope  the package's, with its `height` and `resulting` at `xs`; null for the inverse transform, and
 *   where rejection has none
 */

/** @returns {Promise<Scene>}  its envelope still to come */
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

/** Evenly spaced, at the quantiles, and on both sides of an end of the support, where a density may jump. */
function pointsAlong([least, most], support, quantiles) {
  const even = Array.from({ length: POINTS.even + 1 }, (_, index) => least + ((most - least) * index) / POINTS.even);
  const beside = 1e-9 * (most - least);
  const ends = support.filter(Number.isFinite).flatMap((end) => [end - beside, end, end + beside]);
  const inside = [...quantiles].filter((x) => x > least && x < most);
  return [...even, ...inside, ...ends].sort((one, other) => one - other);
}

/** The largest of the values that are finite. */
export const largest = (values) => values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), 0);
