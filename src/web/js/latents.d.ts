/** Options of `Pipeline.encode` and `Pipeline.decode`. */
export type LatentOptions = (
  | {
      /** Default: `"heun"`. Euler's steps are those of DDIM. */
      solver?: "euler" | "heun" | "rk4";
      /** Number of steps, of 1, 2 or 4 network evaluations. Default: 100. */
      steps?: number;
    }
  | ({
      /**
       * Steps as long as a tolerance allows (Dormand & Prince 1980). On the way to noise an error grows with it, so that the defaults are stricter than
       * those of sampling: 1e-5, and 2000 evaluations.
       */
      solver: "dormand-prince";
    } & Tolerance)
) & {
  /** One class for each image, or one for all of them. */
  classLabels?: ArrayLike<number> | number;
  /** Looked at before every step. */
  signal?: AbortSignal;
};

/** How exact the adaptive solver has to be. */
export interface Tolerance {
  /** Error allowed in a step: the root mean square of error / (absolute + relative·|x|) is at most 1. Default: 1e-3 in sampling. */
  absoluteTolerance?: number;
  /** Default: 1e-3 in sampling. */
  relativeTolerance?: number;
  /** Network evaluations after which it gives up, with an error of code `"tolerance"`; the sample stays where it came. Default: 1000 in sampling. */
  maxEvaluations?: number;
}

/** Options of `Pipeline.invert`. */
export interface InversionOptions {
  /** Number of steps, of one network evaluation each. Default: 50. */
  steps?: number;
  /** One class for each image, or one for all of them. */
  classLabels?: ArrayLike<number> | number;
  /** Looked at before every step. */
  signal?: AbortSignal;
}

/**
 * Interpolates between two latents along the sphere, from `from` (`t` 0) to `to` (`t` 1) (Shoemake 1985):
 * `sin((1 − t)·Ω)/sin Ω·from + sin(t·Ω)/sin Ω·to`, with Ω the angle between them.
 *
 * Between two draws of noise it passes through latents that are as likely as they are, which the straight line does not. Each is one latent; those of
 * a batch are interpolated one by one (`subarray`). Loads the module if `init` did not.
 * @throws {TweedieError} `"invalid-option"` for latents of different lengths, and for `t` outside 0 to 1
 */
export function slerp(from: Float32Array, to: Float32Array, t: number): Promise<Float32Array>;
