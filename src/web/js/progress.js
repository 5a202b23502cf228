/** Least time between two reports, in milliseconds. */
const INTERVAL = 50;

/** Reports how much of a file has arrived: at the start, about 20 times a second, and at the end. */
export class Progress {
  #report;
  #total;
  #loaded = 0;
  #previous = -Infinity;

  /**
   * @param {string} file its name in the reports
   * @param {number | undefined} total bytes in all, as far as that is known
   * @param {(progress: { file: string, loaded: number, total?: number }) => void} onProgress
   */
  constructor(file, total, onProgress) {
    this.#total = total;
    this.#report = () => onProgress({ file, loaded: this.#loaded, total: this.#loaded > this.#total ? undefined : this.#total });
    this.end();
  }

  add(bytes) {
    this.#loaded += bytes;
    if (performance.now() - this.#previous >= INTERVAL) this.end();
  }

  /** The file is sent once more from its beginning. */
  restart(total) {
    this.#loaded = 0;
    this.#total = total;
    this.end();
  }

  /** Reports whatever the time. */
  end() {
    this.#previous = performance.now();
    this.#report();
  }
}
