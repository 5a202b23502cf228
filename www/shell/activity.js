/** Runs one task at a time. A new task cancels the previous one and starts when that has ended. */

export class Activity {
  #current = null;
  #onBusy;

  /** @param {(busy: boolean) => void} onBusy  called when a task starts, and when none is left */
  constructor(onBusy) {
    this.#onBusy = onBusy;
  }

  /** @param {(signal: AbortSignal) => Promise<void>} task  handles its own errors */
  async run(task) {
    this.cancel();
    const controller = new AbortController();
    const before = this.#current?.finished;
    const finished = (async () => {
      await before;
      if (!controller.signal.aborted) await task(controller.signal);
    })();
    const current = { controller, finished };
    this.#current = current;
    this.#onBusy(true);
    await finished;
    if (this.#current !== current) return;
    this.#current = null;
    this.#onBusy(false);
  }

  /** Whether a task is running. */
  get isBusy() {
    return this.#current !== null;
  }

  cancel() {
    this.#current?.controller.abort();
  }
}
