/**
 * Diffusion models in the browser: loads pretrained diffusers checkpoints and samples from them on WebGPU or the CPU.
 *
 * ```js
 * import { init, openDevice, Pipeline } from "tweedie";
 *
 * await init();
 * const device = await openDevice("auto");
 * const pipeline = await Pipeline.fromPretrained("google/ddpm-cifar10-32", { device });
 * const sampling = pipeline.sample({ sampler: "ddim", steps: 20, seed: 0 });
 * for await (const { step, steps } of sampling) console.log(`${step} of ${steps}`);
 * const pixels = await sampling.images(); // RGBA
 * ```
 *
 * `"tweedie/worker"` offers the same API, computed in a Web Worker, so that the page never blocks.
 */

export { Density } from "./density.js";
export type {
  DensitySampleOptions,
  DensitySummary,
  DensityTest,
  Envelope,
  MixtureComponent,
  Proposal,
  RejectionOptions,
  RejectionRun,
} from "./density.js";

/** Options of {@link init}. */
export interface InitOptions {
  /**
   * Where the WebAssembly module is, for bundlers that do not copy `tweedie_wasm_bg.wasm` by themselves (esbuild):
   * an address, a response, its bytes, or a compiled module. Default: beside the script.
   */
  module_or_path?: string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;
}

/**
 * Loads the WebAssembly module. Idempotent: later calls share the first one's result and ignore their options;
 * after a failure, the next call tries again.
 */
export function init(options?: InitOptions): Promise<void>;

/** What computes: the first WebGPU adapter, or the CPU. */
export interface Device {
  readonly kind: "webgpu" | "cpu";
  /** Name of the adapter; for `"auto"` without WebGPU, also the reason why the CPU computes. */
  readonly description: string;
}

/**
 * Opens the device that computes; the GPU is opened once and shared.
 *
 * `"auto"` (the default) takes WebGPU where the browser has it, else the CPU. Loads the module if `init` did not.
 * @throws {TweedieError} code `"device"` when `"webgpu"` is asked for and cannot be had
 */
export function openDevice(kind?: "auto" | "webgpu" | "cpu"): Promise<Device>;

/**
 * Where a checkpoint is. A string is
 *  - the address of a folder if it starts with `./`, `../`, `/` or a scheme like `https://`,
 *  - a Hub id if it is exactly `owner/name`; a relative folder therefore needs its leading `./`.
 *
 * Files (a dropped or chosen folder) are found by `webkitRelativePath`, or else by name; contents by their key.
 * Leading folders do not matter. diffusers' pipeline folders and flat ones are understood, weights whole or sharded.
 */
export type Source =
  string | URL | FileList | readonly File[] | Readonly<Record<string, ArrayBuffer | Uint8Array | Blob>>;

/** How far the reading of one file of a checkpoint is. */
export interface LoadProgress {
  /** Path inside the checkpoint. */
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all; undefined when the server does not say. */
  readonly total: number | undefined;
}

/** Options of {@link Pipeline.fromPretrained}. */
export interface LoadOptions {
  /** Default: `await openDevice("auto")`. */
  device?: Device;
  /** Aborts the download; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called as each file arrives, about 20 times a second, and when it is complete. */
  onProgress?: (progress: LoadProgress) => void;
  /** Branch, tag or commit of a Hub id. Default: `"main"`. */
  revision?: string;
  /** Address of the Hub. Default: `"https://huggingface.co"`. */
  endpoint?: string;
  /**
   * Whether downloads are kept in the browser's Cache API, or the name of the cache. Default: `true`, the cache
   * `"tweedie"`. A kept file is compared with the server's by a HEAD request, and taken as it is without network.
   * Where the browser refuses to store it, loading goes on without.
   */
  cache?: boolean | string;
}

/** A denoising network with its scheduler. */
export class Pipeline {
  private constructor();

  /**
   * Reads a checkpoint and builds its network on the device.
   *
   * @throws {TweedieError} codes `"missing-file"`, `"malformed-file"`, `"unsupported"`, `"missing-tensor"`,
   *   `"unused-tensors"`, `"tensor-shape"`, `"http"`, `"network"`, `"invalid-option"`, `"out-of-memory"`
   */
  static fromPretrained(source: Source, options?: LoadOptions): Promise<Pipeline>;

  /** Pixels per side; `[height, width]` where the two differ. */
  readonly sampleSize: number | readonly [number, number];
  /** Channels of an image: 1 for grey, 3 for RGB. */
  readonly channels: number;
  readonly parameterCount: number;
  /** Names of the classes, where the checkpoint gives them (`labels` in `model_index.json`). */
  readonly labels: readonly string[] | null;
  /** How many class labels the network knows, the null class included; 0 for an unconditional network. */
  readonly classCount: number;
  /** The class that means "unconditional", needed by guidance; null where the checkpoint names none. */
  readonly nullClassLabel: number | null;
  /** `scheduler_config.json` as it was read. */
  readonly schedulerConfig: Readonly<Record<string, unknown>>;
  /**
   * How much of the variance of x_t is signal at each timestep of training: alpha_t², rescaled where the scheduler asks for it; empty for a model
   * that was not trained on timesteps.
   */
  readonly alphasCumprod: Float64Array;

  /**
   * Starts a run; nothing is computed before its first step. In the worker entry, refused options surface at
   * the first `await` on the result instead of here.
   *
   * @throws {TweedieError} `"invalid-option"` and `"unsupported"` name the option: out of its range, NaN, unknown
   */
  sample(options?: SampleOptions): Sampling;

