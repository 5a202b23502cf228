/** Limits how often an action runs: immediately if possible, otherwise when the pause has ended. */
export class Throttle {
  #action;
  #pause;
  #timer = null;
  #isAsked = false;

  /**
   * @param {() => void} action
   * @param {number} pause  minimum time between two calls, in milliseconds
   */
  constructor(action, pause) {
    this.#action = action;
    this.#pause = pause;
  }

  ask() {
    this.#isAsked = true;
    if (this.#timer === null) this.flush();
  }

  /** Runs a pending action immediately. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#isAsked) return;
    this.#isAsked = false;
    this.#action();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.flush();
    }, this.#pause);
  }
}
