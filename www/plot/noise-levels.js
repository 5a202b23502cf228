/** How much signal and noise a timestep holds, x_t = alpha x_0 + sigma eps, for the ribbon and its caption. */

/** alpha² (`variances` holds it for the whole ones) at a timestep that may be fractional; after the last step, at a negative one, all is signal. */
export function signalVarianceAt(variances, timestep) {
  if (timestep < 0) return 1;
  const below = Math.min(Math.floor(timestep), variances.length - 1);
  const above = Math.min(below + 1, variances.length - 1);
  return variances[below] + (variances[above] - variances[below]) * (timestep - below);
}
