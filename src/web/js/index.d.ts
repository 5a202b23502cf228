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
 * `"tweedie/worker"` has the same API and computes in a Web Worker, so the page never blocks. `"tweedie/density"` and `"tweedie/points"` are the parts that
 * only need the small WebAssembly module.
 */

import type { InversionOptions, LatentOptions } from "./latents.js";
import type { BoundOptions, Likelihood, LikelihoodOptions, VariationalBound } from "./likelihood.js";
import type { FileProgress, TweedieError } from "./module.js";
import type { ObserveOptions, Observation, Restoration, RestoreOptions, SynchroniseOptions } from "./restore.js";
import type { Sampling } from "./run.js";
import type { SampleOptions, SchedulerDefaults } from "./sampler.js";

export * from "./density.js";
export * from "./latents.js";
export * from "./likelihood.js";
export * from "./module.js";
export * from "./points.js";
export * from "./restore.js";
export * from "./run.js";
export * from "./sampler.js";

/** A compute device: the first WebGPU adapter, or the CPU. */
export interface Device {
  readonly kind: "webgpu" | "cpu";
  /** Name of the adapter; for the CPU after `"auto"`, also the reason why it was chosen. */
  readonly description: string;
}

/**
 * Opens a compute device. The GPU is opened once and shared.
 *
 * `"auto"` (the default) opens WebGPU if the browser has a GPU, and otherwise the CPU, with the reason in `description`. A
 * software adapter (SwiftShader, llvmpipe) does not count as a GPU, because the CPU kernels are faster. The large module is
 * downloaded only after the browser has granted an adapter.
 *
 * @throws {TweedieError} for `"webgpu"`: code `"device"` if it cannot be used, `"module"` if its module cannot be
 *   loaded; the CPU remains usable, and a later call tries again
 */
export function openDevice(kind?: "auto" | "webgpu" | "cpu", options?: OpenOptions): Promise<Device>;

/** Options of {@link openDevice}. */
export interface OpenOptions {
  /** Called while the WebGPU module downloads, about 20 times per second, and when it is complete. */
  onProgress?: (progress: FileProgress) => void;
}

/**
 * The location of a checkpoint. A string is
 *  - a Hub id if it has the form `owner/name`; a relative folder therefore needs a leading `./`,
 *  - the address of a Hub page, such as `https://huggingface.co/owner/name/tree/main`, which may include a revision and a folder,
 *  - the address of a folder if it starts with `./`, `../`, `/` or a scheme like `https://`; in Node.js also `file:`.
 *
 * Files (of `<input type="file" webkitdirectory>`) are identified by `webkitRelativePath`, or else by name. Contents are identified by their key, as in `{ "unet/config.json": file }`.
 * Use this form for a dropped folder, whose files are listed with `webkitGetAsEntry`.
 * Leading folders are ignored. Supported are diffusers pipeline folders and single model folders, with weights in one file or in shards.
 */
export type Source =
  string | URL | FileList | readonly File[] | Readonly<Record<string, ArrayBuffer | Uint8Array | Blob>>;

/** Progress of loading a checkpoint. */
export interface LoadProgress extends FileProgress {
  /** All files together. The total is known once the download of the weights, which come last, has started. */
  readonly overall: { readonly loaded: number; readonly total: number | undefined };
}

/** Location and caching of a checkpoint from the network. */
export interface PlaceOptions {
  /** Branch, tag or commit of a Hub model. Default: the one in the address, or `"main"`. */
  revision?: string;
  /** Address of the Hub. Default: `"https://huggingface.co"`. */
  endpoint?: string;
  /**
   * Whether downloads are stored in the browser's Cache API, or the name of the cache. Default: `true`, the cache
   * `"tweedie"`. A HEAD request checks whether a cached file is up to date; without network it is used as it is. Malformed files
   * and files of other revisions of the model are removed from the cache. If the browser refuses to store a file, loading continues and
   * `onWarning` is called.
   */
  cache?: boolean | string;
}

