import type { InitOptions } from "./module.js";

export * from "./index.js";

/** Options of {@link init} in the worker entry. */
export interface WorkerInitOptions extends InitOptions {
  /**
   * The worker that runs `tweedie/worker-script.js`, or what makes it, or the address of that script. Default: started from beside this script, also
   * where that is of another origin.
   */
  worker?: Worker | (() => Worker) | string | URL;
}

/**
 * Starts the worker and loads the WebAssembly module in it. Idempotent: later calls share the first one's result and
 * ignore their options; after a failure, or when the worker has died, the next call starts anew.
 *
 * @throws {TweedieError} code `"worker"` when its script cannot be started, or does not answer within the `timeout`; `"module"`
 */
export function init(options?: WorkerInitOptions): Promise<void>;

/**
 * Stops the worker. Everything it held is lost, its memory is given back (a WebAssembly module's own memory never shrinks), and what waits for it rejects with the code
 * `"worker"`. The next call starts a new one.
 */
export function terminate(): void;
