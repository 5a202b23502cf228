/** Which samplings a comparison consists of, and what each distance is measured from. */

import { ESTIMATED_STEPS, isAdaptive, optionsOf } from "../shell/samplers.js";

/** A reference takes so many steps, or all that the model was trained with. */
const REFERENCE_STEPS = 1000;

/**
 * One sampling of the comparison.
 * @typedef {object} Run
 * @property {string} title  says in words what it is
 * @property {object} options  of `model.sample`
 * @property {number} evaluations  of the network, as far as they are known in advance
 * @property {string} key  equal for equal samples
 */

/**
 * The rows of the comparison, those first that add no noise: these all follow one curve, the probability flow, to one
 * end, and share its solution as their reference. With fresh noise in each step there is no such end, and each
 * sampler is compared with its own result of many steps.
 * @param {object} settings
 * @param {object[]} samplers  as the package's `samplers()` lists them
 * @param {{ alphasCumprod: ArrayLike<number> }} model
 * @param {object} common  what every sampling is told: how many samples, from which seed
 * @returns {{ sampler: object, cells: Run[], reference: Run }[]}
 */
export function planOf(settings, samplers, model, common) {
  const chosen = samplers.filter(({ name }) => settings.samplers.includes(name));
  const ordered = ["none", "each-step"].flatMap((noise) => chosen.filter((sampler) => sampler.noise === noise));
  const counts = [...settings.steps].sort((one, other) => one - other);
  const many = Math.min(REFERENCE_STEPS, model.alphasCumprod.length || REFERENCE_STEPS);
  const solution = runOf("Probability flow", { ...common, sampler: "probability-flow", solver: "euler", steps: many }, 1);
  return ordered.map((sampler) => {
    const own = { ...common, ...optionsOf(sampler, settings, model) };
    const withSteps = (steps) => runOf(sampler.title, { ...own, steps }, sampler.evaluations);
    return {
      sampler,
      cells: isAdaptive(sampler) ? [runOf(sampler.title, own, sampler.evaluations)] : counts.map(withSteps),
      reference: sampler.noise === "none" ? solution : withSteps(many),
    };
  });
}

/** Every sampling of these rows once, in the order in which they are computed: the references last. */
export function runsOf(rows) {
  const runs = [...rows.flatMap(({ cells }) => cells), ...rows.map(({ reference }) => reference)];
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
