/** The runs of a comparison and their references. */

import { ESTIMATED_STEPS, isAdaptive, optionsOf } from "../shell/samplers.js";

/** Number of evaluations of a reference, at most the number of training timesteps. */
const REFERENCE_EVALUATIONS = 1000;
/** Number of evaluations of the coarse reference, which is used until the exact one is known. */
const COARSE_EVALUATIONS = 100;

/** The solver of the probability flow for the reference. */
const SOLUTION = { sampler: "probability-flow", solver: "euler" };
/** The same with the clipping and noise levels of `forPictures`; being second-order, it also converges in far fewer steps. */
const SOLUTION_OF_PICTURES = { sampler: "dpm-solver++", order: 2 };

/**
 * Options that make the samplers of a checkpoint with discrete timesteps comparable. By default they differ in two ways.
 * Clipping, which only DDIM and some other schedulers support, changes the curve that they follow. `leading` timesteps start at a lower noise
 * level the fewer steps there are; a single step starts with hardly any noise. Samplers that average slopes over a step are unstable in a step
 * from pure noise, and keep the scheduler's timesteps.
 */
function forPictures({ noise, evaluations }, { spacing }) {
  return {
    ...(noise === "none" && { clipSample: false }),
    ...(evaluations === 1 && spacing === "default" && { spacing: "trailing" }),
  };
}

/**
 * One sampling of the comparison.
 * @typedef {object} Run
 * @property {string} title  description
 * @property {object} options  options of `model.sample`
 * @property {number} evaluations  expected number of network evaluations
 * @property {string} key  equal for equal samples
 */

/**
 * The reference of a row.
 * @typedef {Run & { coarse: Run }} Reference  `coarse` is faster to compute and is used until the exact one is known
 */

/**
 * The rows of the comparison, deterministic samplers first. These all follow the probability flow, so they share its
 * solution as their reference. A stochastic sampler has no such limit; its reference is its
 * own result with many steps.
 * @param {object} settings
 * @param {object[]} samplers  entries of the package's `samplers()`
 * @param {{ alphasCumprod: ArrayLike<number> }} model
 * @param {object} common  options of every run: number of samples and seed
 * @returns {{ sampler: object, cells: Run[], reference: Reference }[]}
 */
export function planOf(settings, samplers, model, common) {
  const chosen = samplers.filter(({ name }) => settings.samplers.includes(name));
  const ordered = ["none", "each-step"].flatMap((noise) => chosen.filter((sampler) => sampler.noise === noise));
  const counts = [...settings.steps].sort((one, other) => one - other);
  const trained = model.alphasCumprod.length || REFERENCE_EVALUATIONS;
  const isOfTimesteps = settings.source === "pictures" && model.alphasCumprod.length > 0;
  const madeComparable = (sampler, settings) => (isOfTimesteps ? forPictures(sampler, settings) : {});
  /** @param {(evaluations: number) => Run} withEvaluations */
  const referenceBy = (withEvaluations) => {
    const [fine, coarse] = [REFERENCE_EVALUATIONS, COARSE_EVALUATIONS].map((count) => withEvaluations(Math.min(count, trained)));
    return { ...fine, coarse };
  };
  const solver = { ...(isOfTimesteps ? SOLUTION_OF_PICTURES : SOLUTION), ...madeComparable({ noise: "none", evaluations: 1 }, { spacing: "default" }) };
  const solution = referenceBy((steps) => runOf("Probability flow", { ...common, ...solver, steps }, 1));
  return ordered.map((sampler) => {
    const own = { ...common, ...optionsOf(sampler, settings, model), ...madeComparable(sampler, settings) };
    const withSteps = (steps) => runOf(sampler.title, { ...own, steps }, sampler.evaluations);
    return {
      sampler,
      cells: isAdaptive(sampler) ? [runOf(sampler.title, own, sampler.evaluations)] : counts.map(withSteps),
      reference: sampler.noise === "none" ? solution : referenceBy((evaluations) => withSteps(Math.max(1, Math.floor(evaluations / sampler.evaluations)))),
    };
  });
}

/**
 * The runs of these rows without duplicates, in the order in which they are computed: first those that a curve needs, then those that only
 * refine it.
 */
export function runsOf(rows) {
  const runs = [...rows.flatMap(({ cells, reference }) => [...cells, reference.coarse]), ...rows.map(({ reference }) => reference)];
  return [...new Map(runs.map((run) => [run.key, run])).values()];
}

function runOf(title, options, evaluationsPerStep) {
  const { steps } = options;
  return {
    title: steps === undefined ? title : `${title}, ${steps} ${steps === 1 ? "step" : "steps"}`,
    options,
    evaluations: (steps ?? ESTIMATED_STEPS) * evaluationsPerStep,
    key: JSON.stringify(options),
  };
}

/** Above this distance a run has diverged; images in [−1, 1] and point sets of unit variance are closer than this. */
export const DIVERGED = 2;

/** Root mean squared difference of two samples. */
export function distance(one, other) {
  const sum = one.reduce((total, value, index) => total + (value - other[index]) ** 2, 0);
  return Math.sqrt(sum / one.length);
}
