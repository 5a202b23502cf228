/** Has the samples that are shown tested, as often as that is worth while. */

/** A test is repeated once there are so many times the samples, and not sooner than after so many milliseconds. */
const GROWTH = 1.25;
const PAUSE = 150;
/** More samples than these are tested when the run is over. */
const IN_PASSING = 300_000;

export class SampleTester {
  #density = null;
  #tested = 0;
  /** How many samples the last result is of. */
  #known = 0;
  #busy = false;
  #testedAt = -Infinity;
  /** What it was asked for last. */
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

  /** Of how many samples the last result is, 0 without one, and of how many the next one will be, null when none is on its way. */
  get state() {
    return { known: this.#known, testing: this.#busy ? this.#tested : null };
  }

  /** Turns to a new run, from this density. */
  begin(density) {
    this.#density = density;
    this.#tested = 0;
    this.#known = 0;
    this.#next = null;
  }

  /**
   * Tests the first `count` samples if it is time to.
   * @param {"moving" | "resting"} state  at rest, every sample that is shown is tested
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
    // Meanwhile it may have come to rest.
    if (this.#next !== null) this.consider(this.#next.samples, this.#next.count, this.#next.state);
  }

  #isDue(count, state) {
    if (count < 2 || count === this.#tested) return false;
    if (state === "resting" || count < this.#tested) return true;
    return count >= GROWTH * this.#tested && count <= IN_PASSING && performance.now() - this.#testedAt > PAUSE;
  }
}
