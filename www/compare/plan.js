/** Which samplings a comparison consists of, and what each distance is measured from. */

import { ESTIMATED_STEPS, isAdaptive, optionsOf } from "../shell/samplers.js";

/** A reference takes so many evaluations, or as many as the model was trained with timesteps. */
const REFERENCE_EVALUATIONS = 1000;
/** The one that stands in for it until it is there takes so many. */
const COARSE_EVALUATIONS = 100;

/** Solves the probability flow, for the reference. */
const SOLUTION = { sampler: "probability-flow", solver: "euler" };
/** The same for the clipping and the noise levels of `forPictures`; of second order, it is close to the end in far fewer steps, too. */
const SOLUTION_OF_PICTURES = { sampler: "dpm-solver++", order: 2 };

/**
 * What makes samplers of a checkpoint that was trained on timesteps comparable, where the checkpoint's scheduler lets each have its own way:
 * its clipping, which only DDIM's and some other schedulers know, leads along another curve, and its `leading` timesteps begin the later the
 * fewer they are, for one step at hardly any noise. Samplers that average slopes over a step are unstable in one from noise alone, and stay
 * with the scheduler's timesteps.
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
 * @property {string} title  says in words what it is
 * @property {object} options  of `model.sample`
 * @property {number} evaluations  of the network, as far as they are known in advance
 * @property {string} key  equal for equal samples
 */

/**
 * What distances are measured from.
 * @typedef {Run & { coarse: Run }} Reference  `coarse` is quicker to compute and stands in until the other is there
 */

/**
 * The rows of the comparison, those first that add no noise: these all follow one curve, the probability flow, to one
 * end, and share its solution as their reference. With fresh noise in each step there is no such end, and each
 * sampler is compared with its own result of many steps.
 * @param {object} settings
 * @param {object[]} samplers  as the package's `samplers()` lists them
 * @param {{ alphasCumprod: ArrayLike<number> }} model
 * @param {object} common  what every sampling is told: how many samples, from which seed
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
 * Every sampling of these rows once, in the order in which they are computed: what the curve of a row needs comes first, and what only makes
 * it more exact comes last.
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

/** No two pictures are as far apart as this, nor two clouds of points of unit variance: what is, has left their range. */
export const DIVERGED = 2;

/** Root of the mean squared difference of two samples, element by element. */
export function distance(one, other) {
  const sum = one.reduce((total, value, index) => total + (value - other[index]) ** 2, 0);
  return Math.sqrt(sum / one.length);
}
