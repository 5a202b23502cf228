/** What labs have in common about the samplers that the package lists. */

import { losesModel } from "./models.js";
import { asSentence } from "./problems.js";

/** The two kinds, by what `samplers()` says of their noise. */
export const KINDS = { none: "Deterministic", "each-step": "Stochastic" };

/** What a sampler that chooses its steps is taken to need until it is known. */
export const ESTIMATED_STEPS = 20;
/** Variance of a Langevin step's noise over that of the lowest noise level. */
const LANGEVIN_STEP = 0.5;

/**
 * Finds out which samplers a model cannot run, by starting each.
 * @returns {Promise<Map<string, string>>}  the sentence of the refusal, by the sampler's name
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
export const isAdaptive = ({ options }) => "relativeTolerance" in options;

/**
 * The options of a sampler for what labs let choose for several at once; what is "default" is left to the sampler.
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

/** What a sampler is told in any case, unless someone chooses otherwise. */
export function necessaryOptions({ options: known }, { alphasCumprod }) {
  const options = {};
  // With the clean estimate alone clipped, DDIM would follow another curve than the probability flow.
  if ("useClippedModelOutput" in known) options.useClippedModelOutput = true;
  if ("stepSize" in known && alphasCumprod.length > 0) options.stepSize = LANGEVIN_STEP * (1 / alphasCumprod[0] - 1);
  return options;
}
