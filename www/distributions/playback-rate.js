/** How fast samples are shown: one by one at first, so that each can be followed, then faster and faster. */

/** Steps per second of the slow pace, and of the start of the one that speeds up. */
const SLOW = 0.55;
/** The pace is multiplied by e in so many seconds. */
const GROWTH = 2;
/** At the fast pace, and once something was changed in passing, a run takes about so many seconds. */
const SHORT_RUN = { fast: 0.8, carried: 2.5 };
/** Slower than so many steps per second, each is shown on its way. */
const FOLLOWED = 12;

export class PlaybackRate {
  #speed = "growing";
  #rate = SLOW;

  /** @param {"slow" | "growing" | "fast"} speed */
  set speed(speed) {
    this.#speed = speed;
    if (speed === "slow") this.#rate = SLOW;
  }

  /** Whether a single step can be followed by eye. */
  get isFollowed() {
    return this.#speed !== "fast" && this.#rate < FOLLOWED;
  }

  /** Begins slowly again. */
  reset() {
    this.#rate = SLOW;
  }

  /** Goes on with a run of so many steps at the pace that was reached, though not in a flash. */
  carry(steps) {
    this.#rate = Math.max(SLOW, Math.min(this.#rate, steps / SHORT_RUN.carried));
  }

  /**
   * How many steps are shown so many seconds after `done` were.
   * @param {number} done  may be part of a step
   * @param {number} seconds
   * @param {number} steps  of the whole run
   */
  after(done, seconds, steps) {
    const next = done + this.#advance(seconds, steps);
    return Math.min(next, steps);
  }

  #advance(seconds, steps) {
    if (this.#speed === "fast") return (steps * seconds) / SHORT_RUN.fast;
    if (this.#speed === "slow") return SLOW * seconds;
    const before = this.#rate;
    this.#rate *= Math.exp(seconds / GROWTH);
    return GROWTH * (this.#rate - before);
  }
}
