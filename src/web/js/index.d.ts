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
 * await sampling.draw(document.querySelector("canvas"));
 * ```
 *
 * `"tweedie/worker"` offers the same API, computed in a Web Worker, so that the page never blocks. `"tweedie/density"` and `"tweedie/points"` are the parts of it that
 * need the small WebAssembly module only.
 */

import type { InversionOptions, LatentOptions } from "./latents.js";
import type { BoundOptions, Likelihood, LikelihoodOptions, VariationalBound } from "./likelihood.js";
import type { FileProgress, TweedieError } from "./module.js";
import type { Sampling } from "./run.js";
import type { SampleOptions, SchedulerDefaults } from "./sampler.js";

export * from "./density.js";
export * from "./latents.js";
export * from "./likelihood.js";
export * from "./module.js";
export * from "./points.js";
export * from "./run.js";
export * from "./sampler.js";

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
export function openDevice(kind?: "auto" | "webgpu" | "cpu", options?: OpenOptions): Promise<Device>;

/** Options of {@link openDevice}. */
export interface OpenOptions {
  /** Called as the module with WebGPU arrives, about 20 times a second, and when it is complete. */
  onProgress?: (progress: FileProgress) => void;
}

/**
 * Where a checkpoint is. A string is
 *  - a Hub id if it is exactly `owner/name`; a relative folder therefore needs its leading `./`,
 *  - the address of a page of the Hub, as `https://huggingface.co/owner/name/tree/main`, which may name a revision and a folder,
 *  - the address of a folder if it starts with `./`, `../`, `/` or a scheme like `https://`; in Node.js also `file:`.
 *
 * Files (of `<input type="file" webkitdirectory>`) are found by `webkitRelativePath`, or else by name; contents by their key, as `{ "unet/config.json": file }`:
 * so are the files of a dropped folder, which has to be walked by `webkitGetAsEntry`.
 * Leading folders do not matter. diffusers' pipeline folders and flat ones are understood, weights whole or sharded.
 */
export type Source =
  string | URL | FileList | readonly File[] | Readonly<Record<string, ArrayBuffer | Uint8Array | Blob>>;

/** How far the reading of a checkpoint is. */
export interface LoadProgress extends FileProgress {
  /** All files together. The total is known once the weights, which come last, have begun to arrive. */
  readonly overall: { readonly loaded: number; readonly total: number | undefined };
}

/** Where a checkpoint of the network is looked for. */
export interface PlaceOptions {
  /** Branch, tag or commit of a Hub id. Default: the one that the address of a page names, or `"main"`. */
  revision?: string;
  /** Address of the Hub. Default: `"https://huggingface.co"`. */
  endpoint?: string;
  /**
   * Whether downloads are kept in the browser's Cache API, or the name of the cache. Default: `true`, the cache
   * `"tweedie"`. A kept file is compared with the server's by a HEAD request, and taken as it is without network. Files that turn out to be
   * malformed are dropped, and so are those of other revisions of the model. Where the browser refuses to store a file, loading continues, and
   * `onWarning` is told.
   */
  cache?: boolean | string;
}

/** Options of {@link Pipeline.fromPretrained}. */
export interface LoadOptions extends PlaceOptions {
  /** Default: `await openDevice("auto")`. */
  device?: Device;
  /** Aborts the download; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called as each file arrives, about 20 times a second, and when it is complete. */
  onProgress?: (progress: LoadProgress) => void;
  /** Told of what went wrong without stopping the load, as a file that the browser refuses to cache. Nothing is written to the console. */
  onWarning?: (warning: TweedieError) => void;
  /** A token of the Hub, for gated and private models. Browsers send it to the address's own origin only, not where it redirects to. */
  token?: string;
  /** Further headers of every request. */
  headers?: HeadersInit;
  /** Takes the place of the global `fetch`. In the worker entry it is called on the page. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds without any data after which a download is taken for broken, and resumed or given up. Default: 30,000. */
  timeout?: number;
}

/** Whether a checkpoint of the network is cached in full, so that it loads without network. */
export function isCached(source: string | URL, options?: PlaceOptions): Promise<boolean>;

/** Deletes the files that are cached of a checkpoint, in all revisions unless one is given; without `source` those of all checkpoints. */
export function clearCache(source?: string | URL, options?: PlaceOptions): Promise<void>;

/** What the cache holds. */
export interface CacheUsage {
  /** Number of files. */
  readonly files: number;
  readonly bytes: number;
  /** Bytes that the browser lets this origin store in all; undefined where it does not say. */
  readonly quota: number | undefined;
}

/** How much is cached. */
export function usage(options?: { cache?: boolean | string }): Promise<CacheUsage>;

/** A picture as the web has them: a file, an element, a canvas, pixels. */
export type Picture = ImageBitmapSource | { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number };

/** A denoising network with its scheduler. */
export class Pipeline {
  private constructor();

  /**
   * Reads a checkpoint and builds its network on the device.
   *
   * @throws {TweedieError} codes `"missing-file"`, `"malformed-file"`, `"unsupported"`, `"missing-tensor"`,
   *   `"unused-tensors"`, `"tensor-shape"`, `"http"`, `"gated"`, `"missing-repository"`, `"missing-revision"`, `"network"`,
   *   `"invalid-option"`, `"out-of-memory"`
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
  /** `scheduler_config.json` as it was read; -Infinity where Python wrote `-Infinity`. */
  readonly schedulerConfig: Readonly<Record<string, unknown>>;
  /** Sentences about options of the scheduler that are valid each but wrong together, such as a last timestep that still holds signal; usually empty. */
  readonly warnings: readonly string[];
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

  /**
   * Turns pictures into images for `start`, `encode` and the others: `[batch, channels, height, width]` with values in [−1, 1]. Each is scaled and cropped
   * to the model's size; what is transparent becomes white, and colours grey where the model is. In Node.js, which has no canvas, it takes
   * `{ data, width, height }` of the model's own size.
   */
  toImages(source: Picture | readonly Picture[] | FileList): Promise<Float32Array>;

  /** Gives the network's memory back. Harmless when repeated; runs that were started stay usable. */
  free(): void;
}
export interface Pipeline extends Disposable {}
