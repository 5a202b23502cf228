/** Signal and noise levels at a timestep, x_t = alpha x_0 + sigma eps, for the timeline and the caption. */

/** alpha² at a timestep, interpolated from `variances`; 1 at negative timesteps, after the last step. */
export function signalVarianceAt(variances, timestep) {
  if (timestep < 0) return 1;
  const below = Math.min(Math.floor(timestep), variances.length - 1);
  const above = Math.min(below + 1, variances.length - 1);
  return variances[below] + (variances[above] - variances[below]) * (timestep - below);
}
