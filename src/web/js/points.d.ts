/**
 * Points in the plane: data sets, a model that trains in the tab, and the ideal one. Points are `[count, dimensions]` in row-major order: x0, y0, x1, y1, …
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

/** The data sets that can be drawn by name. */
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

/** What is to be known of a data set before it is drawn. */
export interface DatasetInfo {
  readonly name: DatasetName;
  /** As people name it. */
  readonly title: string;
  /** How a point is drawn, in one sentence. */
  readonly description: string;
  /** Whether it is a mixture of Gaussians, so that its distribution has an ideal model: `PointData.mixture` is not null. */
  readonly isMixture: boolean;
}

/** All data sets that can be drawn by name. Loads the module if `init` did not. */
export function datasets(): Promise<readonly DatasetInfo[]>;

/** A mixture of isotropic Gaussians `Σ w_k·N(mean_k, spread_k²)`. */
export interface Mixture {
  /** Means of the components, `[components, dimensions]` in row-major order. */
  readonly means: ArrayLike<number>;
  /** Standard deviation of each component; not negative. */
  readonly spreads: ArrayLike<number>;
  /** Weight of each component; positive, they need not sum to 1. Default: all the same. */
  readonly weights?: ArrayLike<number>;
  /** 1 or 2. Default: 2. */
  readonly dimensions?: 1 | 2;
}

/**
 * A set of points, standardised: the mean is 0 and the mean variance of the two coordinates is 1. One scale serves both coordinates, so that circles stay
 * circles. What is drawn by name is shifted and scaled by the exact mean and variance of its distribution, so that draws of different seeds
 * are of one distribution; given points by their own. It is plain data: there is nothing to free.
 */
export class PointData {
  private constructor();

  /**
   * Draws `count` points (default 2000; 2 to 100 000) with a seed (default 0).
   * @throws {TweedieError} `"invalid-option"`
   */
  static named(name: DatasetName, options?: { count?: number; seed?: number }): Promise<PointData>;
  /**
   * Points as they were drawn by hand, `[count, 2]` in any units.
   * @throws {TweedieError} `"invalid-option"`: fewer than two points, all points the same, an odd number of numbers, NaN or infinity
   */
  static from(points: Float32Array): Promise<PointData>;
  /**
   * Two numbers to a line, separated by a comma, semicolon, tab or spaces; a first line of names is skipped, and so are empty lines and
   * those that begin with `#`. A first column of row numbers, as pandas and R write it, is skipped, and columns after the next two are ignored; `notes` say so.
   * With semicolons, tabs or spaces a comma may be the decimal sign.
   * @throws {TweedieError} `"malformed-file"` with the number of the line: text, NaN, one column; and for no points, a single point, or points that are all the same
   */
  static fromCsv(text: string): Promise<PointData>;

  /** The name it was drawn by; null for given points. */
  readonly name: DatasetName | null;
  readonly count: number;
  /** `[count, 2]`, standardised. */
  readonly points: Float32Array;
  /** What was subtracted, in the units of the points as they were given. */
  readonly mean: readonly [number, number];
  /** What the differences were divided by. */
  readonly scale: number;
  /** The distribution that the points were drawn from, standardised, where it is a mixture of Gaussians. */
  readonly mixture: Mixture | null;
  /** Sentences about the columns of a CSV that were not read; empty where there are none. */
  readonly notes: readonly string[];

  /**
   * Divides the points at random into two sets, the second with `fraction` of them (default 0.2) to hold out; both keep this set's mean and scale, and each has
   * one point at least.
   */
  split(options?: { fraction?: number; seed?: number }): Promise<[PointData, PointData]>;
  /** Points of a model of this data, mapped back to the units that the data were given in: `mean + scale·x`. */
  restore(points: Float32Array): Float32Array;
}

// ---------------------------------------------------------------- the forward process

