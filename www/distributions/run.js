/** One run: the samples, and the steps that produce them. */

/** Number of samples for which all steps are kept; of the others only the values are kept. */
const SHOWN = 20_000;
/** Maximum number of proposals for the animation. */
const MAX_PROPOSALS = 2_000_000;
/** Minimum number of samples, or proposals, for a reliable speed measurement. */
const TIMED = { samples: 1_000_000, proposals: 10_000_000 };

/**
 * Steps of the inverse transform are uniforms and their samples; steps of rejection are proposals, with their height
 * under the envelope and whether they were accepted.
 */
export class Run {
  /** @type {Float64Array}  replaced once, when all samples are available */
  samples;
  /** Total number of samples. */
  count;
  /** The known steps: `{ u, x }` or `{ x, height, isAccepted }`. */
  steps;
  /** Number of samples after each known step; null if every step gives one. */
  #reached = null;
  /** Fraction of the known steps that gave a sample. */
  acceptanceRate;

  constructor(count, steps) {
    this.count = count;
    this.steps = steps;
    this.samples = steps.accepted ?? steps.x;
    this.acceptanceRate = steps.acceptanceRate ?? 1;
    if (steps.isAccepted === undefined) return;
    let reached = 0;
    this.#reached = Uint32Array.from(steps.isAccepted, (isAccepted) => (reached += isAccepted));
  }

  /** Number of steps that are known individually. */
  get known() {
    return this.steps.x.length;
  }

  /** Number of steps of the whole run, extrapolated beyond the known ones. */
  get length() {
    const beyond = this.count - Math.min(this.count, this.#knownSamples);
    return this.known + Math.ceil(beyond / this.acceptanceRate);
  }

  /** Number of steps that can be shown so far. */
  get available() {
    return this.samples.length >= this.count ? this.length : this.known;
  }

  /** Ends the run at the samples that are available. */
  cut() {
    this.count = Math.min(this.count, this.samples.length);
  }

  /** Number of samples after a number of whole steps. */
  samplesAfter(steps) {
    if (this.#reached === null) return Math.min(steps, this.samples.length);
    if (steps <= this.known) return steps === 0 ? 0 : this.#reached[steps - 1];
    const beyond = Math.floor((steps - this.known) * this.acceptanceRate);
    return steps >= this.length ? this.samples.length : Math.min(this.samples.length, this.#knownSamples + beyond);
  }

  /** Counts of accepted and proposed values up to a step; null for the inverse transform. */
  acceptance(steps) {
    if (this.#reached === null) return null;
    const proposed = Math.min(steps, this.known);
    return { proposed, accepted: this.samplesAfter(proposed) };
  }

  get #knownSamples() {
    return this.#reached === null ? this.known : this.#reached.at(-1);
  }
}

/**
 * Draws the part of a run that is animated.
 * @param {object} density  a `Density` of the package
 * @param {{ count: number, seed: number, rejection: object | null, acceptanceRate: number }} plan
 */
export async function beginRun(density, { count, seed, rejection, acceptanceRate }) {
  if (rejection === null) return new Run(count, await density.inverseTransform({ count: Math.min(count, SHOWN), seed }));
  const affordable = Math.max(1, Math.floor(MAX_PROPOSALS * acceptanceRate));
  return new Run(count, await density.rejection({ ...rejection, count: Math.min(count, SHOWN, affordable), seed }));
}

/**
 * Draws all samples of a run.
 * @returns {Promise<number>}  samples per second
 */
export async function completeRun(run, density, { seed, rejection, signal }) {
  const options = { ...(rejection === null ? { method: "inverse-cdf" } : { method: "rejection", ...rejection }), seed, signal };
  const timed = async (count) => {
    const began = performance.now();
    const samples = await density.sample({ ...options, count });
    return { samples, perSecond: (1000 * count) / (performance.now() - began) };
  };
  const { samples, perSecond } = await timed(run.count);
  run.samples = samples;
  const enough = Math.max(1, Math.min(TIMED.samples, Math.floor(TIMED.proposals * run.acceptanceRate)));
  return run.count >= enough ? perSecond : (await timed(enough)).perSecond;
}
