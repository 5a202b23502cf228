import type {} from "./module.js";

/** How far a run is, after one step. */
export interface SamplingProgress {
  /** Network evaluations so far, from 1 to `steps`. */
  readonly step: number;
  /** Network evaluations of the whole run; of the adaptive solver an estimate. */
  readonly steps: number;
  /** The time at which the network was evaluated, in units of the training schedule. */
  readonly timestep: number;
}

/**
 * A computation of many steps. Iterate to compute, one network evaluation per turn; leave the loop to pause, iterate again
 * to go on. What it holds may be read between any two steps.
 */
export interface Run extends AsyncIterable<SamplingProgress>, Disposable {
  /** Network evaluations of the whole run. In the worker entry 0 until the first `await` on this object. */
  readonly steps: number;
  /** Network evaluations so far. */
  readonly completedSteps: number;
  /** Number of images. In the worker entry 0 until the first `await` on this object. */
  readonly batch: number;

  [Symbol.asyncIterator](): AsyncGenerator<SamplingProgress, void, undefined>;

  /** Gives the run's memory back. Harmless when repeated; any other call throws afterwards. */
  free(): void;
}

/** One run of a sampler. */
export class Sampling {
  private constructor();

  /** The current x_t, `[batch, channels, height, width]` in row-major order. */
  noisy(): Promise<Float32Array>;
  /**
   * The current estimate of x_0, of the same shape: by Tweedie's formula, the posterior mean of the clean sample.
   * There is none before the first step.
   */
  clean(): Promise<Float32Array>;
  /** RGBA pixels `[batch, height, width, 4]` of x_t, or of the estimate of x_0, each ready for `ImageData`. */
  images(which?: "noisy" | "clean"): Promise<Pixels>;
  /** One image of the batch; the first by default. Not in Node.js. */
  imageData(index?: number, options?: { which?: "noisy" | "clean" }): Promise<ImageData>;
  /**
   * One image of the batch as a file; the first by default. Not in Node.js.
   * @throws {TweedieError} `"invalid-option"` for a `type` that this browser cannot write
   */
  blob(index?: number, options?: BlobOptions): Promise<Blob>;
  /** Draws the whole batch as a grid, or one image, and makes the canvas as large as that takes. */
  draw(canvas: HTMLCanvasElement | OffscreenCanvas | null, options?: DrawOptions): Promise<void>;
}
export interface Sampling extends Run {}

/** Bytes of RGBA pixels, of the type that `new ImageData` takes in the program's version of TypeScript. */
export type Pixels = ReturnType<Uint8ClampedArrayConstructor["of"]>;

/** Options of {@link Sampling.blob}. */
export interface BlobOptions {
  /** Default: `"noisy"`. */
  which?: "noisy" | "clean";
  /** Default: `"image/png"`. */
  type?: string;
  /** From 0 to 1, of formats such as JPEG and WebP. */
  quality?: number;
}

/** Options of {@link Sampling.draw}. */
export interface DrawOptions {
  /** Default: `"noisy"`. */
  which?: "noisy" | "clean";
  /** Draws this image of the batch only. */
  index?: number;
  /** Images in a row. Default: as many rows as columns, or one fewer. */
  columns?: number;
}
