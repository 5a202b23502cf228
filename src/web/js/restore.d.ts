import type { Sampling } from "./run.js";
import type { SampleOptions, SamplerOption } from "./sampler.js";

/**
 * The operator `A` of an observation `y = A·x + noise·z` of an image `x`. The shape of `y` is in {@link Observation}.
 *
 * All operators except `quantise` are linear.
 */
export type Operator =
  | {
      /** `y` is `x` times the mask; both have the same shape. */
      name: "inpaint";
      /** `[height, width]`, 1 where a pixel is known and 0 where it is not. At least one pixel must be known and at least one hidden. */
      mask: Float32Array | Uint8Array;
    }
  | {
      /** `y` is the mean of each block of factor × factor pixels. */
      name: "downsample";
      /** At least 2; it must divide the height and the width. */
      factor: number;
    }
  | {
      /** Gaussian blur. */
      name: "blur";
      /** Standard deviation of the kernel in pixels, from 0.001 to the longer side of the image. */
      sigma: number;
    }
  | {
      /** Blur along a line. */
      name: "motion-blur";
      /** Length of the line in pixels, from 1 to the longer side of the image. */
      length: number;
      /** Angle of the line in degrees, from −360 to 360, counterclockwise from the horizontal. Default: 0. */
      angle?: number;
    }
  | {
      /** `y` is the mean of the colour channels. Requires a model of colour images. */
      name: "grey";
    }
  | {
      /** `y` is a rectangle of `x`; the rest is painted around it (outpainting). */
      name: "crop";
      /** Top row of the rectangle. */
      top: number;
      /** Left column of the rectangle. */
      left: number;
      /** Rows of the rectangle. */
      height: number;
      /** Columns of the rectangle. */
      width: number;
    }
  | {
      /** Each value is rounded to the nearest of evenly spaced levels. Not linear, so only `"dps"` applies. */
      name: "quantise";
      /** Number of levels per channel, from 2 to 256. */
      levels: number;
    }
  | {
      /** A linear operator of your own, on images flattened in the order channels, height, width. */
      name: "linear";
      /** `[outputs, channels·height·width]` in row-major order. */
      matrix: Float32Array;
      /** Number of values of `y`. */
      outputs: number;
    };

/**
 * How the observation guides the sampler. With `u = sigma/alpha`, the residual `e = y − A·x̂_0`, the Jacobian `J = ∂x̂_0/∂(x_t/alpha)` and the assumed
 * variance `r²` of `x_0` given `x_t`:
 *
 * - `"pigdm"`, ΠGDM (Song et al. 2023): adds `u²·Jᵀ·Aᵀ(r²·AAᵀ + noise²)⁻¹·e` to `x̂_0`; for linear operators
 * - `"dps"`, DPS (Chung et al. 2023): adds `stepSize·u·Jᵀ·Aᵀ·e/‖e‖` to `x̂_0`; for all operators
 * - `"replacement"` (Song et al. 2021, appendix I.2): adds `r²·Aᵀ(r²·AAᵀ + noise²)⁻¹·e` to `x̂_0`, without a gradient; for linear operators
 * - `"ddrm"`, DDRM (Kawar et al. 2022): steps of its own in the singular vectors of `A`
 * - `"repaint"`, RePaint (Lugmayr et al. 2022): steps of its own, with jumps back to higher noise levels; where `y` contains parts of `x`
 *
 * The first three work with every sampler. A gradient costs about two further evaluations. {@link restorers} lists the operators, papers and options of each.
 */
export type RestoreMethod = "dps" | "pigdm" | "ddrm" | "repaint" | "replacement";

/** Options of `Pipeline.observe`. */
export interface ObserveOptions {
  operator: Operator;
  /** Standard deviation of the noise, in units of [−1, 1], from 0 to 100. Default: 0. */
  noise?: number;
  /** Seed of the noise, an integer from 0 to 2³² − 1. Default: 0. */
  seed?: number;
}

/** An observation, in the form that `Pipeline.restore` accepts. */
export interface Observation {
  /** The values of `y`, in row-major order. */
  readonly values: Float32Array;
  /** Its shape: batch, channels, height, width. */
  readonly shape: readonly [number, number, number, number];
}

