import type { SamplerOptions } from "./sampler-options.js";

export type { SamplerOptions };

/** Options of `Pipeline.sample`. They default to the checkpoint's scheduler. NaN is rejected. */
export type SampleOptions = (SamplerOptions | AnySampler) & {
  /**
   * Number of steps, with one or more network evaluations each, depending on the sampler. Default: as in diffusers pipelines, all
   * training timesteps for DDPM and 50 for most others.
   */
  steps?: number;
  /**
   * Spacing of the noise levels: by timestep (the first three) or by noise level. Samplers support different spacings, as
   * in diffusers; unsupported ones are rejected. Default: the scheduler's.
   */
  spacing?: "leading" | "linspace" | "trailing" | "karras" | "exponential" | "beta" | "lu-lambdas";
  /** Noise level after the last step. Default: the scheduler's, usually `"zero"`. */
  finalSigma?: "zero" | "sigma-min";
  /**
   * Whether the clean estimate is clipped to the range of the data. Default: as in the diffusers scheduler of the same name with the
   * checkpoint's configuration. DDIM clips there; DPM-Solver++ and UniPC do not. With the same value for all of them, the
   * deterministic samplers follow the same probability flow.
   */
  clipSample?: boolean;
  /** Seed of the noise, an integer from 0 to 2³² − 1. Gives the same noise as `torch.manual_seed(seed)` on the CPU. Default: 0. */
  seed?: number;
  /** Number of images. Default: the number of `classLabels`, or 1. */
  batch?: number;
  /**
   * Image to image (Meng et al. 2022): starts from these images, `[batch, channels, height, width]` with values in [−1, 1], with noise added. Only the
   * last `⌊steps·strength⌋` steps are run, from their noise level.
   */
  start?: { images: Float32Array; strength: number };
  /** One class label per image of the batch, or one for all images, from 0 to `classCount` − 1. */
  classLabels?: ArrayLike<number> | number;
  /**
   * Scale s of classifier-free guidance, as in diffusers: `eps = eps_u + s·(eps_c − eps_u)`, with eps_u the
   * prediction for the null class and eps_c the prediction for the label. At 1 (the default) only the conditional prediction is used.
   * Ho & Salimans (2022) define w by s = 1 + w.
   */
  guidanceScale?: number;
  /**
   * How far the guided prediction is rescaled towards the standard deviation of the conditional one, 0 to 1
   * (Lin et al. 2024, eq. 16). Default: 0.
   */
  guidanceRescale?: number;
  /** Guidance applies only at noise levels `sigma/alpha` in `[low, high]` (Kynkäänniemi et al. 2024). Default: everywhere. */
  guidanceInterval?: readonly [number, number];
  /** Initial noise instead of the seed's, `[batch, channels, height, width]` in row-major order, with unit variance. */
  initialNoise?: Float32Array;
  /** Checked before every step. If it is aborted, iteration throws the signal's reason; results so far remain readable. */
  signal?: AbortSignal;
};

/** A sampler chosen at run time, without its own options. */
export interface AnySampler {
  sampler: NonNullable<SamplerOptions["sampler"]>;
}

/** Metadata of a sampler, for menus and documentation. */
export interface SamplerInfo {
  /** The value of `sampler`. */
  readonly name: AnySampler["sampler"];
  /** Display name. */
  readonly title: string;
  readonly paper: { readonly title: string; readonly url: string };
  /** Whether the sampler adds fresh noise at every step, by default. */
  readonly noise: "none" | "each-step";
  /** Network evaluations per step, by default; for the adaptive solver, per attempted step. */
  readonly evaluations: number;
  /** Its own options by name, with enough information to build a form. */
  readonly options: Readonly<Record<string, SamplerOption>>;
}

/**
 * An option of a sampler. The default applies if neither the caller nor the checkpoint's scheduler sets the option; null if it
 * depends on the data and must be given. Ranges without an upper bound end at a practical limit.
 */
export type SamplerOption = {
  /** Display name. */
  readonly title: string;
  /** Description in one sentence. */
  readonly meaning: string;
} & (
  | { readonly type: "flag"; readonly default: boolean }
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly default: string }
  | { readonly type: "integer"; readonly minimum: number; readonly maximum: number; readonly default: number }
  | { readonly type: "number"; readonly minimum: number; readonly maximum: number; readonly default: number | null }
);

/** Sampling defaults of a checkpoint's scheduler. */
export interface SchedulerDefaults {
  /** The checkpoint's sampler. */
  readonly sampler: SamplerInfo["name"];
  /**
   * Default options of each sampler with options, by sampler name. Samplers that this checkpoint does not support, or that
   * have an option without a default, are omitted.
   */
  readonly options: Readonly<Partial<Record<SamplerInfo["name"], Readonly<Record<string, boolean | number | string>>>>>;
}

/** Lists all samplers. Loads the module if `init` was not called. */
export function samplers(): Promise<readonly SamplerInfo[]>;
