/** Tracks which run the images on the stage belong to, to detect when the settings differ from it. */

import { counted, duration } from "../shell/progress.js";

/** Runs expected to take at most this long start automatically when a setting changes. */
const MAX_QUICK = 2000; // milliseconds

/**
 * A run of the sampler.
 * @typedef {object} Run
 * @property {string} key  equal for runs with equal images
 * @property {number} work  number of network evaluations, summed over the images
 * @property {object} settings  the settings of the run
 */

export class Shown {
  #figure;
  #note;
  #start;
  /** @type {Run | null} */
  #run = null;
  /** Steps, run time and status of the finished run. */
  #took = null;

  /** @param {HTMLElement} root  contains the stage and the start button */
  constructor(root) {
    const part = (id) => root.querySelector(`#${id}`);
    this.#figure = root.querySelector(".stage");
    this.#note = part("earlier");
    this.#start = part("start");
  }

  /** The run whose images are shown, or null. */
  get run() {
    return this.#run;
  }

  /** The status of the finished run, or "". */
  get sentence() {
    return this.#took?.sentence ?? "";
  }

  /** Records that the images are now those of `run`. */
  take(run) {
    this.#run = run;
    this.#took = null;
    this.mark(false);
  }

  /** Records that the run has finished. */
  finish({ steps, milliseconds }, sentence) {
    this.#took = { steps, milliseconds, sentence };
  }

  /** Whether the images belong to a run other than `run`. */
  differsFrom(run) {
    return this.#run !== null && this.#run.key !== run.key;
  }

  /** Whether `run` is expected to be quick. */
  isQuick(run) {
    return this.#took !== null && (this.#took.milliseconds / this.#run.work) * run.work <= MAX_QUICK;
  }

  /** Whether the images are marked as outdated. */
  get isEarlier() {
    return !this.#note.hidden;
  }

  /** Marks the images as outdated and highlights the start button, or removes both marks. */
  mark(isEarlier) {
    this.#figure.classList.toggle("earlier", isEarlier);
    this.#note.hidden = !isEarlier;
    this.#note.textContent = ["Previous settings", ...this.#words()].join(" · ");
    this.#start.classList.toggle("due", isEarlier);
  }

  #words() {
    return this.#took === null ? [] : [counted(this.#took.steps), duration(this.#took.milliseconds)];
  }
}
