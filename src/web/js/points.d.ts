/**
 * Points in the plane: data sets, networks that train in the tab, and ideal denoisers. Points are `[count, dimensions]` in row-major order: x0, y0, x1, y1, …
 *
 * ```js
 * import { PointData, PointModel, Trainer, distance } from "tweedie/worker"; // or "tweedie", or "tweedie/points"
 *
 * const data = await PointData.named("two-moons", { count: 2000, seed: 0 });
 * const trainer = await Trainer.create(data, { steps: 2000 });
 * for await (const { step, losses } of trainer) console.log(step, losses.at(-1));
 * const model = await trainer.model();
 * const sampling = model.sample({ sampler: "ddim", steps: 50, count: 2000 });
 * for await (const _ of sampling);
 * console.log(await distance(await sampling.noisy(), data, { metric: "sliced-wasserstein" }));
 * ```
 */

import type { FamilyOptions, FamilyTrainer } from "./family.js";
import type { Device } from "./index.js";
import type { Run, SamplingProgress } from "./run.js";
import type { AnySampler, SampleOptions, SamplerOptions } from "./sampler.js";

export * from "./family.js";
export * from "./module.js";
export { samplers } from "./sampler.js";
export type * from "./sampler.js";

// ---------------------------------------------------------------- data

/** Names of the built-in data sets. */
export type DatasetName =
  | "two-gaussians"
  | "eight-gaussians"
  | "two-moons"
  | "swiss-roll"
  | "checkerboard"
  | "rings"
  | "spiral"
  | "pinwheel"
  | "smiley";

/** Metadata of a data set, for menus and documentation. */
export interface DatasetInfo {
  readonly name: DatasetName;
  /** Display name. */
  readonly title: string;
  /** How points are generated, in one sentence. */
  readonly description: string;
  /** Whether it is a mixture of Gaussians, whose distribution has an ideal denoiser. `PointData.mixture` is then not null. */
  readonly isMixture: boolean;
}

/** Lists the built-in data sets. Loads the module if `init` was not called. */
export function datasets(): Promise<readonly DatasetInfo[]>;

/** A mixture of isotropic Gaussians `Σ w_k·N(mean_k, spread_k²)`. */
export interface Mixture {
  /** Means of the components, `[components, dimensions]` in row-major order. */
  readonly means: ArrayLike<number>;
  /** Standard deviation of each component; not negative. */
  readonly spreads: ArrayLike<number>;
  /** Weight of each component; positive. Weights are normalised. Default: equal weights. */
  readonly weights?: ArrayLike<number>;
  /** 1 or 2. Default: 2. */
  readonly dimensions?: 1 | 2;
}

/**
 * A set of standardised points: the mean is 0 and the average variance of the two coordinates is 1. Both coordinates have the same scale, so circles remain
 * circles. Built-in data sets are standardised with the exact mean and variance of their distribution, so that different seeds
 * follow the same distribution; other points are standardised with their own. It is plain data, and needs no `free()`.
 */
export class PointData {
  private constructor();

  /**
   * Draws `count` points (default 2000; 2 to 100 000) of a built-in data set with a seed (default 0).
   * @throws {TweedieError} `"invalid-option"`
   */
  static named(name: DatasetName, options?: { count?: number; seed?: number }): Promise<PointData>;
  /**
   * Uses given points, `[count, 2]` in any units.
   * @throws {TweedieError} `"invalid-option"` for fewer than two points, identical points, an odd number of values, NaN or infinity
   */
  static from(points: Float32Array): Promise<PointData>;
  /**
   * Parses a CSV: two numbers per line, separated by a comma, semicolon, tab or spaces. A header line is skipped, and so are empty lines and
   * lines that start with `#`. A first column of row numbers, as written by pandas and R, is skipped, and further columns are ignored; `notes` reports both.
   * With semicolons, tabs or spaces as separators, a comma may be the decimal sign. Files are in UTF-8, or in UTF-16 as some spreadsheets save them.
   * @param csv text, or the contents of a text file
   * @throws {TweedieError} `"malformed-file"`, with the line number, for text, NaN or a single column; also for fewer than two points, or identical points
   */
  static fromCsv(csv: string | Blob | ArrayBuffer | Uint8Array): Promise<PointData>;

