/** The bar, the figures beside it and the announcements of what runs. */

/** Screen readers hear of a run this often; the figures change faster than anyone could listen. */
const ANNOUNCE_EVERY = 5000; // milliseconds
/** Steps over which the time per step is averaged. */
const WINDOW = 16;

export class Progress {
  #bar;
  #figures;
  #announcement;
  #announcedAt = 0;
  #times = [];

  /**
   * @param {HTMLElement} root  holds `#<prefix>progress`, `#<prefix>figures` and `#<prefix>announcement`
   * @param {string} prefix  of the lab's ids
   */
  constructor(root, prefix = "") {
    const part = (id) => root.querySelector(`#${prefix}${id}`);
    this.#bar = part("progress");
    this.#figures = part("figures");
    this.#announcement = part("announcement");
  }

  /** Says what has begun; until something is known of its length, the bar is indeterminate. */
  begin(sentence) {
    this.#bar.removeAttribute("data-idle");
    this.#bar.removeAttribute("value");
    this.#figures.textContent = sentence;
    this.#say(sentence);
  }

  /** Says how it ended. */
  end(sentence) {
    this.#bar.setAttribute("data-idle", "");
    this.#bar.value = 0;
    this.#figures.textContent = sentence;
    this.#say(sentence);
  }

  /** Shows how much of the whole is done, and says it. */
  show(done, whole, sentence) {
    this.#bar.max = whole;
    this.#bar.value = Math.min(done, whole);
    this.#tell(sentence);
  }

  /** Shows how much of a download is there. */
  downloaded({ loaded, total }) {
    const whole = total > 0 ? ` of ${megabytes(total)}` : "";
    const sentence = `Fetching the model · ${megabytes(loaded)}${whole}`;
    if (total > 0) this.show(loaded, total, sentence);
    else this.#tell(sentence);
  }

  /** Returns a function that shows each step of one sampling as it is done. */
  stepper() {
    this.#times = [performance.now()];
    return ({ step, steps }) => {
      this.#times.push(performance.now());
      const stepTime = this.#stepTime();
      const left = timeLeft(stepTime * (steps - step), this.#times.at(-1) - this.#times[0]);
      this.show(step, steps, [`Step ${step} of ${steps}`, `${duration(stepTime)} per step`, ...left].join(" · "));
    };
  }

  /** Leaves so many milliseconds out of the time that the steps take. */
  discount(pause) {
    this.#times = this.#times.map((time) => time + pause);
  }

  /**
   * Says what the sampling took.
   * @returns {{ steps: number, milliseconds: number }}
   */
  finished() {
    const milliseconds = this.#times.at(-1) - this.#times[0];
    const steps = this.#times.length - 1;
    this.end(`${counted(steps)} in ${duration(milliseconds)} · ${duration(this.#stepTime())} per step`);
    return { steps, milliseconds };
  }

  /** Milliseconds per step, lately. The first step also compiles kernels: where there are others, they alone count. */
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

/** A run must have taken this long before the time left can be estimated, and less time left is not worth telling. */
const MIN_ELAPSED = 500; // milliseconds
const MIN_LEFT = 1000; // milliseconds

/** "12 s left" in a list, or an empty list where that is not known yet or not worth telling. Whole seconds: it is an estimate. */
export function timeLeft(left, elapsed) {
  if (!(left >= MIN_LEFT) || elapsed < MIN_ELAPSED) return [];
  return [`${duration(1000 * Math.round(left / 1000)).replace(".0", "")} left`];
}

/** "2.8 MB". */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}
