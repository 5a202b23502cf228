/** One number of training points: draws the data, and samples the ideal denoiser and a network that trains on them. */

import { neighboursOf } from "./copies.js";

/** Number of samples of each model, all from the same noise. The share of copies is exact to about 1.5 percentage points. */
const COUNT = 1000;
/** The cosine schedule ends at a low noise level, and linear spacing reaches it, so that copies of the ideal denoiser are exact. */
export const SCHEDULE = "cosine";
export const SAMPLING = { sampler: "ddim", steps: 50, spacing: "linspace", count: COUNT, seed: 0 };
/** The new draws have another seed. */
const OTHER_SEED = 1_000_003;
/** Minimum interval between two updates while the network trains, and maximum share of the time for them. */
const INTERVAL = 400; // milliseconds
const SHARE = 0.3;

/**
 * Draws the training points, the samples of the ideal denoiser and, for comparison, new draws of the same distribution.
 * @param tweedie  the package
 * @returns {Promise<{ data: object, ideal: import("./view.js").Shown, draws: number }>}
 */
export async function drawIdeal(tweedie, { data: name, points: count, seed }, signal) {
  const data = await tweedie.PointData.named(name, { count, seed });
  const others = await tweedie.PointData.named(name, { count: COUNT, seed: (seed + OTHER_SEED) % 2 ** 32 });
  signal.throwIfAborted();
  const model = await tweedie.PointModel.ideal(data, { schedule: SCHEDULE });
  try {
    return { data, ideal: await sampled(model, data, signal), draws: neighboursOf(others.points, data.points).share };
  } finally {
    model.free();
  }
}

/**
 * Trains a network.
 * @param {object} on
 * @param {(step: number, steps: number) => void} on.step
 * @param {(shown: import("./view.js").Shown) => void} on.samples  called now and then
 * @param {() => Promise<unknown>} on.turn  resolves when the lab may compute
 * @returns {Promise<import("./view.js").Shown>}  samples of the trained network
 */
export async function trainNetwork(tweedie, data, { steps, seed }, { step: onStep, samples: onSamples, turn, signal }) {
  const trainer = await tweedie.Trainer.create(data, { steps, seed, schedule: SCHEDULE });
  try {
    let due = performance.now() + INTERVAL;
    for await (const { step } of trainer) {
      await turn();
      signal.throwIfAborted();
      onStep(step, steps);
      const began = performance.now();
      if (began < due || step === steps) continue;
      onSamples(await sampledBy(trainer, data, signal));
      const now = performance.now();
      due = now + Math.max(INTERVAL, (now - began) / SHARE);
    }
    return await sampledBy(trainer, data, signal);
  } finally {
    trainer.free();
  }
}

async function sampledBy(trainer, data, signal) {
  const model = await trainer.model();
  try {
    return await sampled(model, data, signal);
  } finally {
    model.free();
  }
}

async function sampled(model, data, signal) {
  const sampling = model.sample({ ...SAMPLING, signal });
  try {
    for await (const _ of sampling);
    const samples = await sampling.noisy();
    return { samples, neighbours: neighboursOf(samples, data.points) };
  } finally {
    sampling.free();
  }
}
