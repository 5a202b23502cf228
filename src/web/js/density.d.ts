export * from "./module.js";

/**
 * One-dimensional distributions, sampled by the inverse transform or by rejection.
 *
 * ```js
 * const density = Density.normal(0, 1);
 * const samples = await density.sample({ method: "inverse-cdf", count: 10_000, seed: 0 });
 * const { statistic, pValue } = await density.test(samples); // Kolmogorov–Smirnov
 * ```
 *
 * The same calls in `"tweedie"`, `"tweedie/worker"` and `"tweedie/density"`, which is this part of the package only; the module is loaded when it is first needed. The functions
 * that make a density return at once: parameters that are refused surface at the first `await` on a method of it, as a
 * {@link TweedieError} of code `"invalid-option"` that names the parameter. Arrays that are passed in are copied at once, and stay the caller's.
 */
export class Density {
  private constructor();

  /** `p(x) = 1/(high − low)` on [low, high]. */
  static uniform(low: number, high: number): Density;
  /** `p(x) = exp(−(x − mean)²/(2·sd²)) / (sd·√(2π))`; `sd` > 0. */
  static normal(mean: number, sd: number): Density;
  /** `p(x) = rate·exp(−rate·x)` for x >= 0; `rate` > 0. */
  static exponential(rate: number): Density;
  /** `p(x) = exp(−|x − location|/scale) / (2·scale)`; `scale` > 0. */
  static laplace(location: number, scale: number): Density;
  /** A triangle over [low, high] with its top at `mode`; low <= mode <= high, low < high. */
  static triangular(low: number, mode: number, high: number): Density;
  /** `p(x) = 1 / (π·scale·(1 + ((x − location)/scale)²))`; has neither mean nor variance. */
  static cauchy(location: number, scale: number): Density;
  /** `p(x) = (exponent + 1)·x^exponent / high^(exponent + 1)` on [0, high]; `power(2, 2)` is 3/8·x². `exponent` > −1. */
  static power(exponent: number, high: number): Density;
  /** `p(x) = Σ w_k·N(x; mean_k, sd_k²)`; the weights are positive and need not sum to 1. 1 to 100 components. */
  static mixture(components: readonly MixtureComponent[]): Density;
  /**
   * Drawn by hand: straight between the points (`knots[i]`, `heights[i]`), 0 outside, and divided by its area.
   * 2 to 100,000 increasing knots; heights >= 0, not all 0.
   */
  static piecewiseLinear(knots: ArrayLike<number>, heights: ArrayLike<number>): Density;
  /**
   * What a formula in `x` gives on [low, high], divided by its integral: `Density.formula("exp(-x^2) * (1 + sin(5*x)^2)", -3, 3)`.
   *
   * Numbers (`1`, `.5`, `2e-3`), `x`, `pi`, `e`, `+ - * / ^`, parentheses, and the functions `sqrt`, `exp`, `ln`, `log2`, `log10`, `sin`, `cos`, `tan`,
   * `asin`, `acos`, `atan`, `sinh`, `cosh`, `tanh`, `abs`, `floor`, `ceil`, `round`, `sign` of one argument and `min`, `max` of two. Products need their `*`.
   *
   * A constant factor of any size changes nothing. Peaks wider than about 5e-5 of the interval are always found; narrower ones where a part of the formula has a zero or an
   * extreme at them, as `x - 0.3` has at the peak of `exp(-((x - 0.3)/1e-9)^2)`. Others may be missed: divide the interval there.
   *
   * @throws {TweedieError} code `"formula"`, with the `column` (from 1, also a property of the error) of the first character that is wrong; `"invalid-option"` where the density
   *   is negative, not finite, zero everywhere, not integrable or oscillates too fast to be integrated, naming the x
   */
  static formula(source: string, low: number, high: number): Density;
  /**
   * A probability mass function: `values[i]` with probability `weights[i]/Σ weights`. 1 to 100,000 increasing values; weights >= 0, not all 0.
   */
  static discrete(values: ArrayLike<number>, weights: ArrayLike<number>): Density;

