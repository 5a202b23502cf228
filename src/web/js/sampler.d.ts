import type { Tolerance } from "./latents.js";

/** A sampler and its own options; what is left out is as the checkpoint's scheduler has it, or diffusers' default. */
export type SamplerOptions =
  | {
      /** Default: the checkpoint's own. The others have no options: diffusers' schedulers of the name, and Song et al. 2021. */
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
      /** Noise, from 0 (deterministic) to 1 (the variance of DDPM's posterior). Default: 0. */
      eta?: number;
      /**
       * Recompute the noise estimate from the clipped clean sample, `eps = (x_t − alpha·x_0) / sigma`, where the scheduler clips (the
       * other samplers go by the clipped sample anyway). Default: false, as in diffusers; strong guidance needs true to keep
       * the two consistent.
       */
      useClippedModelOutput?: boolean;
    }
  | {
      /** The ODE with the diffusion's marginals (Song et al. 2021), in the checkpoint's own timesteps */
      sampler: "probability-flow";
      /** Euler (order 1), Heun (order 2, the default) or Runge–Kutta (order 4): 1, 2 or 4 network evaluations per step. */
      solver?: "euler" | "heun" | "rk4";
    }
  | ({
      /** The same ODE with steps as long as a tolerance allows. Takes no `steps`. */
      sampler: "dormand-prince";
    } & Tolerance)
  | {
      /** Adams–Bashforth */
      sampler: "lms";
      /** 1 to 4. Default: 4. */
      order?: 1 | 2 | 3 | 4;
    }
  | {
      /** Liu et al. 2022 */
      sampler: "pndm";
      /** Begin with lower orders instead of three steps of four evaluations (PLMS). */
      skipPrkSteps?: boolean;
    }
  | {
      /** Lu et al. 2022: exponential integrators of the noise, and of the clean sample (`++`) */
      sampler: "dpm-solver" | "dpm-solver++";
      /** Default: 2. */
      order?: 1 | 2 | 3;
      /** One evaluation per step and a look back, or steps of up to `order` evaluations. Default: `"multistep"`. */
      mode?: "multistep" | "singlestep";
      solverType?: "midpoint" | "heun";
      /** Solve the reverse-time SDE instead of the ODE. Default: false. */
      stochastic?: boolean;
      /** Lower orders in the last steps: of a multistep run of fewer than 15 (the default), of a singlestep run so that the orders add up to its steps (not the default). */
      lowerOrderFinal?: boolean;
      /** Order 1 in the last step. */
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
      /** Of the predictor; the corrector's is one more. Default: 2. */
      order?: 1 | 2 | 3 | 4 | 5 | 6;
      /** `B(h)` of the paper: `h` or `exp(h) − 1`. Default: `"bh2"`. */
      variant?: "bh1" | "bh2";
      /** Integrate the clean sample (the default) or the noise. */
      predictClean?: boolean;
      lowerOrderFinal?: boolean;
    }
  | {
      /** Song et al. 2021, algorithms 2 to 5 */
      sampler: "predictor-corrector";
      /** Default: `"reverse-diffusion"`. */
      predictor?: "euler-maruyama" | "reverse-diffusion" | "ancestral";
      /** Langevin steps at each level. Default: 1. */
      correctorSteps?: number;
      /** Signal-to-noise ratio of a Langevin step. Default: 0.15. */
      snr?: number;
    }
  | {
      /** Langevin dynamics at the least noisy level; `steps` of them */
      sampler: "langevin";
      /** Variance of a step's noise. */
      stepSize: number;
    }
  | {
      /** Song & Ermon 2019: Langevin dynamics at one level after the other */
      sampler: "annealed-langevin";
      /** Variance of a step's noise at the least noisy level. */
      stepSize: number;
      /** Default: 5. */
      stepsPerLevel?: number;
    };

