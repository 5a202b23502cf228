import type { InitOptions } from "./index.js";

export * from "./index.js";

/** Options of {@link init} in the worker entry. */
export interface WorkerInitOptions extends InitOptions {
  /** The worker that runs `tweedie/worker.js`, or what makes it. Default: started from beside this script. */
  worker?: Worker | (() => Worker);
}

/**
 * Starts the worker and loads the WebAssembly module in it. Idempotent: later calls share the first one's result and
 * ignore their options; after a failure, or when the worker has died, the next call starts anew.
 */
export function init(options?: WorkerInitOptions): Promise<void>;