  /** What is known of it exactly. */
  summary(): Promise<DensitySummary>;

  /** p(x) at each of `xs`; for a discrete one the probability of exactly x. */
  density(xs: ArrayLike<number>): Promise<Float64Array>;
  /** F(x), the probability of values up to x, at each of `xs`. */
  cdf(xs: ArrayLike<number>): Promise<Float64Array>;
  /**
   * inf{x : F(x) >= u} for each of `us`: the closed form where there is one, else solved numerically until F(x) is within 1e-11 of u. At the
   * ends the ends of the support, which may be infinite.
   * @throws {TweedieError} `"invalid-option"` for a u outside of [0, 1]
   */
  inverseCdf(us: ArrayLike<number>): Promise<Float64Array>;

  /**
   * Independent samples. The same options give the same samples everywhere. A run in chunks, so that an abort is noticed and events get their turn.
   * @throws {TweedieError} `"invalid-option"` names the option
   */
  sample(options?: DensitySampleOptions): Promise<Float64Array>;

  /**
   * The inverse transform with its uniforms, for pictures: `x[i]` is the inverse CDF of `u[i]`, and `x` is what `sample` gives for the same count and seed.
   * `count` up to 1,000,000.
   */
  inverseTransform(options?: { count?: number; seed?: number }): Promise<{ u: Float64Array; x: Float64Array }>;

  /**
   * Rejection sampling with all its proposals in the order they were made, for pictures: the accepted x are what
   * `sample({ method: "rejection", … })` gives for the same options. It stops at `count` accepted, and refuses a count that is expected to need more than
   * 10,000,000 proposals. A run in chunks, as `sample`.
   */
  rejection(options?: RejectionOptions & { count?: number; seed?: number; signal?: AbortSignal }): Promise<RejectionRun>;

  /**
   * How c·q covers p: the supremum of p/q, where c is too small, and what rejection then samples from.
   * @throws {TweedieError} `"envelope"` where p/q is unbounded and no c was given, with the reason (a Cauchy target under a normal proposal)
   */
  envelope(options?: RejectionOptions & { xs?: ArrayLike<number> }): Promise<Envelope>;

  /**
   * Do samples come from this density? The Kolmogorov–Smirnov test, for discrete ones the χ² test; with their mean and variance. 2 to 20,000,000 samples.
   * @throws {TweedieError} `"invalid-option"` for too few or too many samples and for one that is NaN
   */
  test(samples: ArrayLike<number>): Promise<DensityTest>;

  /** Gives the memory back. Harmless when repeated, and done by the garbage collector for those that are forgotten; any other call throws afterwards. */
  free(): void;
}
export interface Density extends Disposable {}

/** One normal of a mixture. */
export interface MixtureComponent {
  /** Relative to the others; > 0. */
  weight: number;
  mean: number;
  /** Standard deviation; > 0. */
  sd: number;
}

/** What is known of a density exactly. */
export interface DensitySummary {
  readonly kind:
    | "uniform"
    | "normal"
    | "exponential"
    | "laplace"
    | "triangular"
    | "cauchy"
    | "power"
    | "mixture"
    | "piecewise-linear"
    | "formula"
    | "discrete";
  readonly isDiscrete: boolean;
  /** Smallest closed interval with all of the probability; ends may be infinite. */
  readonly support: readonly [number, number];
  /** By closed form or quadrature; null where it does not exist (Cauchy). */
  readonly mean: number | null;
  readonly variance: number | null;
  /** Whether the inverse CDF has a closed form. */
  readonly hasClosedFormInverse: boolean;
  /** What the formula or the drawing was divided by; 1 for the others. */
  readonly normalizer: number;
}

/** What rejection sampling proposes from. Parameters left out are fitted to the target. */
export type Proposal =
  /** For a discrete target one of its values, each as likely. The support of a bounded target by default; refused without `low` and `high` for others. */
  | { kind: "uniform"; low?: number; high?: number }
  | { kind: "normal"; mean?: number; sd?: number }
  /** `rate·exp(−rate·(x − origin))` for x >= origin. */
  | { kind: "exponential"; rate?: number; origin?: number }
  | { kind: "laplace"; location?: number; scale?: number }
  /** Its tails are heavy enough for every target. */
  | { kind: "cauchy"; location?: number; scale?: number };