  /** Name of the built-in data set; null for other points. */
  readonly name: DatasetName | null;
  readonly count: number;
  /** `[count, 2]`, standardised. */
  readonly points: Float32Array;
  /** The mean that was subtracted, in the original units. */
  readonly mean: readonly [number, number];
  /** The scale by which the points were divided. */
  readonly scale: number;
  /** The standardised distribution of the points, if it is a mixture of Gaussians; otherwise null. */
  readonly mixture: Mixture | null;
  /** Messages about columns of a CSV that were skipped; usually empty. */
  readonly notes: readonly string[];

  /**
   * Splits the points at random into two sets. The second one has `fraction` of them (default 0.2), to be held out. Both keep this set's mean and scale, and each has
   * at least one point.
   */
  split(options?: { fraction?: number; seed?: number }): Promise<[PointData, PointData]>;
  /** Maps points of a model of these data back to the original units: `mean + scale·x`. */
  restore(points: Float32Array): Float32Array;
}

// ---------------------------------------------------------------- the forward process

/** Shape of the noise schedule: `beta_t` (Ho et al. 2020) over the timesteps. */
export type ScheduleName = "constant" | "linear" | "quadratic" | "cosine" | "sigmoid";

/** A noise schedule: its name, or an object with parameters. */
export type Schedule =
  | ScheduleName
  | {
      /** Default: `"linear"`. */
      name?: ScheduleName;
      /** Number of timesteps T, 2 to 100 000. Default: 1000. */
      timesteps?: number;
      /** `beta` of the first timestep. Default: 0.1/T, which is DDPM's 1e-4 for T = 1000. Not used by `"constant"` and `"cosine"`. */
      betaStart?: number | null;
      /** `beta` of the last timestep, or of all timesteps for `"constant"`. Default: 20/T, which is DDPM's 0.02 for T = 1000, and 10/T for `"constant"`. Not used by `"cosine"`. */
      betaEnd?: number | null;
    };

/** Curves of a noise schedule over the timesteps t = 0 … T − 1, where `x_t = alpha·x_0 + sigma·eps` and `alpha² + sigma² = 1`. */
export interface ScheduleCurves {
  readonly timesteps: number;
  readonly alpha: Float64Array;
  readonly sigma: Float64Array;
  /** `ln(alpha²/sigma²)` (Kingma et al. 2021, eq. 2). */
  readonly logSnr: Float64Array;
}

/** Returns the curves of a noise schedule. @throws {TweedieError} `"invalid-option"` */
export function scheduleCurves(schedule: Schedule): Promise<ScheduleCurves>;

/**
 * Draws noisy points `x_t ~ q(x_t | x_0)` in the shape of the points, in one or two dimensions. The same seed gives the same noise at every time, so each point moves along
 * a smooth curve as the time changes.
 */
export function forward(
  points: Float32Array | PointData,
  options: {
    /** Default: `"linear"`. */
    schedule?: Schedule;
    /** Timestep from 0 to T − 1; may be fractional. */
    time: number;
    seed?: number;
  },
): Promise<Float32Array>;

/** Positions of points at several times. */
export interface Paths {
  /** The timesteps, in the order of the path. */
  readonly times: Float64Array;
  /** `[times, count, dimensions]`. */
  readonly positions: Float32Array;
}

/** Paths of the forward Markov chain (Ho et al. 2020, eq. 2) from clean points, at increasing `times` (default: 100 times from 0 to T − 1). */
export function forwardPaths(
  points: Float32Array | PointData,
  options?: { schedule?: Schedule; times?: ArrayLike<number>; seed?: number },
): Promise<Paths>;

// ---------------------------------------------------------------- training

