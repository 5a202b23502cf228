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
 * Available in `"tweedie"`, `"tweedie/worker"` and `"tweedie/density"`, which only contains this part of the package. The module is loaded when it is first needed. The functions
 * that create a density return immediately. Invalid parameters are reported at the first `await` on one of its methods, as a
 * {@link TweedieError} with code `"invalid-option"` that names the parameter. Array arguments are copied.
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
  /** A triangle over [low, high] with its maximum at `mode`; low <= mode <= high, low < high. */
  static triangular(low: number, mode: number, high: number): Density;
  /** `p(x) = 1 / (π·scale·(1 + ((x − location)/scale)²))`; mean and variance are undefined. `scale` > 0. */
  static cauchy(location: number, scale: number): Density;
  /** `p(x) = (exponent + 1)·x^exponent / high^(exponent + 1)` on [0, high]; `power(2, 2)` is 3/8·x². `exponent` > −1. */
  static power(exponent: number, high: number): Density;
  /** `p(x) = Σ w_k·N(x; mean_k, sd_k²)`, with 1 to 100 components. The weights are positive and are normalised. */
  static mixture(components: readonly MixtureComponent[]): Density;
  /**
   * A piecewise linear density through the points (`knots[i]`, `heights[i]`), 0 outside, normalised by its area.
   * 2 to 100,000 increasing knots; heights >= 0, not all 0.
   */
  static piecewiseLinear(knots: ArrayLike<number>, heights: ArrayLike<number>): Density;
  /**
   * A formula in `x` on [low, high], normalised by its integral: `Density.formula("exp(-x^2) * (1 + sin(5*x)^2)", -3, 3)`.
   *
   * The syntax has numbers (`1`, `.5`, `2e-3`), `x`, `pi`, `e`, `+ - * / ^`, parentheses, and the functions `sqrt`, `exp`, `ln`, `log2`, `log10`, `sin`, `cos`, `tan`,
   * `asin`, `acos`, `atan`, `sinh`, `cosh`, `tanh`, `abs`, `floor`, `ceil`, `round`, `sign` of one argument and `min`, `max` of two. Products need an explicit `*`.
   *
   * Constant factors have no effect. Peaks wider than about 5e-5 of the interval are always found. Narrower peaks are found if a part of the formula has a zero or an
   * extremum there, as `x - 0.3` has at the peak of `exp(-((x - 0.3)/1e-9)^2)`. Others may be missed; split the interval there.
   *
   * @throws {TweedieError} code `"formula"`, with the `column` (from 1, also a property of the error) of the first invalid character; `"invalid-option"`, with the x, if the density
   *   is negative, not finite, zero everywhere, not integrable or oscillates too fast to be integrated
   */
  static formula(source: string, low: number, high: number): Density;
  /**
   * A probability mass function: `values[i]` has the probability `weights[i]/Σ weights`. 1 to 100,000 increasing values; weights >= 0, not all 0.
   */
  static discrete(values: ArrayLike<number>, weights: ArrayLike<number>): Density;

  /** Exact properties of the density. */
  summary(): Promise<DensitySummary>;

  /** p(x) at each of `xs`; for a discrete density, the probability of x. */
  density(xs: ArrayLike<number>): Promise<Float64Array>;
  /** F(x), the probability of values of at most x, at each of `xs`. */
  cdf(xs: ArrayLike<number>): Promise<Float64Array>;
  /**
   * inf{x : F(x) >= u} for each of `us`, in closed form if there is one, or else solved numerically until F(x) is within 1e-11 of u. At u = 0
   * and u = 1 it returns the ends of the support, which may be infinite.
   * @throws {TweedieError} `"invalid-option"` if a u is outside [0, 1]
   */
  inverseCdf(us: ArrayLike<number>): Promise<Float64Array>;

  /**
   * Draws independent samples. The same options give the same samples on every platform. Computes in chunks, so that aborts and events are handled.
   * @throws {TweedieError} `"invalid-option"`, with the name of the option
   */
  sample(options?: DensitySampleOptions): Promise<Float64Array>;

  /**
   * The inverse transform with its uniform numbers, for visualisation: `x[i]` is the inverse CDF of `u[i]`, and `x` equals the result of `sample` for the same count and seed.
   * `count` up to 1,000,000.
   */
  inverseTransform(options?: { count?: number; seed?: number }): Promise<{ u: Float64Array; x: Float64Array }>;

  /**
   * Rejection sampling with all proposals in order, for visualisation. The accepted x equal the result of
   * `sample({ method: "rejection", … })` for the same options. It stops after `count` accepted samples, and rejects counts that are expected to need more than
   * 10,000,000 proposals. Computes in chunks, like `sample`.
   */
  rejection(options?: RejectionOptions & { count?: number; seed?: number; signal?: AbortSignal }): Promise<RejectionRun>;

  /**
   * Properties of the envelope c·q over p: the supremum of p/q, where c is too small, and the density that rejection then samples.
   * @throws {TweedieError} `"envelope"`, with the reason, if p/q is unbounded and no c was given (for example, a Cauchy target with a normal proposal)
   */
  envelope(options?: RejectionOptions & { xs?: ArrayLike<number> }): Promise<Envelope>;

  /**
   * Tests whether samples follow this density, with the Kolmogorov–Smirnov test, or the χ² test for a discrete density. Also returns mean and variance. 2 to 20,000,000 samples.
   * @throws {TweedieError} `"invalid-option"` if there are too few or too many samples, or one is NaN
   */
  test(samples: ArrayLike<number>): Promise<DensityTest>;

  /** Releases the memory; otherwise the garbage collector does. Idempotent. All other calls throw afterwards. */
  free(): void;
}
export interface Density extends Disposable {}

