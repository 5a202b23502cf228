/** Does something now and then, however often it is asked for: at once where it can, else when the pause is over. */
export class Throttle {
  #action;
  #pause;
  #timer = null;
  #isAsked = false;

  /**
   * @param {() => void} action
   * @param {number} pause  milliseconds from one time to the next, at least
   */
  constructor(action, pause) {
    this.#action = action;
    this.#pause = pause;
  }

  ask() {
    this.#isAsked = true;
    if (this.#timer === null) this.flush();
  }

  /** Does at once what was asked for. */
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
