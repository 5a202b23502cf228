/** Trains several models in turn, in short slices, updates the picture, and measures each model when it is finished. */

import { classesOf } from "./classes.js";
import { measure } from "./measures.js";
import { FamilyRun } from "./run.js";

/** Models of the classes of the data. */
const WITH_CLASSES = ["guidance"];

export class FamilyTraining extends EventTarget {
  #tweedie;
  #lab;
  #data;
  #options;
  #view;
  /** @type {Map<string, FamilyRun>} */
  #runs = new Map();
  #measured = new Set();
  #isRunning = false;
  #isStopped = false;

  /**
   * @param {object} training
   * @param training.tweedie  the package
   * @param {import("../shell/lab.js").Lab} training.lab
   * @param {{ train: object, heldOut: object }} training.data
   * @param {Record<string, object>} training.options  options of `Trainer.create`, by model
   * @param {import("./view.js").FamilyView} training.view
   */
  constructor({ tweedie, lab, data, options, view }) {
    super();
    this.#tweedie = tweedie;
    this.#lab = lab;
    this.#data = data;
    this.#options = options;
    this.#view = view;
  }

  get isRunning() {
    return this.#isRunning;
  }

  get isFinished() {
    return this.#measured.size === Object.keys(this.#options).length;
  }

  /** Number of steps completed by all models together. */
  get step() {
    return this.#sum(({ step }) => step);
  }

  /** Total number of steps of all models together. */
  get steps() {
    return this.#sum(({ steps }) => steps);
  }

  get milliseconds() {
    return this.#sum(({ milliseconds }) => milliseconds);
  }

  #sum(count) {
    return [...this.#runs.values()].reduce((sum, run) => sum + count(run), 0);
  }

  /** Creates the models and trains them until all are finished or the training is paused or stopped. */
  async run() {
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    this.#changed();
    await this.#create();
    while (this.#isRunning) {
      const [next] = [...this.#runs].filter(([model]) => !this.#measured.has(model)).sort(([, a], [, b]) => a.milliseconds - b.milliseconds);
      if (next === undefined) break;
      await this.#advance(...next);
      this.#changed();
    }
    this.#isRunning = false;
    this.#changed();
    if (this.#isStopped) this.#free();
  }

  async #create() {
    for (const [model, options] of Object.entries(this.#options)) {
      if (this.#runs.has(model) || this.#measured.has(model) || this.#isStopped) continue;
      try {
        const { train } = this.#data;
        const classes = WITH_CLASSES.includes(model) ? { classes: classesOf(train) } : {};
        this.#runs.set(model, await FamilyRun.create(this.#tweedie, train, { ...options, ...classes }));
      } catch (error) {
        this.#measured.add(model);
        this.#dispatch("problem", { model, error });
      }
    }
  }

  async #advance(model, run) {
    await run.advance();
    if (this.#isStopped) return;
    try {
      await this.#view.update(run, run.isFinished);
      if (run.isFinished) await this.#finish(model, run);
    } catch (error) {
      this.#measured.add(model);
      if (!this.#isStopped) this.#dispatch("problem", { model, error });
    }
  }

  async #finish(model, run) {
    if (run.error !== null) this.#dispatch("problem", { model, error: run.error });
    const measurements = await measure(this.#tweedie, run, this.#data.heldOut);
    this.#measured.add(model);
    if (!this.#isStopped) this.#dispatch("measured", { model, measurements });
  }

  pause() {
    this.#isRunning = false;
  }

  /** Stops permanently and frees the models. */
  stop() {
    const wasRunning = this.#isRunning;
    this.#isStopped = true;
    this.#isRunning = false;
    if (!wasRunning) this.#free();
  }

  #free() {
    for (const run of this.#runs.values()) run.free();
    this.#runs.clear();
  }

  #changed() {
    if (!this.#isStopped) this.dispatchEvent(new Event("change"));
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