/** How fast the signal fades, as `beta_t` of Ho et al. 2020 over the timesteps. */
export type ScheduleName = "constant" | "linear" | "quadratic" | "cosine" | "sigmoid";

/** A noise schedule: its name alone, or with its numbers. */
export type Schedule =
  | ScheduleName
  | {
      /** Default: `"linear"`. */
      name?: ScheduleName;
      /** Number of timesteps T, 2 to 100 000. Default: 1000. */
      timesteps?: number;
      /** `beta` of the first timestep. Default: 0.1/T, which is DDPM's 1e-4 for T = 1000. Constant and cosine have none. */
      betaStart?: number | null;
      /** `beta` of the last timestep, of all of them for constant. Default: 20/T, DDPM's 0.02, and 10/T for constant. Cosine has none. */
      betaEnd?: number | null;
    };

/** A schedule's curves over its timesteps t = 0 … T − 1; `x_t = alpha·x_0 + sigma·eps`, `alpha² + sigma² = 1`. */
export interface ScheduleCurves {
  readonly timesteps: number;
  readonly alpha: Float64Array;
  readonly sigma: Float64Array;
  /** `ln(alpha²/sigma²)` (Kingma et al. 2021, eq. 2). */
  readonly logSnr: Float64Array;
}

/** The curves of a schedule. @throws {TweedieError} `"invalid-option"` */
export function scheduleCurves(schedule: Schedule): Promise<ScheduleCurves>;

/**
 * Noisy points `x_t ~ q(x_t | x_0)`, of the shape of the points, in the plane or on a line. The same seed draws the same noise at every time, so that a slider moves each point along
 * a curve of its own.
 */
export function forward(
  points: Float32Array | PointData,
  options: {
    /** Default: `"linear"`. */
    schedule?: Schedule;
    /** The timestep, from 0 to T − 1; it may be a fraction. */
    time: number;
    seed?: number;
  },
): Promise<Float32Array>;

/** Points at several times. */
export interface Paths {
  /** The timesteps, in the order of the path. */
  readonly times: Float64Array;
  /** `[times, count, dimensions]`. */
  readonly positions: Float32Array;
}

/** Paths of the forward Markov chain (Ho et al. 2020, eq. 2) from clean points, seen at `times`, which rise (default: 100 of them from 0 to T − 1). */
export function forwardPaths(
  points: Float32Array | PointData,
  options?: { schedule?: Schedule; times?: ArrayLike<number>; seed?: number },
): Promise<Paths>;

// ---------------------------------------------------------------- training

