/** Playback speed: samples appear one at a time at first, so that each can be followed, then faster and faster. */

/** Steps per second at slow speed, which is also the initial speed when speeding up. */
const SLOW = 0.55;
/** Seconds in which the speed grows by a factor of e. */
const GROWTH = 2;
/** Approximate duration of a run, in seconds: at fast speed, and after a change during playback. */
const SHORT_RUN = { fast: 0.8, carried: 2.5 };
/** Below this many steps per second, each step is animated. */
const FOLLOWED = 12;

export class PlaybackRate {
  #speed = "growing";
  #rate = SLOW;

  /** @param {"slow" | "growing" | "fast"} speed */
  set speed(speed) {
    this.#speed = speed;
    if (speed === "slow") this.#rate = SLOW;
  }

  /** Whether single steps can be followed by eye. */
  get isFollowed() {
    return this.#speed !== "fast" && this.#rate < FOLLOWED;
  }

  /** Resets to slow speed. */
  reset() {
    this.#rate = SLOW;
  }

  /** Continues with a new run of `steps` steps at the current speed, limited to a minimum duration. */
  carry(steps) {
    this.#rate = Math.max(SLOW, Math.min(this.#rate, steps / SHORT_RUN.carried));
  }

  /**
   * The number of steps shown `seconds` after `done` steps were shown.
   * @param {number} done  may be fractional
   * @param {number} seconds
   * @param {number} steps  number of steps of the run
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
