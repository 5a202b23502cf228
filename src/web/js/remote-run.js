import { kindsOf, READ, SIDES } from "./run-kinds.js";
import { Handle } from "./session.js";

/** A computation of many steps, in the worker. */
class Run {
  #handle;
  #signal;
  #started;
  #facts = { steps: 0, completedSteps: 0, batch: 0 };

  /**
   * @param {Handle} pipeline
   * @param {AbortSignal | undefined} signal checked before every step
   * @param {string} method method of the pipeline that starts the run
   * @param {[number, number] | undefined} sides height and width of its images
   * @param values arguments of the method
   */
  constructor(pipeline, signal, method, sides, ...values) {
    this[SIDES] = sides;
    this.#signal = signal;
    const remote = pipeline.call("start", method, ...values);
    this.#handle = new Handle(pipeline.session, new.target.what, remote);
    this.#started = this.#handle.call("facts").then((facts) => Object.assign(this.#facts, facts));
    this.#started.catch(() => {}); // reported at the first `await`
  }

  get steps() {
    return this.#facts.steps;
  }

  get completedSteps() {
    return this.#facts.completedSteps;
  }

  get batch() {
    return this.#facts.batch;
  }

  /** Runs the remaining steps, with one round trip each. */
  async *[Symbol.asyncIterator]() {
    await this.#started;
    while (this.completedSteps < this.steps) {
      this.#signal?.throwIfAborted();
      const progress = await this.#handle.call("step");
      if (progress === undefined) return;
      this.#facts.completedSteps = progress.step;
      this.#facts.steps = progress.steps;
      yield progress;
    }
  }

  [READ](name, ...values) {
    return this.#handle.call("read", name, ...values);
  }

  free() {
    this.#handle.free();
  }
}

export const { Sampling, Restoration, Likelihood, VariationalBound, PointSampling, PointDensity } = kindsOf(Run);