/** Options of {@link Trainer.create}. NaN is refused everywhere. */
export interface TrainerOptions {
  /** Units of a hidden layer, 1 to 4096; at most 2²⁴ weights in all. Default: 128. */
  width?: number;
  /** Hidden layers, 1 to 16. Default: 3. */
  depth?: number;
  /** Default: `"silu"`. */
  activation?: "silu" | "mish" | "gelu" | "relu" | "tanh";
  /**
   * The network is told `ln(sigma/alpha)/4`; with frequencies k = 0 … n − 1 also its `sin` and `cos` at `2^k·π/2` (Fourier features), which sharpen what depends on the noise
   * level. 0 to 16. Default: 0.
   */
  frequencies?: number;
  /**
   * Octaves of Fourier features of each coordinate: beside `x` the network takes `sin(2^k·x)` and `cos(2^k·x)` for k = 0 … octaves − 1. They let it
   * learn fine structure, such as rings and a checkerboard, in few steps. 0 to 8. Default: 3.
   */
  octaves?: number;
  /**
   * What the network outputs. Default: `"velocity"`, which samples well after few steps; DDPM's `"noise"` takes more, since its error is magnified in x_0 where little signal
   * is left.
   */
  prediction?: "noise" | "clean" | "velocity" | "score";
  /** Default: `"linear"`. */
  schedule?: Schedule;
  /** The simple loss (Ho et al. 2020, eq. 14) or the weights of the variational bound (eq. 12). Default: `"simple"`. */
  weighting?: "simple" | "variational";
  /**
   * The noise levels of a batch: independent times (`"uniform"`); times spread evenly over the batch with one random shift (`"low-variance"`, Kingma et al. 2021,
   * appendix I.1); or `ln(alpha/sigma)` spread evenly over −2.5 to 3.5 in the same way (`"log-snr"`), which spends fewer steps on times that are nothing but noise.
   * Default: `"log-snr"`.
   */
  timeSampling?: "uniform" | "low-variance" | "log-snr";
  /** Of Adam. Default: 3e-3. */
  learningRate?: number;
  /** How the learning rate falls until `steps`. Default: `"cosine"`. */
  decay?: "constant" | "linear" | "cosine";
  /** Points of a step, at least 1; at most 2²³/width. Default: 512. */
  batch?: number;
  /** Decay of the exponential moving average of the weights, 0 (none) to below 1. Default: 0.999. */
  ema?: number;
  /** Training steps in all: where the learning rate ends, and iteration. 1 to 10⁷. Default: 3000. */
  steps?: number;
  /** Of the initial weights, the batches, the times and the noise. Default: 0. */
  seed?: number;
  /** Default: `await openDevice("cpu")`: small networks wait for a GPU's launches more than they compute. */
  device?: Device;
  /** Looked at between slices of iteration: it then throws the signal's reason, and the trainer stays as far as it came. */
  signal?: AbortSignal;
}

/** How far a training is, after one slice of steps. */
export interface TrainingProgress {
  /** Steps done, from 1 to `steps`. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  /** The loss of each step of the slice, in order. */
  readonly losses: Float32Array;
  /** That of the last step. */
  readonly learningRate: number;
}

/**
 * Trains a network on points, a few steps at a time, so that the thread stays free for other calls in between. Iterate to train until
 * `options.steps`; leave the loop to pause, iterate again to go on.
 *
 * Training that diverges, whose loss is not finite or lastingly far worse than at the start, ends with a {@link TweedieError} of code `"diverged"`. The weights are then the last
 * good ones, at most 50 steps before, and `completedSteps` is theirs: they can be sampled and saved. More steps are refused until {@link setLearningRate}.
 */
export class Trainer implements AsyncIterable<TrainingProgress> {
  private constructor();

  /** @throws {TweedieError} `"invalid-option"` names the option */
  static create(data: PointData, options?: TrainerOptions): Promise<Trainer>;
  /** Trains another generative model, by its name. @throws {TweedieError} `"invalid-option"` names the option */
  static create(data: PointData, options: FamilyOptions): Promise<FamilyTrainer>;
  /** Continues what {@link save} gave: on the CPU bit for bit as if it had never stopped. @throws {TweedieError} `"malformed-file"` */
  static restore(state: Uint8Array, options?: { device?: Device; signal?: AbortSignal }): Promise<Trainer>;

  /** The options with their defaults, but for `device` and `signal`; `schedule` is an object. */
  readonly options: Readonly<Required<Omit<TrainerOptions, "device" | "signal">>>;
  readonly parameterCount: number;
  /** Sentences about a schedule that is valid but wrong for sampling, such as a last timestep that still holds signal; usually empty. */
  readonly warnings: readonly string[];
  /** The loss of the ideal denoiser of these points, estimated with up to 2048 noisy points: the floor under the loss of the network. */
  readonly idealLoss: number;
  /** Steps done. */
  readonly completedSteps: number;

  [Symbol.asyncIterator](): AsyncGenerator<TrainingProgress, void, undefined>;
  /** Takes `count` steps (which may go beyond `options.steps`) and gives the loss of each. Aborting it keeps the steps that were done. */
  steps(count: number, options?: { signal?: AbortSignal }): Promise<Float32Array>;

