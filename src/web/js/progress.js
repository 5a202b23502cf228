/** Minimum time between two reports, in milliseconds. */
const INTERVAL = 50;

/** Reports the download progress of a file: at the start, about 20 times per second, and at the end. */
export class Progress {
  #report;
  #total;
  #loaded = 0;
  #previous = -Infinity;

  /**
   * @param {string} file name in the reports
   * @param {number | undefined} total total bytes, if known
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

  /** Restarts the count, because the file is sent again from its beginning. */
  restart(total) {
    this.#loaded = 0;
    this.#total = total;
    this.end();
  }

  /** Reports immediately. */
  end() {
    this.#previous = performance.now();
    this.#report();
  }
}
