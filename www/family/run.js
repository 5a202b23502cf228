/** One model in training, with a common interface to the package's `Trainer` and `FamilyTrainer`. */

/** Number of sampling steps of the diffusion model. */
const DIFFUSION_STEPS = 20;

/** Adapts a diffusion trainer to the interface of `FamilyTrainer`. */
class DiffusionTrainer {
  model = "diffusion";
  evaluations = DIFFUSION_STEPS;
  capabilities = { sample: true, logDensity: true, bound: false, latents: false, score: true, energy: false };
  fields = [];
  #trainer;

  constructor(trainer) {
    this.#trainer = trainer;
  }

  get options() {
    return this.#trainer.options;
  }

  get totalSteps() {
    return this.#trainer.options.steps;
  }

  get parameterCount() {
    return this.#trainer.parameterCount;
  }

  get completedSteps() {
    return this.#trainer.completedSteps;
  }

  async *[Symbol.asyncIterator]() {
    for await (const { step, steps, losses } of this.#trainer) yield { step, steps, losses: { loss: losses } };
  }

  sample({ count, seed, start }) {
    return this.#with(async (model) => {
      const sampling = model.sample({ steps: DIFFUSION_STEPS, count, seed, initialNoise: start });
      for await (const _ of sampling);
      const points = await sampling.noisy();
      sampling.free();
      return points;
    });
  }

  logDensity(points) {
    return this.#with((model) => model.logDensity(points));
  }

  score(points) {
    return this.#with((model) => model.field(points, { time: 0, quantity: "score" }));
  }

  async #with(task) {
    const model = await this.#trainer.model();
    try {
      return await task(model);
    } finally {
      model.free();
    }
  }

  free() {
    this.#trainer.free();
  }
}

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
    const trainer = await tweedie.Trainer.create(data, options);
    return new FamilyRun(options.model === undefined ? new DiffusionTrainer(trainer) : trainer);
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
