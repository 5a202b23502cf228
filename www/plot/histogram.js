/** Counts samples in bins, for a density, or by value, for a probability mass function. */

/** Number of fine bins, which are merged for drawing; it has many divisors. */
const FINEST = 240;

export class Histogram {
  #least;
  #most;
  #counts = new Float64Array(FINEST);
  /** Number of counted samples, including those outside the bins. */
  total = 0;

  /** @param {[number, number]} range  range of the bins */
  constructor([least, most]) {
    this.#least = least;
    this.#most = most;
  }

  /** Counts the samples of an array from one index up to another. */
  add(samples, from = 0, to = samples.length) {
    const scale = FINEST / (this.#most - this.#least);
    for (let index = from; index < to; index++) {
      const bin = Math.floor((samples[index] - this.#least) * scale);
      if (bin >= 0 && bin < FINEST) this.#counts[bin]++;
    }
    this.total += to - from;
  }

  /**
   * The histogram with so many bins, or the next number below that divides the finest one.
   * @returns {{ left: number, right: number, height: number }[]}  the heights as a density: the area of all samples is 1
   */
  bars(count) {
    const joined = Math.ceil(FINEST / Math.max(1, Math.min(FINEST, count)));
    const each = divisorFrom(joined);
    const width = ((this.#most - this.#least) * each) / FINEST;
    return Array.from({ length: FINEST / each }, (_, index) => {
      const counts = this.#counts.subarray(index * each, (index + 1) * each);
      const height = this.total === 0 ? 0 : counts.reduce((sum, count) => sum + count, 0) / (this.total * width);
      return { left: this.#least + index * width, right: this.#least + (index + 1) * width, height };
    });
  }
}

function divisorFrom(least) {
  let divisor = least;
  while (FINEST % divisor !== 0) divisor++;
  return divisor;
}

/** Number of bins for a number of samples, by Rice's rule (twice the cube root), within limits. */
export const binsFor = (count) => Math.round(Math.min(120, Math.max(20, 2 * Math.cbrt(count))));

export class Frequencies {
  #values;
  #counts;
  #index;
  total = 0;

  /** @param {number[]} values  possible values of the samples */
  constructor(values) {
    this.#values = values;
    this.#counts = new Float64Array(values.length);
    this.#index = new Map(values.map((value, index) => [value, index]));
  }

  /** Counts the samples of an array from one index up to another. */
  add(samples, from = 0, to = samples.length) {
    for (let index = from; index < to; index++) {
      const place = this.#index.get(samples[index]);
      if (place !== undefined) this.#counts[place]++;
    }
    this.total += to - from;
  }

  /** @returns {{ value: number, height: number }[]}  the fraction of the samples with each value */
  bars() {
    return this.#values.map((value, index) => ({ value, height: this.total === 0 ? 0 : this.#counts[index] / this.total }));
  }
}