/** Options of `Pipeline.restore`, in addition to those of `sample`. */
export type RestoreOptions = SampleOptions & {
  operator: Operator;
  /** Default: `"pigdm"` if the operator is linear, otherwise `"dps"`. */
  method?: RestoreMethod;
  /** Standard deviation of the observation's noise, in units of [−1, 1], from 0 to 100. Default: 0. */
  noise?: number;
  /** `"dps"` only: `stepSize` in the formula of {@link RestoreMethod}, 0 to 10,000. Default: 100. */
  stepSize?: number;
  /** `"repaint"` only: number of steps by which a jump goes back, 1 to 1000; `jump_length` in diffusers. Default: 10. */
  jumpLength?: number;
  /** `"repaint"` only: number of times that each part of the run is sampled, 1 to 1000; `jump_n_sample` in diffusers. Default: 10. */
  jumpSamples?: number;
  /** `"ddrm"`, `"repaint"` and the sampler `"ddim"`: amount of fresh noise, from 0 to 1. */
  eta?: number;
};

/** A run of `Pipeline.restore`. The images of its batch are samples of the posterior. */
export class Restoration {
  private constructor();

  /**
   * Root mean square of `y − A·x̂_0` for each image of the batch. An image fits the observation if its residual is about as large as `noise`. Rejects before the
   * first step.
   */
  residual(): Promise<Float32Array>;
  /** Mean over the batch of the estimates of x_0, `[channels, height, width]`: an estimate of the posterior mean. Rejects before the first step. */
  mean(): Promise<Float32Array>;
  /** Standard deviation over the batch, in the same shape, with divisor n − 1; 0 for one image. Rejects before the first step. */
  std(): Promise<Float32Array>;
}
export interface Restoration extends Sampling {}

/** Metadata of a method, for menus and documentation. */
export interface RestoreMethodInfo {
  readonly name: RestoreMethod;
  /** Display name. */
  readonly title: string;
  /** Authors and year. */
  readonly paper: string;
  readonly url: string;
  /** Operators that the method supports. */
  readonly operators: readonly Operator["name"][];
  /** Whether it works with every sampler; otherwise it takes steps of its own. */
  readonly anySampler: boolean;
  /** Whether an evaluation takes the gradient of the network, which costs about two further evaluations. */
  readonly gradient: boolean;
  /** Its own options by name, with enough information to build a form. */
  readonly options: Readonly<Record<string, SamplerOption>>;
}

/** Metadata of an operator, for menus and documentation. */
export interface OperatorInfo {
  readonly name: Operator["name"];
  /** Display name. */
  readonly title: string;
  /** What is observed, as a sentence. */
  readonly meaning: string;
  /** Its numeric options by name. */
  readonly options: Readonly<Record<string, SamplerOption>>;
}

/** Lists the methods and operators of `Pipeline.restore`. Loads the module if `init` was not called. */
export function restorers(): Promise<{ readonly methods: readonly RestoreMethodInfo[]; readonly operators: readonly OperatorInfo[] }>;

/** A window on a canvas, with its transform and its class. */
export interface View {
  /** Transform from the window to the input of the network. A permutation lists, for each pixel of that input, the pixel of the window, in row-major order. Default: `"identity"`. */
  transform?:
    | "identity"
    | "rotate-90"
    | "rotate-180"
    | "rotate-270"
    | "flip-horizontal"
    | "flip-vertical"
    | { permutation: Uint32Array };
  /** Top row of the window on a canvas that is larger than the model's images. Default: 0. */
  top?: number;
  /** Left column of the window. Default: 0. */
  left?: number;
  /** Class label that conditions the network in this view. */
  classLabel?: number;
  /** Weight in the average, above 0. Default: 1. */
  weight?: number;
  /** Weight per pixel of the view, `[height, width]`: regional classes. Default: 1 everywhere. */
  mask?: Float32Array;
}

/** Options of `Pipeline.synchronise`, in addition to those of `sample`. */
export type SynchroniseOptions = Omit<SampleOptions, "start" | "classLabels"> & {
  /** At least one view. Together they must cover the canvas. */
  views: readonly View[];
  /** Rows of the canvas. Default: those of the model's images. */
  height?: number;
  /** Columns of the canvas. Default: those of the model's images. */
  width?: number;
  /** Which estimates are averaged over the views: clean estimates, after clipping, or noise estimates. Without clipping both are the same. Default: `"clean"`. */
  average?: "clean" | "noise";
};
