/**
 * Generative models of points besides diffusion: GANs, VAEs, normalizing flows, energy-based models and more, all trained by one trainer.
 *
 * ```js
 * import { PointData, Trainer } from "tweedie/worker"; // or "tweedie", or "tweedie/points"
 *
 * const data = await PointData.named("eight-gaussians", { count: 5000 });
 * const trainer = await Trainer.create(data, { model: "gan", preset: "works" });
 * for await (const { step, losses } of trainer) console.log(step, losses.generator.at(-1), losses.discriminator.at(-1));
 * const samples = await trainer.sample({ count: 1000 }); // x0, y0, x1, y1, …
 * ```
 */

import type { PointData } from "./points.js";

/** The models that {@link Trainer.create} trains by name. {@link families} lists their options. */
export type FamilyName =
  | "gan"
  | "vae"
  | "real-nvp"
  | "spline-flow"
  | "energy"
  | "score"
  | "flow-matching"
  | "consistency"
  | "progressive-distillation";

/** A model that can be trained: its presets, and the defaults of its options. */
export interface FamilyInfo {
  readonly name: FamilyName;
  /** Named sets of options, for lessons and menus; may be empty. */
  readonly presets: readonly string[];
  readonly options: Readonly<Record<string, FamilyValue>>;
}

/** The value of an option of a model. */
export type FamilyValue = number | string | boolean | null | readonly FamilyValue[];

/** All models with their presets and default options. Loads the module if `init` did not. */
export function families(): Promise<readonly FamilyInfo[]>;

/**
 * Options of {@link Trainer.create} for a model of the family. Besides these, each model has its own, which {@link families} lists; an option of another model is
 * an error that names it.
 */
export interface FamilyOptions {
  model: FamilyName;
  /** The options to start from instead of the defaults. */
  preset?: string;
  /** Training steps in total: where the learning rate ends, and iteration. Models that train in stages have an option for each stage instead. */
  steps?: number;
  /** Points per step. */
  batch?: number;
  /** Seed of the initial weights, the batches and the noise. Default: 0. */
  seed?: number;
  /** Checked between slices of iteration, which then throws the signal's reason; the trainer keeps the steps that were done. */
  signal?: AbortSignal;
  [option: string]: FamilyValue | AbortSignal | undefined;
}

/** Progress of a training after one slice of steps. */
export interface FamilyProgress {
  /** Steps done. */
  readonly step: number;
  /** Steps in total. */
  readonly steps: number;
  /** The losses of each step of the slice, by name; NaN for a step that does not have the loss. */
  readonly losses: Readonly<Record<string, Float32Array>>;
}

/** What a model can compute. */
export interface FamilyCapabilities {
  readonly sample: boolean;
  /** `logDensity`: exact, or accurate to the error of a quadrature or an integral along a flow. */
  readonly logDensity: boolean;
  /** `bound`: a lower bound of the log-density. */
  readonly bound: boolean;
  /** `encode`, `decode` or both. */
  readonly latents: boolean;
  readonly score: boolean;
  readonly energy: boolean;
}

/**
 * A generative model of points and its training, on the CPU. Iterate to train until `totalSteps`, a few steps at a time; leave the loop to pause, iterate again to
 * continue. Queries use the exponential moving average of the weights and may be made between slices.
 *
 * Training that diverges ends with a {@link TweedieError} of code `"diverged"`. The weights are then the last good ones, and `completedSteps` is theirs; more steps are
 * rejected until {@link scaleLearningRates}. A quantity that the model does not have is rejected with code `"no-capability"`: a GAN has no log-density.
 */
export class FamilyTrainer implements AsyncIterable<FamilyProgress> {
  private constructor();

  /** Continues from what {@link save} returned, bit for bit as if it had never stopped. @throws {TweedieError} `"malformed-file"` */
  static restore(state: Uint8Array, options?: { signal?: AbortSignal }): Promise<FamilyTrainer>;

  readonly model: FamilyName;
  /** All options, with the defaults and the name of the model. */
  readonly options: Readonly<Record<string, FamilyValue>>;
  /** Training steps in total: of models that train in stages, the sum over all stages. */
  readonly totalSteps: number;
  readonly parameterCount: number;
  /** Steps done. */
  readonly completedSteps: number;
  /** Network evaluations in sequence for one sample. */
  readonly evaluations: number;
  readonly capabilities: FamilyCapabilities;
  /** Names of further functions of a point, for {@link field}. */
  readonly fields: readonly string[];

  [Symbol.asyncIterator](): AsyncGenerator<FamilyProgress, void, undefined>;
  /** Takes `count` steps (which may exceed `totalSteps`) and returns the losses of each by name. Aborting keeps the steps that were done. */
  steps(count: number, options?: { signal?: AbortSignal }): Promise<Record<string, Float32Array>>;

  /**
   * Draws `count` samples (default 1000), `[count, 2]`. `steps` is the number of evaluations of models that sample in steps; `class` and `guidance` are those of models with
   * classes; `start` are the latents or the noise to start from instead of the seed's.
   */
  sample(options?: {
    count?: number;
    seed?: number;
    steps?: number;
    class?: number;
    guidance?: number;
    start?: Float32Array;
  }): Promise<Float32Array>;
  /** `ln p(x)` of each point, in nats. */
  logDensity(points: Float32Array | PointData): Promise<Float64Array>;
  /** A lower bound of `ln p(x)` of each point, in nats, with `samples` of the latent for each (default 1). */
  bound(points: Float32Array | PointData, options?: { samples?: number; seed?: number }): Promise<Float64Array>;
  /** The latents of points. */
  encode(points: Float32Array | PointData): Promise<Float32Array>;
  /** The points of latents. */
  decode(latents: Float32Array): Promise<Float32Array>;
  /** The score `∇ ln p(x)` at each point, `[count, 2]`. */
  score(points: Float32Array | PointData): Promise<Float32Array>;
  /** The energy of each point: `−ln p(x)` up to a constant. */
  energy(points: Float32Array | PointData): Promise<Float64Array>;
  /** One of the {@link fields}: one or more numbers for each point. */
  field(name: string, points: Float32Array | PointData): Promise<Float32Array>;

  /** Continues after a divergence, with all learning rates multiplied by `factor`. */
  scaleLearningRates(factor: number): Promise<void>;
  /** The complete state with the data, in safetensors. */
  save(): Promise<Uint8Array>;
  /** The averaged weights, in safetensors. */
  toSafetensors(): Promise<Uint8Array>;
  /** Frees the memory. Harmless when repeated; any other call throws afterwards. */
  free(): void;
}
export interface FamilyTrainer extends Disposable {}
