/** Runs and times one sampling of a comparison, and shows its progress. */

/** Milliseconds between two updates of a running sampling; with reduced motion there are none. */
const SHOW_EVERY = 80;
/** Limits of the warm-up, after which the browser has compiled the hot code. */
const WARM_UP = { steps: 20, milliseconds: 500 };

/**
 * @typedef {object} Result
 * @property {Float32Array} values  images [batch, channels, height, width], from -1 (black) to 1 (white); points [count, 2]
 * @property {Uint8ClampedArray | Float32Array} shown  the same result, in the format of the look
 * @property {number | null} milliseconds  run time of the steps; null if precomputed
 * @property {number} evaluations  number of network evaluations
 */

/**
 * Computes one sampling.
 * @param {object} model
 * @param {object} options  options of `model.sample`
 * @param {object} control
 * @param {AbortSignal} control.signal
 * @param {() => Promise<unknown>} control.turn  resolves when the next step may run; throws once `signal` aborts
 * @param {(progress: { evaluations: number, milliseconds: number }) => void} control.onStep
 * @param {import("./pictures.js").Pictures | import("./scatter.js").Scatter} control.look  reads the data to show
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
      // Only the steps are timed, not reading the data to show.
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
 * Runs some steps without timing them, because the first steps include compilation by the browser and of GPU
 * kernels. Errors are ignored here, because they occur again in their cell.
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

/** Cache of results by the key of their run. */
export class Results {
  #results = new Map();
  #bytes = 0;
  #budget;

  /** @param {number} budget  maximum bytes; the oldest results are evicted */
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
