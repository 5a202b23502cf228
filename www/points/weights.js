/** Finds the noise schedule of weights from a file. */

import { SCHEDULES } from "./settings.js";

/** A point away from symmetries of the data. */
const POINT = Float32Array.of(0.7, -0.4);
const TOLERANCE = 1e-3;

/**
 * Finds the schedule of a model from its alpha at half the time. The model gives both estimates in `x = alpha·x_0 + sigma·eps`
 * at a point, whose two coordinates are two equations for alpha and sigma.
 * @param {object} model  a PointModel of the package
 * @param {(name: string) => Promise<import("./curves.js").Curves>} curvesOf
 * @returns {Promise<string | null>}  null if the page does not have it
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
