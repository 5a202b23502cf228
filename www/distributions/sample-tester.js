/** Tests the samples shown, at suitable intervals. */

/** A test is repeated when the number of samples has grown by this factor and this pause, in milliseconds, has passed. */
const GROWTH = 1.25;
const PAUSE = 150;
/** Larger sets of samples are only tested at the end of the run. */
const MAX_DURING_RUN = 300_000;

export class SampleTester {
  #density = null;
  #tested = 0;
  /** Number of samples of the last result. */
  #known = 0;
  #busy = false;
  #testedAt = -Infinity;
  /** The latest request, or null. */
  #next = null;
  #onResult;
  #onError;

  /**
   * @param {(result: object, count: number) => void} onResult
   * @param {(error: Error) => void} onError
   */
  constructor(onResult, onError) {
    this.#onResult = onResult;
    this.#onError = onError;
  }

  /** Number of samples of the last result, 0 without one, and of the running test, null without one. */
  get state() {
    return { known: this.#known, testing: this.#busy ? this.#tested : null };
  }

  /** Starts a new run of this density. */
  begin(density) {
    this.#density = density;
    this.#tested = 0;
    this.#known = 0;
    this.#next = null;
  }

  /**
   * Tests the first `count` samples if a test is due.
   * @param {"moving" | "resting"} state  "resting" tests all samples shown
   */
  async consider(samples, count, state) {
    this.#next = { samples, count, state };
    if (this.#busy || !this.#isDue(count, state)) return;
    const density = this.#density;
    this.#busy = true;
    this.#tested = count;
    this.#testedAt = performance.now();
    try {
      const result = await density.test(samples.subarray(0, count));
      this.#busy = false;
      if (density === this.#density) {
        this.#known = count;
        this.#onResult(result, count);
      }
    } catch (error) {
      this.#busy = false;
      if (density === this.#density) this.#onError(error);
    }
    // The playback may have stopped in the meantime.
    if (this.#next !== null) this.consider(this.#next.samples, this.#next.count, this.#next.state);
  }

  #isDue(count, state) {
    if (count < 2 || count === this.#tested) return false;
    if (state === "resting" || count < this.#tested) return true;
    return count >= GROWTH * this.#tested && count <= MAX_DURING_RUN && performance.now() - this.#testedAt > PAUSE;
  }
}