  /** Goes on with another largest learning rate, also after a divergence. It is part of `options` from then on. */
  setLearningRate(learningRate: number): Promise<void>;

  /** The network as it is now, with the averaged weights (the default) or the current ones: training goes on without changing it. */
  model(weights?: "ema" | "current"): Promise<PointModel>;
  /** The complete state (weights, averages, Adam's moments, generator, data, options), for IndexedDB. */
  save(): Promise<Uint8Array>;
  /** Gives its memory back. Harmless when repeated; any other call throws afterwards. */
  free(): void;
}
export interface Trainer extends Disposable {}

// ---------------------------------------------------------------- models

/** Options of {@link PointModel.sample}; those of the samplers are the same as for images. The default sampler is `"dpm-solver++"`, of order 2. */
export type PointSampleOptions = (SamplerOptions | AnySampler) & {
  /** Default: 50; all of the timesteps for DDPM. */
  steps?: number;
  /** Default: `"trailing"`, which starts at the noisiest timestep whatever the number of steps (Lin et al. 2024). */
  spacing?: SampleOptions["spacing"];
  finalSigma?: SampleOptions["finalSigma"];
  seed?: number;
  /** Number of points, 1 to 100 000. Default: that of `initialNoise`, or 1000. */
  count?: number;
  /** The noise to start from instead of the seed's, `[count, dimensions]` of unit variance. */
  initialNoise?: Float32Array;
  signal?: AbortSignal;
};

/** Options of {@link PointModel.encode} and {@link PointModel.decode}. */
export interface PointFlowOptions {
  /** Default: `"heun"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Number of steps, of 1, 2 or 4 network evaluations. Default: 50. */
  steps?: number;
  signal?: AbortSignal;
}

/** One run of a sampler on points. Iterate to compute, one evaluation of the model per turn. */
export class PointSampling {
  private constructor();

  /** Number of points. In the worker entry 0 until the first `await` on this object. */
  readonly count: number;
  /** The current x_t, `[count, dimensions]`. */
  noisy(): Promise<Float32Array>;
  /** The current estimate of x_0, of the same shape. There is none before the first step. */
  clean(): Promise<Float32Array>;
}
export interface PointSampling extends Run {}

/** What a model says about points at one time; each has the shape of the points. */
export type Quantity =
  | "score" // ∇ log p_t(x)
  | "velocity" // v = alpha·eps − sigma·x_0, the flow's dx/dφ against the angle φ = atan(sigma/alpha), which points towards noise
  | "clean" // x_0, the posterior mean
  | "noise"; // eps, the posterior mean of the noise

/** Options of {@link PointModel.logDensity}. */
export interface DensityOptions {
  /** The timestep t of `p_t`, from 0, the cleanest level (the default), to T − 1; it may be a fraction. */
  time?: number;
  /**
   * The exact formula, which ideal models have (their default); or the integral of the divergence along the probability-flow ODE (Song et al. 2021, eq. 39),
   * in two dimensions exact but for the solver's error, for any model (the default of learned ones).
   */
  method?: "closed-form" | "flow";
  /** Of the flow. Default: `"rk4"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Of the flow. Default: 20, which find densities up to 1 to 1e-3. */
  steps?: number;
  signal?: AbortSignal;
  /** Called after every evaluation of the flow. */
  onProgress?: (progress: SamplingProgress) => void;
}

/** A model of points: a network that was trained, or the ideal denoiser. */
export class PointModel {
  private constructor();

  /**
   * The denoiser that cannot be improved, without training: of the `points` (the default), which it can only reproduce, or of the `distribution` that they were drawn from, where
   * `data.mixture` says it.
   */
  static ideal(
    data: PointData,
    options?: { schedule?: Schedule; of?: "points" | "distribution"; device?: Device },
  ): Promise<PointModel>;
  /** The ideal denoiser of a mixture of Gaussians, in one or two dimensions. */
  static mixture(mixture: Mixture, options?: { schedule?: Schedule; device?: Device }): Promise<PointModel>;
  /** What {@link toSafetensors} gave. @throws {TweedieError} `"malformed-file"`, `"missing-tensor"`, `"tensor-shape"`, … */
  static fromSafetensors(bytes: Uint8Array, options?: { device?: Device }): Promise<PointModel>;

