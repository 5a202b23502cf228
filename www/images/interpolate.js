/** Interpolates between two images: encodes both, interpolates the latents on the sphere, and decodes them. */

import { distance } from "../compare/plan.js";
import { batchOf } from "./picture.js";

/** Number of images in the row, including both ends. */
export const ROW_LENGTH = 7;

/**
 * The class labels of the row: the class that both ends share; otherwise the null class, if the model has one; otherwise the class of the nearer end.
 * @param {{ classCount: number, nullClassLabel: number | null }} model
 * @param {[number, number]} ends  class labels of the two images
 * @returns {{ ends: number[], row: number[] } | null}  null for a model without classes
 */
export function rowClasses({ classCount, nullClassLabel }, [from, to]) {
  if (classCount === 0) return null;
  const [first, last] = from === to || nullClassLabel === null ? [from, to] : [nullClassLabel, nullClassLabel];
  return { ends: [first, last], row: Array.from({ length: ROW_LENGTH }, (_, index) => (index < ROW_LENGTH / 2 ? first : last)) };
}

/** Encoding and decoding: along the probability-flow ODE by Heun's method, or by DDIM steps. */
const WAYS = {
  flow: {
    there: (pipeline, images, options) => pipeline.encode(images, { ...options, solver: "heun" }),
    back: (pipeline, latents, options) => pipeline.decode(latents, { ...options, solver: "heun" }),
  },
  ddim: {
    there: (pipeline, images, options) => pipeline.invert(images, options),
    back: (pipeline, latents, options) => pipeline.sample({ ...options, sampler: "ddim", batch: ROW_LENGTH, initialNoise: latents }),
  },
};

/**
 * @param {object} pipeline
 * @param {(from: Float32Array, to: Float32Array, t: number) => Promise<Float32Array>} slerp
 * @param {object} asked
 * @param {[Float32Array, Float32Array]} asked.pictures  values in [−1, 1]
 * @param {[number, number]} asked.classLabels  of the two images; ignored if the model has no classes
 * @param {"flow" | "ddim"} asked.way
 * @param {number} asked.steps
 * @param {AbortSignal} asked.signal
 * @param {(phase: "there" | "back") => (progress: object) => void | Promise<void>} onPhase  returns the callback that is awaited after each step
 * @returns {Promise<{ pixels: Uint8ClampedArray, errors: [number, number] }>}  of the row, and the root
 *   mean squared errors of both ends
 */
export async function interpolate(pipeline, slerp, { pictures, classLabels, way, steps, signal }, onPhase) {
  const classes = rowClasses(pipeline, classLabels);
  const size = pictures[0].length;
  const { there, back } = WAYS[way];
  const options = (labels) => ({ steps, signal, ...(classes && { classLabels: labels }) });

  const ends = await finish(there(pipeline, batchOf(pictures), options(classes?.ends)), onPhase("there"), (run) => run.noisy());
  const between = (index) => slerp(ends.slice(0, size), ends.slice(size), index / (ROW_LENGTH - 1));
  const latents = await Promise.all(Array.from({ length: ROW_LENGTH }, (_, index) => between(index)));
  return finish(back(pipeline, batchOf(latents), options(classes?.row)), onPhase("back"), async (run) => {
    const values = symmetric(await run.noisy(), pipeline);
    const reconstructed = [0, ROW_LENGTH - 1].map((index) => values.subarray(index * size, (index + 1) * size));
    return { pixels: await run.images(), errors: reconstructed.map((image, index) => distance(image, pictures[index])) };
  });
}

async function finish(run, onStep, read) {
  try {
    for await (const progress of run) await onStep(progress);
    return await read(run);
  } finally {
    run.free();
  }
}

/** Images of variance-exploding models have values in [0, 1]. */
function symmetric(values, { schedulerConfig }) {
  return schedulerConfig._class_name === "ScoreSdeVeScheduler" ? values.map((value) => 2 * value - 1) : values;
}