/** Options of {@link Pipeline.fromPretrained}. */
export interface LoadOptions extends PlaceOptions {
  /** Default: `await openDevice("auto")`. */
  device?: Device;
  /** Aborts the download. The promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called while each file downloads, about 20 times per second, and when it is complete. */
  onProgress?: (progress: LoadProgress) => void;
  /** Called for problems that do not stop the load, such as a file that the browser refuses to cache. Nothing is written to the console. */
  onWarning?: (warning: TweedieError) => void;
  /** A Hub token, for gated and private models. Browsers send it only to the origin of the address, not to redirect targets. */
  token?: string;
  /** Additional headers for every request. */
  headers?: HeadersInit;
  /** Replaces the global `fetch`. In the worker entry it is called on the page. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds without any data after which a download is considered broken, and is resumed or fails. Default: 30,000. */
  timeout?: number;
}

/** Whether all files of a checkpoint are cached, so that it loads without network. */
export function isCached(source: string | URL, options?: PlaceOptions): Promise<boolean>;

/** Deletes the cached files of a checkpoint, in all revisions unless one is given. Without `source`, deletes those of all checkpoints. */
export function clearCache(source?: string | URL, options?: PlaceOptions): Promise<void>;

/** Contents of the cache. */
export interface CacheUsage {
  /** Number of files. */
  readonly files: number;
  readonly bytes: number;
  /** Total bytes that the browser lets this origin store; undefined if it does not report them. */
  readonly quota: number | undefined;
}

/** Returns the number and size of the cached files. */
export function usage(options?: { cache?: boolean | string }): Promise<CacheUsage>;

/** An image source: a file, an element, a canvas or pixels. */
export type Picture = ImageBitmapSource | { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number };

/** A denoising network with its scheduler. */
export class Pipeline {
  private constructor();

  /**
   * Loads a checkpoint and creates its network on the device.
   *
   * @throws {TweedieError} codes `"missing-file"`, `"malformed-file"`, `"unsupported"`, `"missing-tensor"`,
   *   `"unused-tensors"`, `"tensor-shape"`, `"http"`, `"gated"`, `"missing-repository"`, `"missing-revision"`, `"network"`,
   *   `"invalid-option"`, `"out-of-memory"`
   */
  static fromPretrained(source: Source, options?: LoadOptions): Promise<Pipeline>;

  /** Pixels per side, or `[height, width]` if they differ. */
  readonly sampleSize: number | readonly [number, number];
  /** Channels of an image: 1 for grey, 3 for RGB. */
  readonly channels: number;
  readonly parameterCount: number;
  /** Names of the classes, or null if the checkpoint does not have them (`labels` in `model_index.json`). */
  readonly labels: readonly string[] | null;
  /** Number of class labels, including the null class; 0 for an unconditional network. */
  readonly classCount: number;
  /** The label that means "unconditional", which guidance needs; null if the checkpoint has none. */
  readonly nullClassLabel: number | null;
  /** The contents of `scheduler_config.json`. Python's `-Infinity` is -Infinity. */
  readonly schedulerConfig: Readonly<Record<string, unknown>>;
  /** Warnings about scheduler options that are valid but do not fit together, such as a last timestep that still contains signal; usually empty. */
  readonly warnings: readonly string[];
  /** The defaults of `sample` from the checkpoint's scheduler. */
  readonly schedulerDefaults: SchedulerDefaults;
  /**
   * alpha_t², the variance of the signal in x_t, at each training timestep, after any rescaling by the scheduler; empty for a model
   * without discrete timesteps.
   */
  readonly alphasCumprod: Float64Array;

  /**
   * Creates a run. Nothing is computed before its first step. In the worker entry, invalid options are reported at
   * the first `await` on the result.
   *
   * @throws {TweedieError} `"invalid-option"` and `"unsupported"`, with the name of the option, if it is unknown, NaN or out of range
   */
  sample(options?: SampleOptions): Sampling;

