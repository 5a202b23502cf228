/** One sampling of a comparison, timed and shown while it goes on. */

/** Milliseconds between two looks at a sampling that goes on; under "reduce motion" there are none. */
const SHOW_EVERY = 80;
/** A browser has compiled what matters after so many steps, or so much time if they are slow. */
const WARM_UP = { steps: 20, milliseconds: 500 };

/**
 * @typedef {object} Result
 * @property {Float32Array} values  of pictures [batch, channels, height, width], -1 is black and 1 white; of points [count, 2]
 * @property {Uint8ClampedArray | Float32Array} shown  what the look has read, to be drawn
 * @property {number | null} milliseconds  that the steps took, null where it was computed in advance
 * @property {number} evaluations  of the network
 */

/**
 * Computes one sampling.
 * @param {object} model
 * @param {object} options  of `model.sample`
 * @param {object} control
 * @param {AbortSignal} control.signal
 * @param {() => Promise<unknown>} control.turn  resolves when the next step may be computed, and throws once `signal` aborts
 * @param {(progress: { evaluations: number, milliseconds: number }) => void} control.onStep
 * @param {import("./pictures.js").Pictures | import("./scatter.js").Scatter} control.look  reads what is shown
 * @param {(shown: Uint8ClampedArray | Float32Array) => void} control.onShown  called a few times per second
 * @returns {Promise<Result>}
 */
export async function compute(model, options, { signal, turn, onStep, look, onShown }) {
  const sampling = model.sample({ ...options, signal });
  try {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    onShown(await look.read(sampling));
    let shownAt = performance.now();
    let milliseconds = 0;
    let evaluations = 0;
    const steps = sampling[Symbol.asyncIterator]();
    for (;;) {
      await turn();
      // The steps alone are timed, not the reading of what is shown.
      const began = performance.now();
      const { done, value } = await steps.next();
      if (done) break;
      milliseconds += performance.now() - began;
      evaluations = value.step;
      onStep({ evaluations, milliseconds });
      if (calm || performance.now() - shownAt < SHOW_EVERY) continue;
      onShown(await look.read(sampling));
      shownAt = performance.now();
    }
    return { values: await sampling.noisy(), shown: await look.read(sampling), milliseconds, evaluations };
  } finally {
    sampling.free();
  }
}

/**
 * Computes some steps that are not timed: in the first ones a browser still compiles for its processor, and a GPU its
 * kernels. What goes wrong here does so again in its cell, and is said there.
 */
export async function warmUp(model, options, { signal, turn }) {
  const sampling = model.sample({ ...options, signal });
  const steps = sampling[Symbol.asyncIterator]();
  try {
    const until = performance.now() + WARM_UP.milliseconds;
    for (let step = 0; step < WARM_UP.steps && (step < 2 || performance.now() < until); step++) {
      await turn();
      if ((await steps.next()).done) break;
    }
  } catch {
    signal.throwIfAborted();
  } finally {
    sampling.free();
  }
}

/** Results by the key of their run, so that a change of settings computes only what is new. */
export class Results {
  #results = new Map();
  #bytes = 0;
  #budget;

  /** @param {number} budget  bytes; beyond them the oldest results are dropped */
  constructor(budget) {
    this.#budget = budget;
  }

  get(key) {
    return this.#results.get(key);
  }

  set(key, result) {
    this.#results.set(key, result);
    this.#bytes += bytesOf(result);
    for (const [oldest, dropped] of this.#results) {
      if (this.#bytes <= this.#budget || oldest === key) break;
      this.#results.delete(oldest);
      this.#bytes -= bytesOf(dropped);
    }
  }

  clear() {
    this.#results.clear();
    this.#bytes = 0;
  }
}

const bytesOf = ({ values, shown }) => values.byteLength + shown.byteLength;
