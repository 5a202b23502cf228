/**
 * Generative models of points: diffusion, GANs, VAEs, normalizing flows, energy-based models and more, all with the same
 * trainer.
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

/** The names of the models that {@link Trainer.create} can train. {@link families} lists their options. */
export type FamilyName =
  | "diffusion"
  | "gan"
  | "vae"
  | "real-nvp"
  | "spline-flow"
  | "energy"
  | "score"
  | "flow-matching"
  | "consistency"
  | "guidance"
  | "lora"
  | "progressive-distillation";

/** A model that can be trained, with its presets and default options. */
export interface FamilyInfo {
  readonly name: FamilyName;
  /** Named sets of options for lessons and menus; may be empty. */
  readonly presets: readonly string[];
  readonly options: Readonly<Record<string, FamilyValue>>;
}

/** The value of a model option. */
export type FamilyValue = number | string | boolean | null | readonly FamilyValue[];

/** All models with their presets and default options. Loads the module if `init` has not done so. */
export function families(): Promise<readonly FamilyInfo[]>;

/**
 * Options of {@link Trainer.create} for one of these models. Each model has further options of its own, which
 * {@link families} lists. An option of another model is rejected with an error that names it.
 */
export interface FamilyOptions {
  model: FamilyName;
  /** The preset to start from instead of the default options. */
  preset?: string;
  /** Total number of training steps, where iteration and the learning-rate schedule end. Models that train in stages have an option for each stage instead. */
  steps?: number;
  /** Batch size: points per training step. */
  batch?: number;
  /** Seed of the initial weights, the batches and the noise. Default: 0. */
  seed?: number;
  /** The class of each point, a whole number from 0, for models with classes. */
  classes?: readonly number[];
  /**
   * Checked between slices of steps. After an abort, iteration throws the signal's reason; the trainer keeps the
   * completed steps.
   */
  signal?: AbortSignal;
  [option: string]: FamilyValue | AbortSignal | undefined;
}

/** Progress of training after one slice of steps. */
export interface FamilyProgress {
  /** Number of completed steps. */
  readonly step: number;
  /** Total number of steps. */
  readonly steps: number;
  /** The losses of each step of the slice, by name; NaN if a step does not have the loss. */
  readonly losses: Readonly<Record<string, Float32Array>>;
}

/** The quantities that a model can compute. */
export interface FamilyCapabilities {
  readonly sample: boolean;
  /** `logDensity`: exact, or up to the error of a quadrature or of an integral along a flow. */
  readonly logDensity: boolean;
  /** `bound`: a lower bound on the log-density. */
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
 * Training that diverges ends with a {@link TweedieError} of code `"diverged"`. The weights of the last snapshot are
 * restored, and `completedSteps` is set back to its step. Further steps are rejected until {@link scaleLearningRates}
 * is called. A quantity that the model cannot compute is rejected with code `"no-capability"`; for example, a GAN has
 * no log-density.
 */
export class FamilyTrainer implements AsyncIterable<FamilyProgress> {
  private constructor();

  /**
   * Restores a trainer from the state that {@link save} returned; a resumed run is bit-identical to an uninterrupted
   * one.
   * @throws {TweedieError} `"malformed-file"`
   */
  static restore(state: Uint8Array, options?: { signal?: AbortSignal }): Promise<FamilyTrainer>;

  readonly model: FamilyName;
  /** All options, with the defaults and the name of the model. */
  readonly options: Readonly<Record<string, FamilyValue>>;
  /** Total number of training steps; for models that train in stages, the sum over all stages. */
  readonly totalSteps: number;
  readonly parameterCount: number;
  /** Number of weights that training changes: fewer than `parameterCount` if some are frozen, as in fine-tuning. */
  readonly trainableCount: number;
  /** Number of completed steps. */
  readonly completedSteps: number;
  /** Number of sequential network evaluations per sample. */
  readonly evaluations: number;
  readonly capabilities: FamilyCapabilities;
  /** Names of additional functions of a point, for {@link field}. */
  readonly fields: readonly string[];

  [Symbol.asyncIterator](): AsyncGenerator<FamilyProgress, void, undefined>;
  /** Takes `count` steps (which may exceed `totalSteps`) and returns the losses of each by name. After an abort, completed steps are kept. */
  steps(count: number, options?: { signal?: AbortSignal }): Promise<Record<string, Float32Array>>;

  /**
   * Draws `count` samples (default 1000), `[count, 2]`. `steps` is the number of network evaluations of models that
   * sample in several steps. `class` and `guidance` apply to models with classes, `scale` to fine-tuned
   * models: 0 is the base model, 1 (default) the fine-tuned one. `start` contains the latents or the
   * noise to start from; by default they are drawn from `seed`.
   */
  sample(options?: {
    count?: number;
    seed?: number;
    steps?: number;
    class?: number;
    guidance?: number;
    scale?: number;
    start?: Float32Array;
  }): Promise<Float32Array>;
  /** `ln p(x)` of each point, in nats. */
  logDensity(points: Float32Array | PointData): Promise<Float64Array>;
  /** A lower bound on `ln p(x)` of each point, in nats, from `samples` latents per point (default 1). */
  bound(points: Float32Array | PointData, options?: { samples?: number; seed?: number }): Promise<Float64Array>;
  /** Encodes points to latents, `[count, latents]`. */
  encode(points: Float32Array | PointData): Promise<Float32Array>;
  /** Decodes latents to points, `[count, 2]`. */
  decode(latents: Float32Array): Promise<Float32Array>;
  /** The score `∇ ln p(x)` at each point, `[count, 2]`. */
  score(points: Float32Array | PointData): Promise<Float32Array>;
  /** The energy of each point: `−ln p(x)` up to a constant. */
  energy(points: Float32Array | PointData): Promise<Float64Array>;
  /** One of the {@link fields}: one or more numbers per point. */
  field(name: string, points: Float32Array | PointData): Promise<Float32Array>;

  /** Resumes after a divergence, with all learning rates multiplied by `factor`. */
  scaleLearningRates(factor: number): Promise<void>;
  /** The complete state, including the data, in safetensors format. */
  save(): Promise<Uint8Array>;
  /** The averaged weights in safetensors format. */
  toSafetensors(): Promise<Uint8Array>;
  /** Frees the memory. It may be called repeatedly; any other call throws afterwards. */
  free(): void;
}
export interface FamilyTrainer extends Disposable {}
