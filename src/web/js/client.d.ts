import type { InitOptions } from "./module.js";

export * from "./index.js";

/** Options of {@link init} in the worker entry. */
export interface WorkerInitOptions extends InitOptions {
  /**
   * The worker that runs `tweedie/worker-script.js`, a function that creates it, or the address of that script. Default: the script next to this one,
   * even from another origin.
   */
  worker?: Worker | (() => Worker) | string | URL;
}

/**
 * Starts the worker and loads the WebAssembly module in it. Idempotent: later calls share the result of the first and
 * ignore their options. After a failure, or if the worker has died, the next call starts a new worker.
 *
 * @throws {TweedieError} code `"worker"` if its script cannot be started or does not respond within the `timeout`; `"module"`
 */
export function init(options?: WorkerInitOptions): Promise<void>;

/**
 * Stops the worker. Its state is lost, its memory is released (the memory of a running WebAssembly module never shrinks), and pending calls reject with the code
 * `"worker"`. The next call starts a new one.
 */
export function terminate(): void;
