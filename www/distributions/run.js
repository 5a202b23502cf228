/** One run: samples, and the steps in which they came about. */

/** So many samples are drawn with all that leads to them; of the others only themselves are kept. */
const SHOWN = 20_000;
/** Proposals that are drawn for the picture, at most. */
const MAX_PROPOSALS = 2_000_000;
/** A draw of fewer samples takes too short a time to be measured, unless it takes as many proposals as this. */
const TIMED = { samples: 1_000_000, proposals: 10_000_000 };

/**
 * Steps of the inverse transform are uniforms and their samples; steps of rejection are proposals, with their height
 * under the envelope and whether they were accepted.
 */
export class Run {
  /** @type {Float64Array}  grows once, when all samples are there */
  samples;
  /** How many samples there will be. */
  count;
  /** The known steps: `{ u, x }` or `{ x, height, isAccepted }`. */
  steps;
  /** How many samples there are after each known step; null where each step is one. */
  #reached = null;
  /** The share of the known steps that gave a sample. */
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

  /** How many steps are known one by one. */
  get known() {
    return this.steps.x.length;
  }

  /** How many steps the whole run has; beyond the known ones it is what they let expect. */
  get length() {
    const beyond = this.count - Math.min(this.count, this.#knownSamples);
    return this.known + Math.ceil(beyond / this.acceptanceRate);
  }

  /** How many steps can be shown by now. */
  get available() {
    return this.samples.length >= this.count ? this.length : this.known;
  }

  /** Ends with the samples that are there. */
  cut() {
    this.count = Math.min(this.count, this.samples.length);
  }

  /** How many samples there are after so many whole steps. */
  samplesAfter(steps) {
    if (this.#reached === null) return Math.min(steps, this.samples.length);
    if (steps <= this.known) return steps === 0 ? 0 : this.#reached[steps - 1];
    const beyond = Math.floor((steps - this.known) * this.acceptanceRate);
    return steps >= this.length ? this.samples.length : Math.min(this.samples.length, this.#knownSamples + beyond);
  }

  /** Accepted and proposed among the known steps up to this one; null for the inverse transform. */
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
 * Draws what the picture shows of a run.
 * @param {object} density  the package's
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
