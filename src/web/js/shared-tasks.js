/** Tasks that several callers share by key. A task is aborted when all its callers have left. */
export class SharedTasks {
  #running = [];

  /**
   * @param {unknown[]} key compared element by element
   * @param {AbortSignal | undefined} signal makes this caller leave
   * @param {(progress: object) => void} onProgress its error makes this caller leave, and is thrown
   * @param {(signal: AbortSignal, onProgress: Function) => Promise<any>} start
   */
  async join(key, signal, onProgress, start) {
    let task = this.#running.find(({ key: other }) => key.every((part, index) => part === other[index]));
    if (task === undefined) {
      task = new Task(key);
      this.#running.push(task);
      const forget = () => (this.#running = this.#running.filter((running) => running !== task));
      task.begin(start, forget);
    }
    return task.wait(signal, onProgress);
  }
}

class Task {
  #controller = new AbortController();
  #waiting = new Set();
  #result;
  #forget;
  #latest;

  constructor(key) {
    this.key = key;
  }

  begin(start, forget) {
    this.#forget = forget;
    this.#result = start(this.#controller.signal, (progress) => this.#tell(progress));
    this.#result.then(forget, forget);
  }

  wait(signal, onProgress) {
    return new Promise((resolve, reject) => {
      const leave = (reason) => {
        this.#waiting.delete(caller);
        signal?.removeEventListener("abort", abort);
        reject(reason);
        if (this.#waiting.size > 0) return;
        this.#forget();
        this.#controller.abort(reason);
      };
      const abort = () => leave(signal.reason);
      const tell = (progress) => {
        try {
          onProgress(progress);
        } catch (error) {
          leave(error);
        }
      };
      const caller = { tell };
      this.#waiting.add(caller);
      signal?.addEventListener("abort", abort, { once: true });
      if (this.#latest) tell(this.#latest);
      this.#result.then(resolve, reject).finally(() => {
        this.#waiting.delete(caller);
        signal?.removeEventListener("abort", abort);
      });
    });
  }

  #tell(progress) {
    this.#latest = progress;
    for (const { tell } of this.#waiting) tell(progress);
  }
}
