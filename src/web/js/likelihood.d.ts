import type { Run } from "./run.js";

/** Options of `Pipeline.logLikelihood`. */
export interface LikelihoodOptions {
  /** How the ODE is integrated. Default: `"rk4"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Number of steps, of 1, 2 or 4 evaluations of the network, each with `probes` gradients. Default: 25. */
  steps?: number;
  /**
   * Probes of Hutchinson's estimate of the divergence, 1 to 1024; each costs an evaluation of the network and its gradient, and the estimate's variance
   * falls as 1 over their number. Default: 1.
   */
  probes?: number;
  /** Seed of the probes. Default: 0. */
  seed?: number;
  /**
   * What makes 256 grey levels, whose density would be that of single points, continuous: noise that is uniform over the width 2/255 of a level (the
   * default; the mean log-density then bounds the log-probability of the grey levels from below, Theis et al. 2016), or nothing, for images
   * that are continuous already.
   */
  dequantisation?: "uniform" | "none";
  /** Seed of that noise. Default: 0. */
  dequantisationSeed?: number;
  /** One class for each image, or one for all of them. */
  classLabels?: ArrayLike<number> | number;
  /** Looked at before every step. */
  signal?: AbortSignal;
}

/** The log-likelihood of images under the probability-flow ODE, known after the last step; before it the readings reject. */
export class Likelihood {
  private constructor();

  /** The log-density of each image on [−1, 1], in nats: `[batch]`. */
  nats(): Promise<Float32Array>;
  /**
   * `−nats/(D·ln 2) + log₂ 127.5` for images of `D` numbers: the bits that a grey level takes on average, `[batch]`. The offset log₂ 127.5 ≈ 6.994 is
   * the logarithm of the number of grey levels in a unit of the range [−1, 1], where they lie 2/255 apart.
   */
  bitsPerDimension(): Promise<Float32Array>;
}
export interface Likelihood extends Run {}

/** Options of `Pipeline.variationalBound`. */
export interface BoundOptions {
  /**
   * Number of timesteps, spread evenly with both ends. Default: all of training, which is the bound of the papers; fewer are a process of their own, whose
   * bound is looser.
   */
  steps?: number;
  /** Seed of the noise. Default: 0. */
  seed?: number;
  /** One class for each image, or one for all of them. */
  classLabels?: ArrayLike<number> | number;
  /** Looked at before every step. */
  signal?: AbortSignal;
}

/**
 * The bound `L_T + Σ L_{t−1} + L_0 ≥ −log p(x_0)` of images of 256 grey levels (Ho, Jain & Abbeel 2020, eq. 5), a term with each step from the
 * noisiest timestep on. All are in bits per dimension.
 */
export class VariationalBound {
  private constructor();

  /** `L_T`, how far the noisiest sample is from the prior: `[batch]`. Known from the start. */
  prior(): Promise<Float32Array>;
  /** The `L_{t−1}` computed so far, `[batch, terms]` in row-major order; in the end one fewer than there are `steps`. */
  terms(): Promise<Float32Array>;
  /** `L_0`, of the discretised Gaussian: `[batch]`. Rejects before the last step. */
  decoder(): Promise<Float32Array>;
  /** The timestep of each step, from the noisiest on: those of the terms, and at last that of `L_0`. */
  timesteps(): Promise<Float64Array>;
  /** The sum of all of them, the bound: `[batch]`. Rejects before the last step. */
  bitsPerDimension(): Promise<Float32Array>;
}
export interface VariationalBound extends Run {}
