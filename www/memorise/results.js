/** The shares of copies that were measured, by number of training points. */

/** @typedef {{ ideal?: number, network?: number, draws?: number }} Shares */

export class Results {
  #key = "";
  /** @type {Map<number, Shares>} */
  #shares = new Map();

  /** Forgets the results of other settings. */
  begin({ data, steps, seed }) {
    const key = [data, steps, seed].join(" ");
    if (key !== this.#key) this.#shares.clear();
    this.#key = key;
  }

  /** Whether something was measured for a number of points. */
  has(points) {
    return this.#shares.has(points);
  }

  add(points, shares) {
    this.#shares.set(points, { ...this.#shares.get(points), ...shares });
  }

  /** Entries `[points, shares]` by increasing number of points. */
  get all() {
    return [...this.#shares].sort(([one], [other]) => one - other);
  }
}