/** Options of `Pipeline.sample`; the defaults are the checkpoint's scheduler. NaN is refused everywhere. */
export type SampleOptions = (SamplerOptions | AnySampler) & {
  /**
   * Number of steps, each of one network evaluation or more, depending on the sampler. Default: what diffusers' pipelines take, all of
   * training's timesteps with DDPM and 50 with most others.
   */
  steps?: number;
  /**
   * How the noise levels of the steps are spread: by timestep (the first three) or by noise. Which of them a sampler knows differs, as it does
   * among diffusers' schedulers; the others are refused. Default: the scheduler's.
   */
  spacing?: "leading" | "linspace" | "trailing" | "karras" | "exponential" | "beta" | "lu-lambdas";
  /** The noise left after the last step. Default: the scheduler's, mostly `"zero"`. */
  finalSigma?: "zero" | "sigma-min";
  /**
   * Whether the estimate of the clean sample is clipped to the range of the data. Default: as diffusers' scheduler of the sampler's name does with the
   * checkpoint's configuration. That of DDIM clips, those of DPM-Solver++ and UniPC do not: with `true` or `false` for all of them the
   * deterministic samplers follow one and the same probability flow.
   */
  clipSample?: boolean;
  /** Seed of the noise, an integer from 0 to 2³² − 1; equals `torch.manual_seed(seed)` on the CPU. Default: 0. */
  seed?: number;
  /** Number of images. Default: one for each of `classLabels`, or 1. */
  batch?: number;
  /**
   * Image to image (Meng et al. 2022): start from these images, `[batch, channels, height, width]` with values in [−1, 1], with noise of the level at
   * which the last `⌊steps·strength⌋` of the steps begin.
   */
  start?: { images: Float32Array; strength: number };
  /** One class for each image of the batch, or one for all of them; each from 0 to `classCount` − 1. */
  classLabels?: ArrayLike<number> | number;
  /**
   * Scale s of classifier-free guidance, as in diffusers: `eps = eps_u + s·(eps_c − eps_u)`, with eps_u the
   * prediction for the null class and eps_c that for the label. 1 (the default) is the conditional prediction alone;
   * Ho & Salimans (2022) write w for the excess: s = 1 + w.
   */
  guidanceScale?: number;
  /**
   * How far the guided prediction is brought back to the standard deviation of the conditional one, 0 to 1
   * (Lin et al. 2024, eq. 16). Default: 0.
   */
  guidanceRescale?: number;
  /** The noise levels `sigma/alpha` between which guidance acts, `[low, high]` (Kynkäänniemi et al. 2024). Default: all. */
  guidanceInterval?: readonly [number, number];
  /** The noise to start from instead of the seed's, `[batch, channels, height, width]` in row-major order, of unit variance. */
  initialNoise?: Float32Array;
  /** Looked at before every step: iteration then throws the signal's reason, and what was computed stays readable. */
  signal?: AbortSignal;
};

/** A sampler that is chosen as the program runs, without options of its own. */
export interface AnySampler {
  sampler: NonNullable<SamplerOptions["sampler"]>;
}

/** What is to be known of a sampler before it is chosen. */
export interface SamplerInfo {
  /** The value of `sampler`. */
  readonly name: AnySampler["sampler"];
  /** As people name it. */
  readonly title: string;
  readonly paper: { readonly title: string; readonly url: string };
  /** Whether fresh noise is drawn in the steps, by default. */
  readonly noise: "none" | "each-step";
  /** Network evaluations per step, by default; of the adaptive solver those of one attempt. */
  readonly evaluations: number;
  /** The options that are its own, by name: enough to make a form of them. */
  readonly options: Readonly<Record<string, SamplerOption>>;
}

/**
 * An option of a sampler. Its default is what holds where neither the caller nor the checkpoint's scheduler says anything; null where it
 * depends on the data and so has to be given. A range without an upper bound ends at what is of use.
 */
export type SamplerOption = {
  /** As people name it. */
  readonly title: string;
  /** What it does, in a sentence. */
  readonly meaning: string;
} & (
  | { readonly type: "flag"; readonly default: boolean }
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly default: string }
  | { readonly type: "integer"; readonly minimum: number; readonly maximum: number; readonly default: number }
  | { readonly type: "number"; readonly minimum: number; readonly maximum: number; readonly default: number | null }
);

/** What a checkpoint's scheduler says of sampling. */
export interface SchedulerDefaults {
  /** The checkpoint's own sampler. */
  readonly sampler: SamplerInfo["name"];
  /**
   * The options of each sampler that has some, by its name, as this checkpoint has them. Samplers that this checkpoint's options do not allow, or that
   * have an option without a default, are left out.
   */
  readonly options: Readonly<Partial<Record<SamplerInfo["name"], Readonly<Record<string, boolean | number | string>>>>>;
}

/** All samplers. Loads the module if `init` did not. */
export function samplers(): Promise<readonly SamplerInfo[]>;
