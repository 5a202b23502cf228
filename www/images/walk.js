/** Computes a closed walk through the latents of several images: encodes them, interpolates on the sphere, and decodes. */

import { batchOf } from "./picture.js";

/** Frames from one image to the next. */
export const PER_SEGMENT = 10;
/** More images make a walk that takes long to compute. */
export const MAX_STOPS = 6;
/** Heun steps, with two evaluations each. The many frames are decoded in few, so that they are computed in seconds. */
const STEPS = { encode: 20, decode: 7 };

/**
 * The frames in the order in which they are computed: the images themselves, the frames half-way between them, and so on, so that the whole walk
 * can be seen early.
 * @param {number} stops  number of images
 * @returns {number[][]}  batches of indices from 0 to stops·PER_SEGMENT − 1
 */
export function batchesOf(stops) {
  const rank = (index) => [0, 5, 2, 7, 3, 8, 1, 6, 4, 9].indexOf(index % PER_SEGMENT);
  const indices = Array.from({ length: stops * PER_SEGMENT }, (_, index) => index).sort((one, other) => rank(one) - rank(other) || one - other);
  const size = Math.max(stops, PER_SEGMENT);
  return Array.from({ length: Math.ceil(indices.length / size) }, (_, batch) => indices.slice(batch * size, (batch + 1) * size));
}

/** The class label of a frame: the null class if the model has one, or else that of the nearer image. */
export function classAt(index, { classCount, nullClassLabel }, labels) {
  if (classCount === 0) return undefined;
  return nullClassLabel ?? labels[Math.round(index / PER_SEGMENT) % labels.length];
}

/**
 * @param {object} pipeline
 * @param {(from: Float32Array, to: Float32Array, t: number) => Promise<Float32Array>} slerp
 * @param {{ pictures: Float32Array[], classLabels: number[], signal: AbortSignal }} asked  images with values in [−1, 1]
 * @param {object} on
 * @param {(done: number, whole: number) => void | Promise<void>} on.step  called and awaited after each step
 * @param {(indices: number[], pixels: Uint8ClampedArray) => void} on.frames  RGBA, [indices.length, height, width, 4]
 */
export async function walkThrough(pipeline, slerp, { pictures, classLabels, signal }, { step: onStep, frames: onFrames }) {
  const [stops, size] = [pictures.length, pictures[0].length];
  const batches = batchesOf(stops);
  const options = (steps, indices) => ({ steps, solver: "heun", signal, ...(pipeline.classCount > 0 && { classLabels: indices.map((index) => classAt(index, pipeline, classLabels)) }) });
  let done = 0;
  const finish = async (run, read) => {
    try {
      for await (const { step, steps } of run) await onStep(done + step / steps, batches.length + 1);
      done++;
      return await read(run);
    } finally {
      run.free();
    }
  };
  const latents = await finish(pipeline.encode(batchOf(pictures), options(STEPS.encode, pictures.map((_, stop) => stop * PER_SEGMENT))), (run) => run.noisy());
  const stopAt = (stop) => latents.slice((stop % stops) * size, ((stop % stops) + 1) * size);
  const latentAt = (index) => slerp(stopAt(Math.floor(index / PER_SEGMENT)), stopAt(Math.floor(index / PER_SEGMENT) + 1), (index % PER_SEGMENT) / PER_SEGMENT);
  for (const indices of batches) {
    const batch = batchOf(await Promise.all(indices.map(latentAt)));
    onFrames(indices, await finish(pipeline.decode(batch, options(STEPS.decode, indices)), (run) => run.images()));
  }
}
