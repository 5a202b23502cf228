/** Which run the pictures on the stage are of, so that they can be told from those that the settings ask for. */

import { counted, duration } from "../shell/progress.js";

/** A run that is expected to take no longer than this starts by itself when a setting changes. */
const MAX_QUICK = 2000; // milliseconds

/**
 * A run of the sampler.
 * @typedef {object} Run
 * @property {string} key  equal for equal pictures
 * @property {number} work  how often the network evaluates a picture
 * @property {object} settings  what it was asked for
 */

export class Shown {
  #figure;
  #note;
  #start;
  /** @type {Run | null} */
  #run = null;
  /** What it took, once it is known. */
  #took = null;

  /** @param {HTMLElement} root  holds the stage and the button that starts a run */
  constructor(root) {
    const part = (id) => root.querySelector(`#${id}`);
    this.#figure = root.querySelector(".stage");
    this.#note = part("earlier");
    this.#start = part("start");
  }

  /** The run whose pictures are shown, or null. */
  get run() {
    return this.#run;
  }

  /** What is said of the run that is shown. */
  get sentence() {
    return this.#took?.sentence ?? "";
  }

  /** From now on the pictures are those of this run. */
  take(run) {
    this.#run = run;
    this.#took = null;
    this.mark(false);
  }

  /** The run is over. */
  finish({ steps, milliseconds }, sentence) {
    this.#took = { steps, milliseconds, sentence };
  }

  /** Whether the pictures are not those of `run`. */
  differsFrom(run) {
    return this.#run !== null && this.#run.key !== run.key;
  }

  /** Whether `run` is expected to be over at once. */
  isQuick(run) {
    return this.#took !== null && (this.#took.milliseconds / this.#run.work) * run.work <= MAX_QUICK;
  }

  /** Whether the pictures are marked as those of earlier settings. */
  get isEarlier() {
    return !this.#note.hidden;
  }

  /** Marks the pictures as those of earlier settings, and the button that draws them anew; or takes the marks away. */
  mark(isEarlier) {
    this.#figure.classList.toggle("earlier", isEarlier);
    this.#note.hidden = !isEarlier;
    this.#note.textContent = ["Earlier settings", ...this.#words()].join(" · ");
    this.#start.classList.toggle("due", isEarlier);
  }

  #words() {
    return this.#took === null ? [] : [counted(this.#took.steps), duration(this.#took.milliseconds)];
  }
}
