/**
 * How much signal and noise a timestep holds, x_t = alpha x_0 + sigma eps, for the ribbon and its caption.
 * No sample rests on these numbers: the sampler has its own.
 */

/**
 * alpha² for every timestep of a `scheduler_config.json`.
 * @returns {Float64Array | null}  null for a schedule that is not known here
 */
export function signalVariances(config) {
  const count = config.num_train_timesteps ?? 1000;
  const named = BETAS[config.beta_schedule ?? "linear"];
  const betas = config.trained_betas ?? named?.(count, config.beta_start ?? 1e-4, config.beta_end ?? 0.02);
  if (!betas || config.rescale_betas_zero_snr) return null;
  const variances = new Float64Array(count);
  betas.reduce((product, beta, index) => (variances[index] = product * (1 - beta)), 1);
  return variances;
}

const BETAS = {
  linear: (count, from, to) => spaced(count, from, to),
  scaled_linear: (count, from, to) => spaced(count, Math.sqrt(from), Math.sqrt(to)).map((root) => root ** 2),
  sigmoid: (count, from, to) => spaced(count, -6, 6).map((x) => (to - from) / (1 + Math.exp(-x)) + from),
  // Nichol & Dhariwal 2021, equation 17.
  squaredcos_cap_v2: (count) => {
    const signal = (time) => Math.cos(((time + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    return Array.from({ length: count }, (_, step) => Math.min(1 - signal((step + 1) / count) / signal(step / count), 0.999));
  },
};

function spaced(count, from, to) {
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / Math.max(1, count - 1));
}

/** alpha² at a timestep that may be fractional; after the last step, at a negative one, all is signal. */
export function signalVarianceAt(variances, timestep) {
  if (timestep < 0) return 1;
  const below = Math.min(Math.floor(timestep), variances.length - 1);
  const above = Math.min(below + 1, variances.length - 1);
  return variances[below] + (variances[above] - variances[below]) * (timestep - below);
}
