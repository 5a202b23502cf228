/** Options of `Pipeline.encode` and `Pipeline.decode`. */
export type LatentOptions = (
  | {
      /** ODE solver. Default: `"heun"`. Euler steps are equal to DDIM steps. */
      solver?: "euler" | "heun" | "rk4";
      /** Number of steps, with 1, 2 or 4 network evaluations each. Default: 100. */
      steps?: number;
    }
  | ({
      /**
       * Adaptive step size (Dormand & Prince 1980). Errors grow towards noise, so the defaults are stricter than
       * for sampling: tolerances of 1e-5 and 2000 evaluations.
       */
      solver: "dormand-prince";
    } & Tolerance)
) & {
  /** One class label per image, or one for all images. */
  classLabels?: ArrayLike<number> | number;
  /** Checked before every step. */
  signal?: AbortSignal;
};

/** Accuracy of the adaptive solver. */
export interface Tolerance {
  /** Absolute error tolerance of a step: the root mean square of error / (absolute + relative·|x|) is at most 1. Default for sampling: 1e-3. */
  absoluteTolerance?: number;
  /** Relative error tolerance of a step. Default for sampling: 1e-3. */
  relativeTolerance?: number;
  /** Maximum number of network evaluations; exceeding it is an error with code `"tolerance"`, which leaves the sample at the last accepted step. Default for sampling: 1000. */
  maxEvaluations?: number;
}

/** Options of `Pipeline.invert`. */
export interface InversionOptions {
  /** Number of steps, with one network evaluation each. Default: 50. */
  steps?: number;
  /** One class label per image, or one for all images. */
  classLabels?: ArrayLike<number> | number;
  /** Checked before every step. */
  signal?: AbortSignal;
}

/**
 * Spherical linear interpolation between two latents, from `from` (t = 0) to `to` (t = 1) (Shoemake 1985):
 * `sin((1 − t)·Ω)/sin Ω·from + sin(t·Ω)/sin Ω·to`, where Ω is the angle between them.
 *
 * Between two samples of noise, the interpolated latents have a typical norm for noise, unlike those on a straight line. Pass one latent each; split a
 * batch with `subarray`. Loads the module if `init` was not called.
 * @throws {TweedieError} `"invalid-option"` if the latents have different lengths or `t` is outside [0, 1]
 */
export function slerp(from: Float32Array, to: Float32Array, t: number): Promise<Float32Array>;
