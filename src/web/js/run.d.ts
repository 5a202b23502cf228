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
export interface Run extends AsyncIterable<SamplingProgress> {
  /** Network evaluations of the whole run. In the worker entry 0 until the first `await` on this object. */
  readonly steps: number;
  /** Network evaluations so far. */
  readonly completedSteps: number;
  /** Number of images. In the worker entry 0 until the first `await` on this object. */
  readonly batch: number;

  [Symbol.asyncIterator](): AsyncGenerator<SamplingProgress, void, undefined>;

  /** Gives the run's memory back. Harmless when repeated; any other call throws afterwards. */
  free(): void;
  [Symbol.dispose](): void;
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
  images(which?: "noisy" | "clean"): Promise<Uint8ClampedArray<ArrayBuffer>>;
}
export interface Sampling extends Run {}
