/** Shows errors next to the control that caused them. */

import { losesModel } from "../shell/models.js";
import { controlOf } from "./settings.js";

export class ControlErrors {
  #problems;
  #part;
  #onLoss;

  /**
   * @param {import("../shell/problems.js").Problems} problems
   * @param {(id: string) => HTMLElement | null} part
   * @param {() => void} onLoss  called when the worker and its state are lost
   */
  constructor(problems, part, onLoss) {
    this.#problems = problems;
    this.#part = part;
    this.#onLoss = onLoss;
  }

  /**
   * Runs a task, and shows its error next to the control that the error names, or at `place`.
   * @param {AbortSignal} [signal]  errors are ignored once it aborts
   */
  async attempt(place, task, signal) {
    this.clear(place);
    try {
      await task();
    } catch (error) {
      if (!signal?.aborted) this.show(error, place);
    }
  }

  show(error, fallback) {
    if (losesModel(error)) this.#onLoss();
    this.tell(error.place ?? controlOf(error, fallback), error.message, fallback);
  }

  /** Shows a message next to a control and opens its section; if the control belongs to another step, at `fallback`. */
  tell(place, sentence, fallback) {
    const line = this.#part(`${place}-error`);
    const isElsewhere = line === null || line.closest('[data-when^="step"][hidden]') !== null;
    this.#problems.show(isElsewhere ? fallback : place, sentence);
    const fold = line?.closest("details");
    if (fold) fold.open = true;
  }

  clear(...places) {
    this.#problems.clear(...places);
  }
}