/** Options of {@link Trainer.create}. NaN is rejected. */
export interface TrainerOptions {
  /** Units per hidden layer, 1 to 4096, with at most 2²⁴ weights in total. Default: 96. */
  width?: number;
  /** Number of hidden layers, 1 to 16. Default: 3. */
  depth?: number;
  /** Activation function. Default: `"silu"`. */
  activation?: "silu" | "mish" | "gelu" | "relu" | "tanh";
  /**
   * Number n of Fourier features of the time. The network receives `c = ln(sigma/alpha)/4` and, for k = 0 … n − 1, the sine and cosine of `2^k·π/2·c`, which help it to resolve the noise
   * level. 0 to 16. Default: 0.
   */
  frequencies?: number;
  /**
   * Octaves of Fourier features of each coordinate: in addition to `x`, the network receives `sin(2^k·x)` and `cos(2^k·x)` for k = 0 … octaves − 1. They let it
   * learn fine structure, such as rings and a checkerboard, in fewer steps. 0 to 8. Default: 3.
   */
  octaves?: number;
  /**
   * Prediction target. Default: `"velocity"`, which gives good samples after few training steps. DDPM's `"noise"` needs more, because its error is magnified in x_0 at high noise
   * levels.
   */
  prediction?: "noise" | "clean" | "velocity" | "score";
  /** Default: `"linear"`. */
  schedule?: Schedule;
  /** Loss weighting: the simple loss (Ho et al. 2020, eq. 14) or that of the variational bound (eq. 12). Default: `"simple"`. */
  weighting?: "simple" | "variational";
  /**
   * Timestep sampling in a batch: independent times (`"uniform"`); evenly spaced times with one random shift (`"low-variance"`, Kingma et al. 2021,
   * appendix I.1); or evenly spaced `ln(alpha/sigma)` from −2.5 to 3.5, also with one shift (`"log-snr"`), which spends fewer samples on almost pure noise.
   * Default: `"log-snr"`.
   */
  timeSampling?: "uniform" | "low-variance" | "log-snr";
  /** Learning rate of Adam. Default: 4e-3. */
  learningRate?: number;
  /** Learning-rate schedule over `steps`. Default: `"cosine"`. */
  decay?: "constant" | "linear" | "cosine";
  /** Batch size, 1 to 2²³/width. Default: 256. */
  batch?: number;
  /** Decay of the exponential moving average of the weights, from 0 (no averaging) to below 1. Default: 0.999. */
  ema?: number;
  /** Total number of training steps, at which the learning-rate schedule and the iteration end. 1 to 10⁷. Default: 6000. */
  steps?: number;
  /** Seed of the initial weights, the batches, the times and the noise. Default: 0. */
  seed?: number;
  /** Default: `await openDevice("cpu")`, because small networks spend more time on GPU kernel launches than on computing. */
  device?: Device;
  /** Checked between slices of the iteration. If it is aborted, iteration throws the signal's reason; the trainer keeps its progress. */
  signal?: AbortSignal;
}

/** Progress of a training after one slice of steps. */
export interface TrainingProgress {
  /** Completed steps, from 1 to `steps`. */
  readonly step: number;
  /** Total number of steps. */
  readonly steps: number;
  /** The loss of each step of the slice, in order. */
  readonly losses: Float32Array;
  /** Learning rate of the last step. */
  readonly learningRate: number;
}

/**
 * Trains a network on points, a few steps at a time, so that other calls can run in between. Iterate to train until
 * `options.steps`. Leave the loop to pause, and iterate again to continue.
 *
 * If training diverges (the loss is not finite, or remains far above its initial value), it ends with a {@link TweedieError} of code `"diverged"`. The weights are then the last
 * good ones, at most 50 steps earlier, and `completedSteps` is their step. They can be sampled and saved. Further steps are rejected until {@link setLearningRate} is called.
 */
export class Trainer implements AsyncIterable<TrainingProgress> {
  private constructor();

  /** Creates a trainer. @throws {TweedieError} `"invalid-option"`, with the name of the option */
  static create(data: PointData, options?: TrainerOptions): Promise<Trainer>;
  /** Creates a trainer of another generative model, by its name. @throws {TweedieError} `"invalid-option"`, with the name of the option */
  static create(data: PointData, options: FamilyOptions): Promise<FamilyTrainer>;
  /** Restores a trainer from {@link save}. On the CPU, the resumed run is bit-identical to an uninterrupted one. @throws {TweedieError} `"malformed-file"` */
  static restore(state: Uint8Array, options?: { device?: Device; signal?: AbortSignal }): Promise<Trainer>;

