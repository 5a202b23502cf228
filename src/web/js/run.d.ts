import type {} from "./module.js";

/** Progress of a run after one step. */
export interface SamplingProgress {
  /** Network evaluations so far, from 1 to `steps`. */
  readonly step: number;
  /** Network evaluations of the whole run; an estimate for the adaptive solver. */
  readonly steps: number;
  /** The timestep at which the network was evaluated, in units of the training schedule. */
  readonly timestep: number;
}

/**
 * A computation with many steps. Each iteration computes one network evaluation. Leave the loop to pause, and iterate again
 * to continue. Results can be read between any two steps.
 */
export interface Run extends AsyncIterable<SamplingProgress>, Disposable {
  /** Network evaluations of the whole run. In the worker entry it is 0 until the first `await` on this object. */
  readonly steps: number;
  /** Network evaluations so far. */
  readonly completedSteps: number;
  /** Number of images. In the worker entry it is 0 until the first `await` on this object. */
  readonly batch: number;

  [Symbol.asyncIterator](): AsyncGenerator<SamplingProgress, void, undefined>;

  /** Releases the run's memory. Idempotent. All other calls throw afterwards. */
  free(): void;
}

/** A sampling run. */
export class Sampling {
  private constructor();

  /** The current x_t, `[batch, channels, height, width]` in row-major order. */
  noisy(): Promise<Float32Array>;
  /**
   * The current estimate of x_0, in the same shape: the posterior mean of the clean sample, by Tweedie's formula.
   * Rejects before the first step.
   */
  clean(): Promise<Float32Array>;
  /** RGBA pixels `[batch, height, width, 4]` of x_t or of the estimate of x_0, for use with `ImageData`. */
  images(which?: "noisy" | "clean"): Promise<Pixels>;
  /** One image of the batch, by default the first. Not available in Node.js. */
  imageData(index?: number, options?: { which?: "noisy" | "clean" }): Promise<ImageData>;
  /**
   * One image of the batch as a file, by default the first. Not available in Node.js.
   * @throws {TweedieError} `"invalid-option"` if this browser cannot write the `type`
   */
  blob(index?: number, options?: BlobOptions): Promise<Blob>;
  /** Draws the whole batch as a grid, or one image, and resizes the canvas to fit. */
  draw(canvas: HTMLCanvasElement | OffscreenCanvas | null, options?: DrawOptions): Promise<void>;
}
export interface Sampling extends Run {}

/** RGBA bytes, in the type that `new ImageData` accepts in the program's version of TypeScript. */
export type Pixels = ReturnType<Uint8ClampedArrayConstructor["of"]>;

/** Options of {@link Sampling.blob}. */
export interface BlobOptions {
  /** Default: `"noisy"`. */
  which?: "noisy" | "clean";
  /** Default: `"image/png"`. */
  type?: string;
  /** Quality from 0 to 1, for formats such as JPEG and WebP. */
  quality?: number;
}

/** Options of {@link Sampling.draw}. */
export interface DrawOptions {
  /** Default: `"noisy"`. */
  which?: "noisy" | "clean";
  /** Draws only this image of the batch. */
  index?: number;
  /** Images per row. Default: as square a grid as possible. */
  columns?: number;
}