  readonly kind: "learned" | "ideal";
  readonly dimensions: 1 | 2;
  /** Timesteps T of its schedule; its times run from 0 to T − 1. */
  readonly timesteps: number;
  /** 0 for the ideal denoiser. */
  readonly parameterCount: number;
  /** Sentences about a schedule that is valid but wrong for sampling, such as a last timestep that still holds signal; usually empty. */
  readonly warnings: readonly string[];

  /**
   * Starts a run; nothing is computed before its first step. A learned model's estimates of x_0 are clipped to [−6, 6], beyond which standardised data hardly
   * lie: where nearly no signal is left, they are the network's error magnified. In the worker entry, refused options surface at the first `await` on the result.
   */
  sample(options?: PointSampleOptions): PointSampling;
  /** Takes clean points along the probability-flow ODE to noise: iterate to the end, then `noisy()` are the latents. */
  encode(points: Float32Array | PointData, options?: PointFlowOptions): PointSampling;
  /** Takes noise along the same ODE to points. Nothing is clipped. */
  decode(latents: Float32Array, options?: PointFlowOptions): PointSampling;
  /**
   * The whole way of points along the probability-flow ODE from one time to another, either way: for a point dragged by hand, call it twice, to 0 and to T − 1.
   * `steps + 1` positions, the first of which are the points; defaults: `"heun"`, 30 steps.
   */
  paths(
    points: Float32Array | PointData,
    options: { from: number; to: number; solver?: "euler" | "heun" | "rk4"; steps?: number },
  ): Promise<Paths>;

  /** One quantity at each of the points, at a time from 0 to T − 1. */
  field(points: Float32Array | PointData, options: { time: number; quantity: Quantity }): Promise<Float32Array>;
  /** `ln p_t` at each of the points, in nats. */
  logDensity(points: Float32Array | PointData, options?: DensityOptions): Promise<Float32Array>;

  /** Weights and configuration of a learned model. @throws {TweedieError} `"unsupported"` for an ideal one */
  toSafetensors(): Promise<Uint8Array>;
  /** Gives its memory back. Harmless when repeated; runs that were started stay usable. */
  free(): void;
}
export interface PointModel extends Disposable {}

// ---------------------------------------------------------------- quality

/** Options of {@link distance}. */
export type DistanceOptions =
  | {
      /** Maximum mean discrepancy, squared (Gretton et al. 2012, eq. 3 and 5), with the mean of four Gaussian kernels `exp(−|x − y|²/(2w²))` of the widths h, h/2, h/4 and h/8. */
      metric: "mmd";
      /** h. Default: the median distance between the points of `b`, so that several sets are comparable by one `b`. */
      bandwidth?: number;
      /** Default: `"unbiased"`, whose mean is 0 for two draws of one distribution, and which may be negative. */
      estimator?: "unbiased" | "biased";
    }
  | {
      /** Sliced Wasserstein distance `(mean over directions of W_p^p of the projections)^(1/p)`, exact for each direction (Bonneel et al. 2015). */
      metric: "sliced-wasserstein";
      /** Default: 2. */
      order?: 1 | 2;
      /** Number of directions, 1 to 10 000. Default: 128. */
      projections?: number;
      /** Seed of the directions. Default: 0. */
      seed?: number;
    };

/**
 * How far two sets of points are from each other; their numbers of points, 2 to 20 000, may differ.
 * @throws {TweedieError} `"invalid-option"`
 */
export function distance(
  a: Float32Array | PointData,
  b: Float32Array | PointData,
  options: DistanceOptions,
): Promise<number>;