  /** The options with their defaults, except `device` and `signal`; `schedule` is an object. */
  readonly options: Readonly<Required<Omit<TrainerOptions, "device" | "signal">>>;
  readonly parameterCount: number;
  /** Warnings about a schedule that is valid but unsuitable for sampling, such as a last timestep that still contains signal; usually empty. */
  readonly warnings: readonly string[];
  /** The loss of the ideal denoiser of these points, estimated from up to 2048 noisy points. It is a lower bound for the expected training loss. */
  readonly idealLoss: number;
  /** Number of completed steps. */
  readonly completedSteps: number;

  [Symbol.asyncIterator](): AsyncGenerator<TrainingProgress, void, undefined>;
  /** Runs `count` steps, even beyond `options.steps`, and returns the loss of each. After an abort, completed steps are kept. */
  steps(count: number, options?: { signal?: AbortSignal }): Promise<Float32Array>;

  /** Sets the maximum learning rate, also after divergence, and updates `options`. */
  setLearningRate(learningRate: number): Promise<void>;

  /** A copy of the current network, with the averaged weights (the default) or the current ones. */
  model(weights?: "ema" | "current"): Promise<PointModel>;
  /** The complete state (weights, averages, Adam's moments, generator, data, options), for example to store in IndexedDB. */
  save(): Promise<Uint8Array>;
  /** Releases the memory. Idempotent. All other calls throw afterwards. */
  free(): void;
}
export interface Trainer extends Disposable {}

// ---------------------------------------------------------------- models

/** Options of {@link PointModel.sample}. The sampler options are the same as for images. The default sampler is `"dpm-solver++"` of order 2. */
export type PointSampleOptions = (SamplerOptions | AnySampler) & {
  /** Number of steps. Default: 50; all timesteps for DDPM. */
  steps?: number;
  /** Timestep spacing. Default: `"trailing"`, which always starts at the noisiest timestep (Lin et al. 2024). */
  spacing?: SampleOptions["spacing"];
  finalSigma?: SampleOptions["finalSigma"];
  seed?: number;
  /** Number of points, 1 to 100 000. Default: the number in `initialNoise`, or 1000. */
  count?: number;
  /** Initial noise instead of the seed's, `[count, dimensions]` with unit variance. */
  initialNoise?: Float32Array;
  signal?: AbortSignal;
};

/** Options of {@link PointModel.encode} and {@link PointModel.decode}. */
export interface PointFlowOptions {
  /** Default: `"heun"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Number of steps, with 1, 2 or 4 network evaluations each. Default: 50. */
  steps?: number;
  signal?: AbortSignal;
}

/** A sampling run on points. Each iteration computes one evaluation of the model. */
export class PointSampling {
  private constructor();

  /** Number of points. In the worker entry it is 0 until the first `await` on this object. */
  readonly count: number;
  /** The current x_t, `[count, dimensions]`. */
  noisy(): Promise<Float32Array>;
  /** The current estimate of x_0, in the same shape. Rejects before the first step. */
  clean(): Promise<Float32Array>;
}
export interface PointSampling extends Run {}

/** A quantity that a model computes for points at one time, in the shape of the points. */
export type Quantity =
  | "score" // ∇ log p_t(x)
  | "velocity" // v = alpha·eps − sigma·x_0, the flow's dx/dφ against the angle φ = atan(sigma/alpha), which points towards noise
  | "clean" // x_0, the posterior mean
  | "noise"; // eps, the posterior mean of the noise

/** Options of {@link PointModel.logDensity}. */
export interface DensityOptions {
  /** The timestep t of `p_t`, from 0, the lowest noise level (the default), to T − 1; may be fractional. */
  time?: number;
  /**
   * `"closed-form"`: the exact formula, for ideal models only (their default). `"flow"`: the integral of the divergence along the probability-flow ODE (Song et al. 2021, eq. 39),
   * for any model (the default for learned ones). In two dimensions it is exact up to the solver's error.
   */
  method?: "closed-form" | "flow";
  /** ODE solver for `"flow"`. Default: `"rk4"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Number of ODE steps for `"flow"`. Default: 20, which computes densities up to 1 to within 1e-3. */
  steps?: number;
  signal?: AbortSignal;
  /** Called after every evaluation along the flow. */
  onProgress?: (progress: SamplingProgress) => void;
}

/** A point model: a trained network or an ideal denoiser. */
export class PointModel {
  private constructor();

