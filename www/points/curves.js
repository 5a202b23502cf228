/** Curves of a noise schedule, interpolated between its timesteps. */

export class Curves {
  /** @param {{ timesteps: number, alpha: Float64Array, sigma: Float64Array, logSnr: Float64Array }} curves  result of the package's `scheduleCurves` */
  constructor(curves) {
    Object.assign(this, curves);
  }

  /** The last timestep. */
  get last() {
    return this.timesteps - 1;
  }

  /** alpha² at every timestep, under the name used in checkpoints. */
  get alphasCumprod() {
    return this.alpha.map((alpha) => alpha ** 2);
  }

  /** Signal and noise level at a timestep, which may be fractional. */
  levelAt(time) {
    const logSnr = this.logSnrAt(time);
    // alpha² is the logistic function of the log-SNR.
    return { time, alpha: Math.sqrt(1 / (1 + Math.exp(-logSnr))), sigma: Math.sqrt(1 / (1 + Math.exp(logSnr))) };
  }

  logSnrAt(time) {
    const within = Math.min(this.last, Math.max(0, time));
    const below = Math.min(Math.floor(within), this.last - 1);
    return this.logSnr[below] + (this.logSnr[below + 1] - this.logSnr[below]) * (within - below);
  }
}

/** x_t = alpha·x_0 + sigma·eps, element by element, into an array of the same length. */
export function noised(clean, noise, { alpha, sigma }, into) {
  for (let index = 0; index < into.length; index++) into[index] = alpha * clean[index] + sigma * noise[index];
  return into;
}

/** Recovers the noise in noisy points from the clean ones. */
export function noiseIn(noisy, clean, { alpha, sigma }) {
  return noisy.map((value, index) => (value - alpha * clean[index]) / sigma);
}
