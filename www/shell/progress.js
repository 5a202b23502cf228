/** The progress bar, the text next to it and the announcements for screen readers. */

/** Interval of the announcements; the text changes too fast to be read out. */
const ANNOUNCE_EVERY = 5000; // milliseconds
/** Number of steps over which the time per step is averaged. */
const WINDOW = 16;

export class Progress {
  #bar;
  #figures;
  #announcement;
  #announcedAt = 0;
  #times = [];

  /**
   * @param {HTMLElement} root  contains `#<prefix>progress`, `#<prefix>figures` and `#<prefix>announcement`
   * @param {string} prefix  prefix of the lab's ids
   */
  constructor(root, prefix = "") {
    const part = (id) => root.querySelector(`#${prefix}${id}`);
    this.#bar = part("progress");
    this.#figures = part("figures");
    this.#announcement = part("announcement");
  }

  /** Shows what has started, with an indeterminate bar until the length is known. */
  begin(sentence) {
    this.#bar.removeAttribute("data-idle");
    this.#bar.removeAttribute("value");
    this.#figures.textContent = sentence;
    this.#say(sentence);
  }

  /** Shows the result and resets the bar. */
  end(sentence) {
    this.#bar.setAttribute("data-idle", "");
    this.#bar.value = 0;
    this.#figures.textContent = sentence;
    this.#say(sentence);
  }

  /** Shows that `done` of `whole` is complete. */
  show(done, whole, sentence) {
    this.#bar.max = whole;
    this.#bar.value = Math.min(done, whole);
    this.#tell(sentence);
  }

  /** Shows the progress of a download. */
  downloaded({ loaded, total }) {
    const whole = total > 0 ? ` of ${megabytes(total)}` : "";
    const sentence = `Downloading the model · ${megabytes(loaded)}${whole}`;
    if (total > 0) this.show(loaded, total, sentence);
    else this.#tell(sentence);
  }

  /** Returns a function that shows the progress of one run after each step. */
  stepper() {
    this.#times = [performance.now()];
    return ({ step, steps }) => {
      this.#times.push(performance.now());
      const stepTime = this.#stepTime();
      const left = timeLeft(stepTime * (steps - step), this.#times.at(-1) - this.#times[0]);
      this.show(step, steps, [`Step ${step} of ${steps}`, `${duration(stepTime)} per step`, ...left].join(" · "));
    };
  }

  /** Excludes a pause, in milliseconds, from the measured time. */
  discount(pause) {
    this.#times = this.#times.map((time) => time + pause);
  }

  /**
   * Shows the number of steps and the run time.
   * @returns {{ steps: number, milliseconds: number }}
   */
  finished() {
    const milliseconds = this.#times.at(-1) - this.#times[0];
    const steps = this.#times.length - 1;
    this.end(`${counted(steps)} in ${duration(milliseconds)} · ${duration(this.#stepTime())} per step`);
    return { steps, milliseconds };
  }

  /** Milliseconds per recent step. The first step also compiles kernels, so it is excluded once there are others. */
  #stepTime() {
    const recent = this.#times.slice(this.#times.length > 2 ? 1 : 0).slice(-(WINDOW + 1));
    return (recent.at(-1) - recent[0]) / (recent.length - 1);
  }

  #tell(sentence) {
    this.#figures.textContent = sentence;
    if (performance.now() - this.#announcedAt > ANNOUNCE_EVERY) this.#say(sentence);
  }

  #say(sentence) {
    this.#announcedAt = performance.now();
    this.#announcement.textContent = sentence;
  }
}

/** "1 step", "20 steps". */
export const counted = (steps) => (steps === 1 ? "1 step" : `${steps} steps`);

/** "85 ms", "2.4 s", "3 min 5 s". */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** The remaining time is estimated after `MIN_ELAPSED`, and shown while it is at least `MIN_LEFT`. */
const MIN_ELAPSED = 500; // milliseconds
const MIN_LEFT = 1000; // milliseconds

/** `["12 s left"]`, in whole seconds, or an empty list if the remaining time is unknown or short. */
export function timeLeft(left, elapsed) {
  if (!(left >= MIN_LEFT) || elapsed < MIN_ELAPSED) return [];
  return [`${duration(1000 * Math.round(left / 1000)).replace(".0", "")} left`];
}

/** "2.8 MB". */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}
