import type { Run } from "./run.js";

/** Options of `Pipeline.logLikelihood`. */
export interface LikelihoodOptions {
  /** ODE solver. Default: `"rk4"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Number of steps, with 1, 2 or 4 network evaluations each, and `probes` gradients per evaluation. Default: 25. */
  steps?: number;
  /**
   * Number of Hutchinson probes that estimate the divergence, 1 to 1024. Each one needs an evaluation of the network and its gradient. The variance
   * decreases in proportion to 1/`probes`. Default: 1.
   */
  probes?: number;
  /** Seed of the probes. Default: 0. */
  seed?: number;
  /**
   * Dequantisation of images with 256 grey levels, which have no density: `"uniform"` (the default) adds uniform noise of the width of a level, 2/255.
   * The mean log-density is then a lower bound on the log-probability of the grey levels (Theis et al. 2016). Use `"none"` for images
   * with continuous values.
   */
  dequantisation?: "uniform" | "none";
  /** Seed of the dequantisation noise. Default: 0. */
  dequantisationSeed?: number;
  /** One class label per image, or one for all images. */
  classLabels?: ArrayLike<number> | number;
  /** Checked before every step. */
  signal?: AbortSignal;
}

/** The log-likelihood of images under the probability-flow ODE. Its results are available after the last step; earlier calls reject. */
export class Likelihood {
  private constructor();

  /** The log-density of each image on [−1, 1], in nats: `[batch]`. */
  nats(): Promise<Float32Array>;
  /**
   * `−nats/(D·ln 2) + log₂ 127.5` for images of `D` dimensions: the average number of bits per grey level, `[batch]`. The offset log₂ 127.5 ≈ 6.994 is
   * the logarithm of the number of grey levels per unit of the range [−1, 1], where their spacing is 2/255.
   */
  bitsPerDimension(): Promise<Float32Array>;
}
export interface Likelihood extends Run {}

/** Options of `Pipeline.variationalBound`. */
export interface BoundOptions {
  /**
   * Number of timesteps, evenly spaced and including both ends. Default: all training timesteps, as in the papers. Fewer timesteps define a different process
   * with a looser bound.
   */
  steps?: number;
  /** Seed of the noise. Default: 0. */
  seed?: number;
  /** One class label per image, or one for all images. */
  classLabels?: ArrayLike<number> | number;
  /** Checked before every step. */
  signal?: AbortSignal;
}

/**
 * The bound `L_T + Σ L_{t−1} + L_0 ≥ −log p(x_0)` of images with 256 grey levels (Ho, Jain & Abbeel 2020, eq. 5). Each step computes one term, starting at the
 * noisiest timestep. All values are in bits per dimension.
 */
export class VariationalBound {
  private constructor();

  /** `L_T`, the divergence of the noisiest sample from the prior: `[batch]`. Available from the start. */
  prior(): Promise<Float32Array>;
  /** The terms `L_{t−1}` computed so far, `[batch, terms]` in row-major order; `steps` − 1 terms at the end. */
  terms(): Promise<Float32Array>;
  /** `L_0`, from the discretised Gaussian: `[batch]`. Rejects before the last step. */
  decoder(): Promise<Float32Array>;
  /** The timestep of each step, starting at the noisiest: those of the terms, then that of `L_0`. */
  timesteps(): Promise<Float64Array>;
  /** The bound, the sum of all terms: `[batch]`. Rejects before the last step. */
  bitsPerDimension(): Promise<Float32Array>;
}
export interface VariationalBound extends Run {}