  /**
   * Encodes images, `[batch, channels, height, width]` with values in [−1, 1], to latents along the probability-flow ODE (Song et al. 2021, section
   * 4.3). At the end of the run, `noisy()` returns the latents. Nothing is clipped.
   *
   * @throws {TweedieError} `"invalid-option"`, with the name of the option or `images`
   */
  encode(images: Float32Array, options?: LatentOptions): Sampling;

  /**
   * Decodes latents to images along the same ODE. At the end of the run, `noisy()` and `images()` return them. A hundred Heun steps
   * in each direction reproduce the images to 1e-3.
   */
  decode(latents: Float32Array, options?: LatentOptions): Sampling;

  /**
   * DDIM inversion (Song, Meng & Ermon 2021, section 4.3): maps images to noise from which DDIM approximately reproduces them, with the steps of diffusers'
   * `DDIMInverseScheduler`. At the end of the run, `noisy()` returns the noise. To get back to images, use
   * `sample({ sampler: "ddim", steps, initialNoise: await inversion.noisy() })`. More steps are more exact; `encode` is more exact still.
   *
   * @throws {TweedieError} `"invalid-option"`, with the name of the option or `images`, or if the checkpoint has no discrete timesteps
   */
  invert(images: Float32Array, options?: InversionOptions): Sampling;

  /**
   * Computes the log-likelihood of images, `[batch, channels, height, width]` with values in [−1, 1], under the probability-flow ODE (Song et al.
   * 2021, section 4.3). The result is available at the end of the run.
   *
   * @throws {TweedieError} `"invalid-option"`, with the name of the option or `images`
   */
  logLikelihood(images: Float32Array, options?: LikelihoodOptions): Likelihood;

  /**
   * Computes the variational bound of images, `[batch, channels, height, width]` with values in [−1, 1] on 256 grey levels, with the variance and the
   * clipping of the checkpoint's scheduler.
   *
   * @throws {TweedieError} `"invalid-option"`, with the name of the option or `images`, or if the checkpoint has no discrete timesteps
   */
  variationalBound(images: Float32Array, options?: BoundOptions): VariationalBound;

  /**
   * Applies an operator to images and adds noise: `y = A·x + noise·z`, with `z` drawn from `seed`.
   *
   * @param images `[batch, channels, height, width]` with values in [−1, 1]
   * @throws {TweedieError} `"invalid-option"`, with the name of the option or `images`, if the operator does not fit the size of the images
   */
  observe(images: Float32Array, options: ObserveOptions): Promise<Observation>;

  /**
   * Samples images from the posterior `p(x | y) ∝ p(x)·p(y | x)` of an observation `y = A·x + noise·z`, with the network as the prior `p(x)`.
   * The options of `sample` apply.
   *
   * @param observation the values of one observation, or of one per image of the batch, in the layout of {@link Observation}
   * @throws {TweedieError} `"invalid-option"` and `"unsupported"`, with the name of the option, if the operator does not fit the size of the images, the method is not
   *   defined for the operator or the sampler, a mask shows all or nothing, or a value is not finite; `"out-of-memory"`
   */
  restore(observation: Float32Array, options: RestoreOptions): Restoration;

  /**
   * Samples canvases that several views denoise together: anagrams, panoramas, regional classes. At each step the network is evaluated for each view, and its
   * estimates are averaged on the canvas (Kim et al. 2024; Bar-Tal et al. 2023; Geng et al. 2024).
   *
   * @throws {TweedieError} `"invalid-option"` and `"unsupported"`, with the name of the option, such as `views[1].left`
   */
  synchronise(options: SynchroniseOptions): Sampling;

  /**
   * Converts image sources to values for `start`, `encode` and others: `[batch, channels, height, width]` in [−1, 1]. Each image is scaled and cropped
   * to the model's size. Transparent pixels become white, and colours become grey if the model has one channel. Node.js has no canvas, so it only accepts
   * `{ data, width, height }` of the model's size.
   */
  toImages(source: Picture | readonly Picture[] | FileList): Promise<Float32Array>;

  /** Releases the network's memory. Idempotent. Existing runs remain usable. */
  free(): void;
}
export interface Pipeline extends Disposable {}
