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

import type { InversionOptions, LatentOptions } from "./latents.js";
import type { BoundOptions, Likelihood, LikelihoodOptions, VariationalBound } from "./likelihood.js";
import type { Sampling } from "./run.js";
import type { SampleOptions, SchedulerDefaults } from "./sampler.js";

export * from "./density.js";
export * from "./latents.js";
export * from "./likelihood.js";
export * from "./points.js";
export * from "./run.js";
export * from "./sampler.js";

/** Options of {@link init}. */
export interface InitOptions {
  /**
   * Where the WebAssembly modules are, for bundlers that do not copy `tweedie_cpu_bg.wasm` and `tweedie_webgpu_bg.wasm`
   * (esbuild). Default: beside the script.
   */
  modules?: { cpu?: ModuleSource; webgpu?: ModuleSource };
}

/** An address, a response, the bytes, or a compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/**
 * Loads the small WebAssembly module, which computes on the CPU. Idempotent: later calls share the first one's result;
 * after a failure, the next call tries again. The module with WebGPU is loaded when {@link openDevice} opens a GPU.
 *
 * @throws {TweedieError} code `"module"` when it cannot be loaded
 */
export function init(options?: InitOptions): Promise<void>;

/** What computes: the first WebGPU adapter, or the CPU. */
export interface Device {
  readonly kind: "webgpu" | "cpu";
  /** Name of the adapter, or the CPU and, for `"auto"`, why it computes. */
  readonly description: string;
}

/**
 * Opens the device that computes; the GPU is opened once and shared.
 *
 * `"auto"` (the default) opens WebGPU where the browser has a GPU, and otherwise the CPU; `description` then says why. A
 * software adapter (SwiftShader, llvmpipe) counts as none, since the CPU's own kernels are faster. The larger module is
 * downloaded only after the browser has granted an adapter.
 *
 * @throws {TweedieError} for `"webgpu"`: code `"device"` when it cannot be used, `"module"` when its module cannot be
 *   loaded; the CPU remains usable, and a later call tries again
 */
export function openDevice(kind?: "auto" | "webgpu" | "cpu"): Promise<Device>;

/**
 * Where a checkpoint is. A string is
 *  - the address of a folder if it starts with `./`, `../`, `/` or a scheme like `https://`,
 *  - a Hub id if it is exactly `owner/name`; a relative folder therefore needs its leading `./`.
 *
 * Files (of `<input type="file" webkitdirectory>`) are found by `webkitRelativePath`, or else by name; contents by their key, as `{ "unet/config.json": file }`:
 * so are the files of a dropped folder, which has to be walked by `webkitGetAsEntry`.
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
  /** What `sample` takes from the checkpoint's scheduler where it is told nothing. */
  readonly schedulerDefaults: SchedulerDefaults;
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
   * 4.3): iterate the run to its end, then `noisy()` is the latent. Nothing is clipped.
   *
   * @throws {TweedieError} `"invalid-option"` names the option, or `images`
   */
  encode(images: Float32Array, options?: LatentOptions): Sampling;

  /**
   * The way back: takes latents along the same ODE to images, which `noisy()` and `images()` give at the end of the run. A hundred steps of Heun's
   * method there and back return the images to 1e-3.
   */
  decode(latents: Float32Array, options?: LatentOptions): Sampling;

  /**
   * DDIM inversion (Song, Meng & Ermon 2021, section 4.3): takes images to the noise that DDIM makes about them, by the steps of diffusers'
   * `DDIMInverseScheduler`; the result is `noisy()` at the end of the run. The way back is
   * `sample({ sampler: "ddim", steps, initialNoise: await inversion.noisy() })`, the closer the more steps there are; `encode` is closer still.
   *
   * @throws {TweedieError} `"invalid-option"` names the option, or `images`, or the checkpoint where its model is not one of discrete timesteps
   */
  invert(images: Float32Array, options?: InversionOptions): Sampling;

  /**
   * Finds the log-likelihood of images, `[batch, channels, height, width]` with values in [−1, 1], under the probability-flow ODE (Song et al.
   * 2021, section 4.3): iterate the run to its end, then read it.
   *
   * @throws {TweedieError} `"invalid-option"` names the option, or `images`
   */
  logLikelihood(images: Float32Array, options?: LikelihoodOptions): Likelihood;

  /**
   * Finds the variational bound of images, `[batch, channels, height, width]` with values in [−1, 1] of 256 grey levels, by the variance and the
   * clipping of the checkpoint's scheduler.
   *
   * @throws {TweedieError} `"invalid-option"` names the option, or `images`, or the checkpoint where its model is not one of discrete timesteps
   */
  variationalBound(images: Float32Array, options?: BoundOptions): VariationalBound;

  /** Gives the network's memory back. Harmless when repeated; runs that were started stay usable. */
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
  | "diverged" // training did; the weights are the last good ones
  | "formula" // it cannot be read; `column` says where
  | "envelope" // no multiple of the proposal covers the target
  | "tolerance" // the adaptive solver gave up; the sample stays where it came
  | "device" // it cannot be opened, or was lost
  | "module" // a WebAssembly module of this package could not be loaded
  | "http" // the server refused
  | "network" // the server could not be reached, or the download broke off
  | "out-of-memory"
  | "freed" // used after free()
  | "crashed" // the WebAssembly module stopped
  | "worker" // the worker died; init() starts a new one
  | (string & {});
