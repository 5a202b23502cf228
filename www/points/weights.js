/** Weights that come from a file: which of the schedules they were trained on. */

import { SCHEDULES } from "./settings.js";

/** Somewhere away from the symmetries that data have. */
const POINT = Float32Array.of(0.7, -0.4);
const TOLERANCE = 1e-3;

/**
 * The schedule of a model, by how much signal it takes half-way to have: of `x = alpha·x_0 + sigma·eps` it tells both estimates
 * at a point, and its two coordinates are two equations for alpha and sigma.
 * @param {object} model  a PointModel of the package
 * @param {(name: string) => Promise<import("./curves.js").Curves>} curvesOf
 * @returns {Promise<string | null>}  null if it is none of the page's
 */
export async function scheduleOf(model, curvesOf) {
  const time = Math.floor(model.timesteps / 2);
  const [clean, noise] = await Promise.all(["clean", "noise"].map((quantity) => model.field(POINT, { time, quantity })));
  const alpha = signalIn(POINT, clean, noise);
  for (const name of SCHEDULES) {
    const curves = await curvesOf(name);
    if (curves.timesteps === model.timesteps && Math.abs(curves.levelAt(time).alpha - alpha) < TOLERANCE) return name;
  }
  return null;
}

/** Cramer's rule for alpha. */
export const signalIn = (noisy, clean, noise) => (noisy[0] * noise[1] - noisy[1] * noise[0]) / (clean[0] * noise[1] - clean[1] * noise[0]);
