/** The way between two pictures: both to their latents, along the sphere between those, and back to pictures. */

import { distance } from "../compare/plan.js";
import { batchOf } from "./picture.js";

/** Pictures in the row, both ends among them. */
export const STATIONS = 7;

/**
 * How the network is told classes on the way: the class that both have; else none, where it knows how to do without; else that of the nearer end.
 * @param {{ classCount: number, nullClassLabel: number | null }} model
 * @param {[number, number]} ends  class labels of the two pictures
 * @returns {{ ends: number[], stations: number[] } | null}  null for a model without classes
 */
export function classesOnTheWay({ classCount, nullClassLabel }, [from, to]) {
  if (classCount === 0) return null;
  const [first, last] = from === to || nullClassLabel === null ? [from, to] : [nullClassLabel, nullClassLabel];
  return { ends: [first, last], stations: Array.from({ length: STATIONS }, (_, index) => (index < STATIONS / 2 ? first : last)) };
}

/** To latents and back: along the probability-flow ODE by Heun's method, or by DDIM's steps. */
const WAYS = {
  flow: {
    there: (pipeline, images, options) => pipeline.encode(images, { ...options, solver: "heun" }),
    back: (pipeline, latents, options) => pipeline.decode(latents, { ...options, solver: "heun" }),
  },
  ddim: {
    there: (pipeline, images, options) => pipeline.invert(images, options),
    back: (pipeline, latents, options) => pipeline.sample({ ...options, sampler: "ddim", batch: STATIONS, initialNoise: latents }),
  },
};

/**
 * @param {object} pipeline
 * @param {(from: Float32Array, to: Float32Array, t: number) => Promise<Float32Array>} slerp
 * @param {object} asked
 * @param {[Float32Array, Float32Array]} asked.pictures  values in [−1, 1]
 * @param {[number, number]} asked.classLabels  of the two; not looked at for a model without classes
 * @param {"flow" | "ddim"} asked.way
 * @param {number} asked.steps
 * @param {AbortSignal} asked.signal
 * @param {(phase: "there" | "back") => (progress: object) => void | Promise<void>} onPhase  returns what is called and awaited after each step
 * @returns {Promise<{ pixels: Uint8ClampedArray, errors: [number, number] }>}  of all stations; and how far the ends are from the pictures, as the root of
 *   the mean squared difference
 */
export async function goBetween(pipeline, slerp, { pictures, classLabels, way, steps, signal }, onPhase) {
  const classes = classesOnTheWay(pipeline, classLabels);
  const size = pictures[0].length;
  const { there, back } = WAYS[way];
  const options = (labels) => ({ steps, signal, ...(classes && { classLabels: labels }) });

  const ends = await finish(there(pipeline, batchOf(pictures), options(classes?.ends)), onPhase("there"), (run) => run.noisy());
  const between = (station) => slerp(ends.slice(0, size), ends.slice(size), station / (STATIONS - 1));
  const latents = await Promise.all(Array.from({ length: STATIONS }, (_, station) => between(station)));
  return finish(back(pipeline, batchOf(latents), options(classes?.stations)), onPhase("back"), async (run) => {
    const values = symmetric(await run.noisy(), pipeline);
    const stations = [0, STATIONS - 1].map((station) => values.subarray(station * size, (station + 1) * size));
    return { pixels: await run.images(), errors: stations.map((station, index) => distance(station, pictures[index])) };
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

/** The variance-exploding models have pictures with values in [0, 1]. */
function symmetric(values, { schedulerConfig }) {
  return schedulerConfig._class_name === "ScoreSdeVeScheduler" ? values.map((value) => 2 * value - 1) : values;
}
