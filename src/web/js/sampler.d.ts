import type { Tolerance } from "./latents.js";

/** A sampler and its own options. Options default to the checkpoint's scheduler, or else to the default of diffusers. */
export type SamplerOptions =
  | {
      /** Default: the checkpoint's sampler. The samplers listed here have no options. They follow the diffusers schedulers of the same name, and Song et al. 2021. */
      sampler?:
        | "ddpm"
        | "euler"
        | "euler-ancestral"
        | "heun"
        | "kdpm2"
        | "kdpm2-ancestral"
        | "ipndm"
        | "euler-maruyama"
        | "reverse-diffusion"
        | "ancestral"
        | "consistency";
    }
  | {
      /** Song, Meng & Ermon 2021 */
      sampler: "ddim";
      /** Amount of noise, from 0 (deterministic) to 1 (the variance of DDPM's posterior). Default: 0. */
      eta?: number;
      /**
       * Re-derives the noise estimate from the clipped clean estimate, `eps = (x_t − alpha·x_0) / sigma`, if the scheduler clips. (The
       * other samplers always use the clipped estimate.) Default: false, as in diffusers. With strong guidance, use true to keep
       * both estimates consistent.
       */
      useClippedModelOutput?: boolean;
    }
  | {
      /** The probability-flow ODE (Song et al. 2021), in the checkpoint's timesteps */
      sampler: "probability-flow";
      /** Euler (order 1), Heun (order 2, the default) or Runge–Kutta (order 4): 1, 2 or 4 network evaluations per step. */
      solver?: "euler" | "heun" | "rk4";
    }
  | ({
      /** The same ODE with adaptive step size. Does not accept `steps`. */
      sampler: "dormand-prince";
    } & Tolerance)
  | {
      /** Adams–Bashforth */
      sampler: "lms";
      /** Order, 1 to 4. Default: 4. */
      order?: 1 | 2 | 3 | 4;
    }
  | {
      /** Liu et al. 2022 */
      sampler: "pndm";
      /** Starts with lower orders instead of three steps of four evaluations (PLMS). */
      skipPrkSteps?: boolean;
    }
  | {
      /** Lu et al. 2022: exponential integrators in terms of the noise estimate, or of the clean estimate (`++`) */
      sampler: "dpm-solver" | "dpm-solver++";
      /** Default: 2. */
      order?: 1 | 2 | 3;
      /** One evaluation per step with previous outputs, or up to `order` evaluations per step. Default: `"multistep"`. */
      mode?: "multistep" | "singlestep";
      solverType?: "midpoint" | "heun";
      /** Solves the reverse-time SDE instead of the ODE. Default: false. */
      stochastic?: boolean;
      /** Uses lower orders in the last steps. Multistep: in runs of fewer than 15 steps (default: true). Singlestep: so that the orders add up to the number of steps (default: false). */
      lowerOrderFinal?: boolean;
      /** Uses order 1 in the last step. */
      eulerAtFinal?: boolean;
    }
  | {
      /** Zhang & Chen 2023 */
      sampler: "deis";
      order?: 1 | 2 | 3;
      lowerOrderFinal?: boolean;
    }
  | {
      /** Zhao et al. 2023 */
      sampler: "unipc";
      /** Order of the predictor; the corrector has one order more. Default: 2. */
      order?: 1 | 2 | 3 | 4 | 5 | 6;
      /** The function `B(h)` of the paper: `h` (`"bh1"`) or `exp(h) − 1` (`"bh2"`). Default: `"bh2"`. */
      variant?: "bh1" | "bh2";
      /** Integrates the clean estimate (the default) or the noise estimate. */
      predictClean?: boolean;
      lowerOrderFinal?: boolean;
    }
  | {
      /** Song et al. 2021, algorithms 2 to 5 */
      sampler: "predictor-corrector";
      /** Default: `"reverse-diffusion"`. */
      predictor?: "euler-maruyama" | "reverse-diffusion" | "ancestral";
      /** Langevin steps per noise level. Default: 1. */
      correctorSteps?: number;
      /** Signal-to-noise ratio of a Langevin step. Default: 0.15. */
      snr?: number;
    }
  | {
      /** Langevin dynamics at the lowest noise level, for `steps` steps */
      sampler: "langevin";
      /** Variance of the noise of a step. */
      stepSize: number;
    }
  | {
      /** Song & Ermon 2019: Langevin dynamics at each noise level in turn */
      sampler: "annealed-langevin";
      /** Variance of the noise of a step at the lowest noise level. */
      stepSize: number;
      /** Langevin steps per noise level. Default: 5. */
      stepsPerLevel?: number;
    };

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