/** A normal component of a mixture. */
export interface MixtureComponent {
  /** Relative weight; > 0. */
  weight: number;
  mean: number;
  /** Standard deviation; > 0. */
  sd: number;
}

/** Exact properties of a density. */
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
  /** Smallest closed interval that contains all of the probability; its ends may be infinite. */
  readonly support: readonly [number, number];
  /** In closed form or by quadrature; null if undefined (Cauchy). */
  readonly mean: number | null;
  readonly variance: number | null;
  /** Whether the inverse CDF has a closed form. */
  readonly hasClosedFormInverse: boolean;
  /** Normalising constant of a formula or piecewise linear density; 1 for the others. */
  readonly normalizer: number;
}

/** Proposal distribution of rejection sampling. Omitted parameters are fitted to the target. */
export type Proposal =
  /** Default range: the support of a bounded target; other targets need `low` and `high`. For a discrete target, all its values with equal probability. */
  | { kind: "uniform"; low?: number; high?: number }
  | { kind: "normal"; mean?: number; sd?: number }
  /** `rate·exp(−rate·(x − origin))` for x >= origin. */
  | { kind: "exponential"; rate?: number; origin?: number }
  | { kind: "laplace"; location?: number; scale?: number }
  /** Has tails that are heavy enough for every target. */
  | { kind: "cauchy"; location?: number; scale?: number };

/** Options of rejection sampling. */
export interface RejectionOptions {
  /** A proposal, or only its kind to fit the parameters. Default: `"uniform"` for bounded and discrete targets, `"cauchy"` for a Cauchy target, otherwise `"laplace"`. */
  proposal?: Proposal | Proposal["kind"];
  /**
   * Constant c of the envelope c·q; > 0. Default: the supremum of p/q, for which the acceptance rate is 1/c. A smaller c is allowed, but the samples then
   * follow min(p, c·q); {@link Density.envelope} returns where it is too small.
   */
  c?: number;
}

/** Options of {@link Density.sample}. */
export type DensitySampleOptions = {
  /** 1 to 100,000,000. Default: 1. */
  count?: number;
  /**
   * An array to fill instead of a new one; its length is the count. In the worker entry it is transferred: it is empty afterwards, and the result has its
   * memory.
   */
  into?: Float64Array;
  /** Seed of the generator, an integer from 0 to 2³² − 1. The uniform numbers equal `torch.manual_seed(seed); torch.rand(count, dtype=torch.float64)`. Default: 0. */
  seed?: number;
  /** Checked between chunks. If it is aborted, the promise rejects with the signal's reason. */
  signal?: AbortSignal;
} & (
  | {
      /** x = F⁻¹(u), with one uniform number per sample. The default. */
      method?: "inverse-cdf";
    }
  | ({
      /** Proposes x from q and accepts it if u·c·q(x) < p(x), with two uniform numbers per proposal. */
      method: "rejection";
    } & RejectionOptions)
);

/** Record of a rejection sampling run. */
export interface RejectionRun {
  /** The samples: the accepted proposals in order. */
  readonly accepted: Float64Array;
  /** Every proposal x. */
  readonly x: Float64Array;
  /** Height u·c·q(x) of each proposal under the envelope. */
  readonly height: Float64Array;
  /** 1 for accepted proposals, 0 for rejected ones. */
  readonly isAccepted: Uint8Array;
  /** Fraction of proposals that were accepted. */
  readonly acceptanceRate: number;
  /** Exact acceptance rate: 1/c, or less if c is too small. */
  readonly exactAcceptanceRate: number;
  /** The c that was used. */
  readonly c: number;
}

/** The curve c·q over a target's p. */
export interface Envelope {
  /** The proposal with all its parameters. */
  readonly proposal: Required<Proposal>;
  /** sup p/q; Infinity if it is unbounded. */
  readonly supremum: number;
  /** The x at which p/q has its supremum or is unbounded; may be ±Infinity. */
  readonly at: number;
  /** The c given, or the supremum. */
  readonly c: number;
  /** `∫ min(p, c·q) dx / c`, which is 1/c if the envelope is valid. */
  readonly acceptanceRate: number;
  /** The intervals where p > c·q, from left to right; empty if the envelope is valid. Ends may be infinite. For a discrete target, the values as `[x, x]`. */
  readonly breaks: readonly (readonly [number, number])[];
  /** Total variation distance between the sampled distribution and the target; 0 if the envelope is valid. */
  readonly distance: number;
  /** c·q at the `xs`; empty without them. */
  readonly height: Float64Array;
  /** The density actually sampled, min(p, c·q) / ∫ min(p, c·q), at the `xs`. */
  readonly resulting: Float64Array;
}

/** Result of a goodness-of-fit test. */
export interface DensityTest {
  readonly test: "kolmogorov-smirnov" | "chi-squared";
  /** sup |F_n − F|, or Σ (observed − expected)²/expected. */
  readonly statistic: number;
  /** Probability of a statistic at least this large if the samples follow the density. */
  readonly pValue: number;
  /** For the χ² test: categories − 1, after categories with an expected count below 5 were merged with their neighbours. Otherwise null. */
  readonly degreesOfFreedom: number | null;
  readonly count: number;
  /** Mean of the samples. */
  readonly mean: number;
  /** Variance of the samples, with the divisor count − 1. */
  readonly variance: number;
}