  /**
   * Takes images, `[batch, channels, height, width]` with values in [−1, 1], along the probability-flow ODE to latents (Song et al. 2021, section
   * 4.3): iterate the run to its end, then `noisy()` is the latent. With `solver: "euler"` it is DDIM inversion. Nothing is clipped.
   *
   * @throws {TweedieError} `"invalid-option"` names the option, or `images`
   */
  encode(images: Float32Array, options?: LatentOptions): Sampling;

  /**
   * The way back: takes latents along the same ODE to images, which `noisy()` and `images()` give at the end of the run. A hundred steps of Heun's
   * method there and back return the images to 1e-3.
   */
  decode(latents: Float32Array, options?: LatentOptions): Sampling;

  /** Gives the network's memory back. Harmless when repeated; runs that were started stay usable. */
  free(): void;
  [Symbol.dispose](): void;
}

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
  | {
      /** The same ODE with steps as long as a tolerance allows. Takes no `steps`. */
      sampler: "dormand-prince";
      /** Error allowed in a step: the root mean square of error / (absolute + relative·|x|) is at most 1. Default: 1e-3 for both. */
      absoluteTolerance?: number;
      relativeTolerance?: number;
      /** Network evaluations after which it gives up, with an error of code `"tolerance"`. Default: 1000. */
      maxEvaluations?: number;
    }
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
      /** Lower orders in the last steps of a run of fewer than 15. */
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
      order?: 1 | 2 | 3;
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

/** Options of {@link Pipeline.sample}; the defaults are the checkpoint's scheduler. NaN is refused everywhere. */
export type SampleOptions = SamplerOptions & {
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

/** Options of {@link Pipeline.encode} and {@link Pipeline.decode}. */
export interface LatentOptions {
  /** Default: `"heun"`. */
  solver?: "euler" | "heun" | "rk4";
  /** Number of steps, of 1, 2 or 4 network evaluations. Default: 100. */
  steps?: number;
  /** One class for each image, or one for all of them. */
  classLabels?: ArrayLike<number> | number;
  /** Looked at before every step. */
  signal?: AbortSignal;
}

/** What is to be known of a sampler before it is chosen. */
export interface SamplerInfo {
  /** The value of `sampler`. */
  readonly name: NonNullable<SampleOptions["sampler"]>;
  /** As people name it. */
  readonly title: string;
  readonly paper: { readonly title: string; readonly url: string };
  /** Whether fresh noise is drawn in the steps, by default. */
  readonly noise: "none" | "each-step";
  /** Network evaluations per step, by default; of the adaptive solver those of one attempt. */
  readonly evaluations: number;
  /** Names of the options that are its own. */
  readonly options: readonly string[];
}

/** All samplers. Loads the module if `init` did not. */
export function samplers(): Promise<readonly SamplerInfo[]>;

/** How far a run is, after one step. */
export interface SamplingProgress {
  /** Network evaluations so far, from 1 to `steps`. */
  readonly step: number;
  /** Network evaluations of the whole run. */
  readonly steps: number;
  /** The time at which the network was evaluated, in units of the training schedule. */
  readonly timestep: number;
}

/**
 * One run of a sampler. Iterate to compute, one network evaluation per turn; leave the loop to pause, iterate again
 * to go on. What it holds may be read between any two steps.
 */
export class Sampling implements AsyncIterable<SamplingProgress> {
  private constructor();

  /** Network evaluations of the whole run. In the worker entry 0 until the first `await` on this object. */
  readonly steps: number;
  /** Network evaluations so far. */
  readonly completedSteps: number;
  /** Number of images. In the worker entry 0 until the first `await` on this object. */
  readonly batch: number;

  [Symbol.asyncIterator](): AsyncGenerator<SamplingProgress, void, undefined>;

  /** The current x_t, `[batch, channels, height, width]` in row-major order. */
  noisy(): Promise<Float32Array>;
  /**
   * The current estimate of x_0, of the same shape: by Tweedie's formula, the posterior mean of the clean sample.
   * There is none before the first step.
   */
  clean(): Promise<Float32Array>;
  /** RGBA pixels `[batch, height, width, 4]` of x_t, or of the estimate of x_0, each ready for `ImageData`. */
  images(which?: "noisy" | "clean"): Promise<Uint8ClampedArray<ArrayBuffer>>;

  /** Gives the run's memory back. Harmless when repeated; any other call throws afterwards. */
  free(): void;
  [Symbol.dispose](): void;
}

/** What this package throws. `instanceof` also holds for errors from Rust and from the worker. */
export class TweedieError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown });
  readonly name: "TweedieError";
  /** The kind of failure, for programs. */
  readonly code: TweedieErrorCode;
  /** Of a `"formula"`: the column, from 1, of the first character that is wrong. */
  readonly column?: number;
}

/** The kinds of failure; more may come. */
export type TweedieErrorCode =
  | "invalid-option" // an option is unknown, or has a value outside its domain
  | "unsupported" // the checkpoint asks for something that is not implemented
  | "missing-file"
  | "malformed-file"
  | "missing-tensor"
  | "unused-tensors"
  | "tensor-shape"
  | "formula" // it cannot be read; `column` says where
  | "envelope" // no multiple of the proposal covers the target
  | "tolerance" // the adaptive solver gave up; the sample stays where it came
  | "device" // it cannot be opened, or was lost
  | "http" // the server refused
  | "network" // the server could not be reached, or the download broke off
  | "out-of-memory"
  | "freed" // used after free()
  | "crashed" // the WebAssembly module stopped
  | "worker" // the worker died; init() starts a new one
  | (string & {});
