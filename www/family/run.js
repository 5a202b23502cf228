/** One model in training. */

/** The losses of a training run by name, in arrays that grow as needed. */
export class Losses {
  #byName = new Map();
  #steps = 0;

  get steps() {
    return this.#steps;
  }

  /** Appends the losses of a slice of steps: Float32Arrays of equal length. */
  add(losses) {
    const count = Math.max(0, ...Object.values(losses).map(({ length }) => length));
    for (const [name, values] of Object.entries(losses)) {
      let series = this.#byName.get(name) ?? new Float32Array(0);
      if (series.length < this.#steps + count) {
        const longer = new Float32Array(Math.max(1024, 2 * (this.#steps + count))).fill(NaN);
        longer.set(series);
        series = longer;
      }
      series.set(values, this.#steps);
      this.#byName.set(name, series);
    }
    this.#steps += count;
  }

  /** Name and values of each loss, with one value per step. */
  get all() {
    return [...this.#byName].map(([name, series]) => [name, series.subarray(0, this.#steps)]);
  }
}

export class FamilyRun {
  losses = new Losses();
  /** Milliseconds spent on training. */
  milliseconds = 0;
  /** The error that ended the training, or null. */
  error = null;
  #trainer;
  #slices;

  constructor(trainer) {
    this.#trainer = trainer;
    this.#slices = trainer[Symbol.asyncIterator]();
  }

  /**
   * @param tweedie  the package
   * @param data  a `PointData`
   * @param {object} options  options of `Trainer.create`
   */
  static async create(tweedie, data, options) {
    return new FamilyRun(await tweedie.Trainer.create(data, options));
  }

  get trainer() {
    return this.#trainer;
  }

  get model() {
    return this.#trainer.model;
  }

  get step() {
    return this.#trainer.completedSteps;
  }

  get steps() {
    return this.#trainer.totalSteps;
  }

  get isFinished() {
    return this.error !== null || this.step >= this.steps;
  }

  /** Trains for one short slice of time. */
  async advance() {
    const began = performance.now();
    try {
      const { value } = await this.#slices.next();
      if (value !== undefined) this.losses.add(value.losses);
    } catch (error) {
      this.error = error;
    }
    this.milliseconds += performance.now() - began;
  }

  free() {
    this.#trainer.free();
  }
}
