/** The timeline under the stage: from data on the left to noise on the right, with the current time. */

/** Number of segments of the ribbon. */
const RIBBON = 100;

export class Timeline {
  #part;
  #onMove;
  #position = 0;
  #course = null;
  #frame = null;
  #playback = { duration: 3000 };

  /**
   * @param {HTMLElement} root  contains `#points-timeline` and its parts
   * @param {(position: number, by: "hand" | "playing") => void} onMove  called when the position changes
   */
  constructor(root, onMove) {
    this.#part = (id) => root.querySelector(`#points-${id}`);
    this.#onMove = onMove;
    const scrub = this.#part("scrub");
    scrub.addEventListener("input", () => {
      this.pause();
      this.#move(scrub.valueAsNumber, "hand");
    });
    this.#part("play").addEventListener("click", () => (this.isPlaying ? this.pause() : this.play(this.#playback)));
  }

  /** The time t/T: 0 at the data, 1 at noise. */
  get position() {
    return this.#position;
  }

  /** Progress of the run shown, from 0 to 1. Sampling goes from noise to data. */
  get progress() {
    return this.#isToData ? 1 - this.#position : this.#position;
  }

  get #isToData() {
    return this.#course?.direction === "to-data";
  }

  /** Options of `play` for the play button. */
  set playback(playback) {
    this.#playback = playback;
  }

  get isPlaying() {
    return this.#frame !== null;
  }

  /**
   * Shows another course of noise levels.
   * @param {object} course
   * @param {"to-noise" | "to-data"} course.direction  direction of playback
   * @param {(position: number) => number} course.signal  alpha² at a position from 0 to 1
   * @param {(position: number) => { written: string, spoken: string }} course.level  describes the noise level at a position; `written` is HTML
   * @param {number} position  initial position
   */
  follow(course, position) {
    this.pause();
    this.#course = course;
    const places = Array.from({ length: RIBBON + 1 }, (_, index) => `${(100 * index) / RIBBON} ${(1 - course.signal(index / RIBBON)).toFixed(4)}`);
    this.#part("signal").setAttribute("d", `M0 1L${places.join("L")}L100 1Z`);
    this.#put(position);
    this.#say();
  }

  /** Runs a synchronous task as if the run were this far, from 0 to 1. */
  as(progress, task) {
    const position = this.#position;
    this.#position = this.#isToData ? 1 - progress : progress;
    try {
      return task();
    } finally {
      this.#position = position;
    }
  }

  /** Sets the position without calling `onMove`. */
  set(position) {
    this.#put(position);
    this.#say();
  }

  /**
   * Plays to the end.
   * @param {{ duration: number, hold?: number, rounds?: number }} playback  `duration` of one round and the pause between rounds,
   *   `hold`, in milliseconds, and the number of rounds
   */
  play(playback) {
    this.pause();
    this.#playback = playback;
    if (this.progress >= 1) this.#put(this.#isToData ? 1 : 0);
    this.#showPlaying(true);
    const { duration, hold = 0, rounds = 1 } = playback;
    let began = performance.now() - this.progress * duration;
    let left = rounds;
    const turn = (now) => {
      this.#frame = requestAnimationFrame(turn);
      if (now - began > duration + hold && left > 1) {
        began = now;
        left--;
      }
      const progress = Math.min(1, Math.max(0, (now - began) / duration));
      this.#move(this.#isToData ? 1 - progress : progress, "playing");
      if (left === 1 && progress === 1) this.pause();
    };
    this.#frame = requestAnimationFrame(turn);
  }

  pause() {
    if (this.#frame === null) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#showPlaying(false);
    this.#say();
  }

  #move(position, by) {
    this.#put(position);
    if (by === "hand") this.#say();
    this.#onMove(position, by);
  }

  #put(position) {
    this.#position = position;
    this.#part("scrub").value = position;
    if (this.#course !== null) this.#part("level").innerHTML = this.#course.level(position).written;
  }

  /** Called rarely, because screen readers announce each change. */
  #say() {
    if (this.#course !== null) this.#part("scrub").setAttribute("aria-valuetext", this.#course.level(this.#position).spoken);
  }

  #showPlaying(playing) {
    const button = this.#part("play");
    button.classList.toggle("playing", playing);
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }
}

/** Describes a noise level, as HTML and for screen readers; `time` is null at the clean end. */
export function levelOf({ time, alpha, sigma }) {
  const [signal, noise] = [alpha, sigma].map((value) => value.toFixed(2));
  const when = time === null ? "clean" : `<i>t</i> = ${Math.round(time)}`;
  return {
    written: `<span>${when}</span><span><i>α</i> = ${signal}</span><span><i>σ</i> = ${noise}</span>`,
    spoken: `${time === null ? "clean" : `time ${Math.round(time)}`}, alpha ${signal}, sigma ${noise}`,
  };
}
