/** Helpers for the samplers that the package lists. */

import { losesModel } from "./models.js";
import { asSentence } from "./problems.js";

/** Names of the two kinds, by the `noise` of `samplers()`. */
export const KINDS = { none: "Deterministic", "each-step": "Stochastic" };

/** Assumed number of steps of an adaptive sampler, until it is known. */
export const ESTIMATED_STEPS = 20;
/** Ratio of the noise variance of a Langevin step to that of the lowest noise level. */
const LANGEVIN_STEP = 0.5;

/**
 * Finds the samplers that a model does not support, by starting each one.
 * @returns {Promise<Map<string, string>>}  the reason, by sampler name
 */
export async function refusalsOf(pipeline, samplers) {
  const refusals = new Map();
  const common = pipeline.classCount > 0 ? { classLabels: 0 } : {};
  for (const sampler of samplers) {
    const options = { ...common, ...necessaryOptions(sampler, pipeline), sampler: sampler.name };
    const refusal = await refusalOf(pipeline, isAdaptive(sampler) ? options : { ...options, steps: ESTIMATED_STEPS });
    if (refusal !== null) refusals.set(sampler.name, refusal);
  }
  return refusals;
}

/** Why these options are rejected, as a sentence, or null. */
export async function refusalOf(pipeline, options) {
  const sampling = pipeline.sample(options);
  try {
    // The worker reports invalid options at the first await.
    await sampling.noisy();
    return null;
  } catch (error) {
    if (losesModel(error)) throw error;
    return asSentence(error.message);
  } finally {
    sampling.free();
  }
}

/** Whether a sampler chooses its own steps, to meet a tolerance. */
export const isAdaptive = ({ options }) => "relativeTolerance" in options;

/**
 * Sampler options for settings that apply to several samplers at once. "default" leaves the choice to the sampler.
 * @param {object} sampler  as the package's `samplers()` lists it
 * @param {{ order: string, spacing: string, eta?: number }} settings
 * @param {{ alphasCumprod: ArrayLike<number> }} model
 */
export function optionsOf(sampler, { order, spacing, eta }, model) {
  const options = { ...necessaryOptions(sampler, model), sampler: sampler.name };
  if (spacing !== "default") options.spacing = spacing;
  if (order !== "default" && "order" in sampler.options) options.order = Number(order);
  if (eta !== undefined && "eta" in sampler.options) options.eta = eta;
  return options;
}

/** Options that are always set, unless the user overrides them. */
export function necessaryOptions({ options: known }, { alphasCumprod }) {
  const options = {};
  // If only the clean estimate were clipped, DDIM would not follow the probability flow.
  if ("useClippedModelOutput" in known) options.useClippedModelOutput = true;
  if ("stepSize" in known && alphasCumprod.length > 0) options.stepSize = LANGEVIN_STEP * (1 / alphasCumprod[0] - 1);
  return options;
}