/** Options of what samples by rejection. */
export interface RejectionOptions {
  /** A proposal, or its kind with the fitted parameters. Default: `"uniform"` for bounded and discrete targets, `"cauchy"` for a Cauchy target, else `"laplace"`. */
  proposal?: Proposal | Proposal["kind"];
  /**
   * Height of the envelope c·q. Default: the supremum of p/q, with which the acceptance rate is 1/c. A smaller c is not refused: the samples then
   * follow min(p, c·q), and {@link Density.envelope} tells where. > 0.
   */
  c?: number;
}

/** Options of {@link Density.sample}. */
export type DensitySampleOptions = {
  /** 1 to 100,000,000. Default: 1. */
  count?: number;
  /**
   * An array to fill instead of a new one; its length is the count. In the worker entry it changes hands: it is empty afterwards, and the result has its
   * memory.
   */
  into?: Float64Array;
  /** Seed of the generator, an integer from 0 to 2³² − 1. Its uniforms are `torch.manual_seed(seed); torch.rand(count, dtype=torch.float64)`. Default: 0. */
  seed?: number;
  /** Looked at between chunks; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
} & (
  | {
      /** x = F⁻¹(u): one uniform per sample. The default. */
      method?: "inverse-cdf";
    }
  | ({
      /** Propose x from q, accept it where u·c·q(x) < p(x): two uniforms per proposal. */
      method: "rejection";
    } & RejectionOptions)
);

/** All that a run of rejection sampling did. */
export interface RejectionRun {
  /** The samples: the accepted proposals in their order. */
  readonly accepted: Float64Array;
  /** Every proposal x. */
  readonly x: Float64Array;
  /** Its height u·c·q(x) under the envelope. */
  readonly height: Float64Array;
  /** 1 where it was accepted. */
  readonly isAccepted: Uint8Array;
  /** Accepted of all proposals. */
  readonly acceptanceRate: number;
  /** What it is in the long run: 1/c, less where c is too small. */
  readonly exactAcceptanceRate: number;
  /** The c that was used. */
  readonly c: number;
}

/** The curve c·q over a target's p. */
export interface Envelope {
  /** The proposal with all its parameters. */
  readonly proposal: Required<Proposal>;
  /** sup p/q; Infinity where it is unbounded. */
  readonly supremum: number;
  /** Where p/q takes its supremum; where it is unbounded, the place it grows without bound, perhaps ±Infinity. */
  readonly at: number;
  /** The c given, or the supremum. */
  readonly c: number;
  /** `∫ min(p, c·q) dx / c`: 1/c where the envelope holds. */
  readonly acceptanceRate: number;
  /** The intervals where p > c·q, from left to right; empty where the envelope holds. Ends may be infinite. For a discrete target the values, as `[x, x]`. */
  readonly breaks: readonly (readonly [number, number])[];
  /** Total variation distance between what is sampled and the target: 0 where the envelope holds. */
  readonly distance: number;
  /** c·q at the `xs`; empty without them. */
  readonly height: Float64Array;
  /** What is sampled at the `xs`: the density min(p, c·q) / ∫ min(p, c·q). */
  readonly resulting: Float64Array;
}

/** How well samples fit a density. */
export interface DensityTest {
  readonly test: "kolmogorov-smirnov" | "chi-squared";
  /** sup |F_n − F|, or Σ (observed − expected)²/expected. */
  readonly statistic: number;
  /** Probability of a statistic as large if the samples do come from the density. */
  readonly pValue: number;
  /** Of the χ² test: categories − 1, after those expected less than 5 times were joined with their neighbours; null for the other. */
  readonly degreesOfFreedom: number | null;
  readonly count: number;
  /** Mean of the samples. */
  readonly mean: number;
  /** Their variance, divided by count − 1. */
  readonly variance: number;
}