  /**
   * The ideal denoiser, computed without training: of the `points` (the default), which it can only reproduce, or of their `distribution`, if
   * `data.mixture` is known.
   */
  static ideal(
    data: PointData,
    options?: { schedule?: Schedule; of?: "points" | "distribution"; device?: Device },
  ): Promise<PointModel>;
  /** The ideal denoiser of a mixture of Gaussians, in one or two dimensions. */
  static mixture(mixture: Mixture, options?: { schedule?: Schedule; device?: Device }): Promise<PointModel>;
  /** Loads the result of {@link toSafetensors}. @throws {TweedieError} `"malformed-file"`, `"missing-tensor"`, `"tensor-shape"`, … */
  static fromSafetensors(bytes: Uint8Array, options?: { device?: Device }): Promise<PointModel>;

  readonly kind: "learned" | "ideal";
  readonly dimensions: 1 | 2;
  /** Number T of timesteps of its schedule; times range from 0 to T − 1. */
  readonly timesteps: number;
  /** 0 for the ideal denoiser. */
  readonly parameterCount: number;
  /** Warnings about a schedule that is valid but unsuitable for sampling, such as a last timestep that still contains signal; usually empty. */
  readonly warnings: readonly string[];

  /**
   * Creates a run. Nothing is computed before its first step. A learned model's estimates of x_0 are clipped to [−6, 6], because standardised data are hardly ever
   * outside, and at high noise levels the estimates magnify the network's error. In the worker entry, invalid options are reported at the first `await` on the result.
   */
  sample(options?: PointSampleOptions): PointSampling;
  /** Encodes clean points to latents along the probability-flow ODE. At the end of the run, `noisy()` returns the latents. */
  encode(points: Float32Array | PointData, options?: PointFlowOptions): PointSampling;
  /** Decodes latents to points along the same ODE. Nothing is clipped. */
  decode(latents: Float32Array, options?: PointFlowOptions): PointSampling;
  /**
   * Paths of points along the probability-flow ODE from one time to another, in either direction. For both directions, call it twice, with `to` 0 and T − 1.
   * Returns `steps + 1` positions per point, starting with the points. Defaults: `"heun"`, 30 steps.
   */
  paths(
    points: Float32Array | PointData,
    options: { from: number; to: number; solver?: "euler" | "heun" | "rk4"; steps?: number },
  ): Promise<Paths>;

  /** Computes a quantity at each of the points, at a time from 0 to T − 1. */
  field(points: Float32Array | PointData, options: { time: number; quantity: Quantity }): Promise<Float32Array>;
  /** `ln p_t` at each of the points, in nats. */
  logDensity(points: Float32Array | PointData, options?: DensityOptions): Promise<Float32Array>;

  /** Serialises the weights and the configuration of a learned model. @throws {TweedieError} `"unsupported"` for an ideal denoiser */
  toSafetensors(): Promise<Uint8Array>;
  /** Releases the memory. Idempotent. Existing runs remain usable. */
  free(): void;
}
export interface PointModel extends Disposable {}

// ---------------------------------------------------------------- quality

/** Options of {@link distance}. */
export type DistanceOptions =
  | {
      /** Squared maximum mean discrepancy (Gretton et al. 2012, eq. 3 and 5), with the mean of four Gaussian kernels `exp(−|x − y|²/(2w²))` of widths h, h/2, h/4 and h/8. */
      metric: "mmd";
      /** The width h. Default: the median distance between the points of `b`, so that several sets can be compared with the same `b`. */
      bandwidth?: number;
      /** Default: `"unbiased"`, which has mean 0 for two samples of the same distribution and may be negative. */
      estimator?: "unbiased" | "biased";
    }
  | {
      /** Sliced Wasserstein distance `(mean over directions of W_p^p of the projections)^(1/p)`, exact for each direction (Bonneel et al. 2015). */
      metric: "sliced-wasserstein";
      /** Order p. Default: 2. */
      order?: 1 | 2;
      /** Number of directions, 1 to 10 000. Default: 128. */
      projections?: number;
      /** Seed of the directions. Default: 0. */
      seed?: number;
    };

/**
 * Computes the distance between two sets of points, of 2 to 20 000 points each; their sizes may differ.
 * @throws {TweedieError} `"invalid-option"`
 */
export function distance(
  a: Float32Array | PointData,
  b: Float32Array | PointData,
  options: DistanceOptions,
): Promise<number>;
