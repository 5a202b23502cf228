/** Which samplings a comparison consists of, and what each distance is measured from. */

import { losesModel } from "../shell/models.js";
import { asSentence } from "../shell/problems.js";
import { NO_CLASS } from "./settings.js";

/** A reference takes so many steps, or all that the model was trained with. */
const REFERENCE_STEPS = 1000;
/** Variance of a Langevin step's noise over that of the lowest noise level. */
const LANGEVIN_STEP = 0.5;
/** What a sampler that chooses its steps is taken to need until it is known. */
const ESTIMATED_STEPS = 20;

/**
 * One sampling of the comparison.
 * @typedef {object} Run
 * @property {string} title  says in words what it is
 * @property {object} options  of `pipeline.sample`
 * @property {number} evaluations  of the network, as far as they are known in advance
 * @property {string} key  equal for equal pictures
 */

/**
 * The rows of the comparison, those first that add no noise: these all follow one curve, the probability flow, to one
 * end, and share its solution as their reference. With fresh noise in each step there is no such end, and each
 * sampler is compared with its own result of many steps.
 * @param {object} settings
 * @param {object[]} samplers  as the package's `samplers()` lists them
 * @param {object} model
 * @returns {{ sampler: object, cells: Run[], reference: Run }[]}
 */
export function planOf(settings, samplers, model) {
  const chosen = samplers.filter(({ name }) => settings.samplers.includes(name));
  const ordered = ["none", "each-step"].flatMap((noise) => chosen.filter((sampler) => sampler.noise === noise));
  const counts = [...settings.steps].sort((one, other) => one - other);
  const many = Math.min(REFERENCE_STEPS, model.alphasCumprod.length || REFERENCE_STEPS);
  const common = commonOptions(settings, model);
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

/**
 * Finds out which samplers a model cannot run, by starting each.
 * @returns {Promise<Map<string, string>>}  the sentence of the refusal, by the sampler's name
 */
export async function refusalsOf(pipeline, samplers) {
  const refusals = new Map();
  const common = pipeline.classCount > 0 ? { classLabels: 0 } : {};
  for (const sampler of samplers) {
    const options = { ...common, ...ownOptions(sampler, pipeline), sampler: sampler.name };
    const refusal = await refusalOf(pipeline, isAdaptive(sampler) ? options : { ...options, steps: ESTIMATED_STEPS });
    if (refusal !== null) refusals.set(sampler.name, refusal);
  }
  return refusals;
}

/** Why these options are refused, as a sentence, or null. */
export async function refusalOf(pipeline, options) {
  const sampling = pipeline.sample(options);
  try {
    // In the worker a refusal surfaces at the first await.
    await sampling.noisy();
    return null;
  } catch (error) {
    if (losesModel(error)) throw error;
    return asSentence(error.message);
  } finally {
    sampling.free();
  }
}

/** Chooses its steps by itself, to meet a tolerance. */
export const isAdaptive = ({ options }) => options.includes("relativeTolerance");

function commonOptions({ seed, count, class: chosen }, model) {
  const options = { seed, batch: Number(count) };
  if (model.classCount > 0) options.classLabels = chosen === NO_CLASS ? model.nullClassLabel : Number(chosen);
  return options;
}

function optionsOf(sampler, { order, spacing }, model) {
  const options = { ...ownOptions(sampler, model), sampler: sampler.name };
  if (spacing !== "default") options.spacing = spacing;
  if (order !== "default" && sampler.options.includes("order")) options.order = Number(order);
  return options;
}

/** What a sampler must be told in any case. */
function ownOptions({ options: known }, { alphasCumprod }) {
  const options = {};
  // With the clean estimate alone clipped, DDIM would follow another curve than the probability flow.
  if (known.includes("useClippedModelOutput")) options.useClippedModelOutput = true;
  if (known.includes("stepSize") && alphasCumprod.length > 0) options.stepSize = LANGEVIN_STEP * (1 / alphasCumprod[0] - 1);
  return options;
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

/** No two pictures are as far apart as this: what is, has left the range of pictures. */
export const DIVERGED = 2;

/** Root of the mean squared difference of two samples, element by element. */
export function distance(one, other) {
  const sum = one.reduce((total, value, index) => total + (value - other[index]) ** 2, 0);
  return Math.sqrt(sum / one.length);
}
