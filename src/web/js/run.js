import { freedError, guarded } from "./errors.js";
import { kindsOf, READ, SIDES } from "./run-kinds.js";

/** A computation of many steps: resumable, cancellable, and readable after every step. */
class Run {
  #wasm;
  #signal;
  #rest;

  /**
   * @param wasm the run in the WebAssembly module
   * @param {"webgpu" | "cpu"} deviceKind
   * @param {AbortSignal} [signal] checked before every step
   * @param {[number, number]} [sides] height and width of its images
   */
  constructor(wasm, deviceKind, signal, sides) {
    this[SIDES] = sides;
    this.#wasm = wasm;
    this.#signal = signal;
    // A step on the CPU blocks its thread. Between two steps, input events and messages are handled.
    this.#rest = deviceKind === "cpu" ? nextTask : () => undefined;
  }

  get steps() {
    return this.#live().steps;
  }

  get completedSteps() {
    return this.#live().completedSteps;
  }

  get batch() {
    return this.#live().batch;
  }

  /** Runs the remaining steps. Leaving the loop pauses the run; iterate again to continue. */
  async *[Symbol.asyncIterator]() {
    while (this.completedSteps < this.steps) {
      this.#signal?.throwIfAborted();
      const progress = guarded(() => this.#live().step());
      if (progress === undefined) return;
      await this.#live().settled();
      await this.#rest();
      yield { ...progress, steps: this.steps };
    }
  }

  [READ](name, ...values) {
    return guarded(() => this.#live()[name](...values));
  }

  free() {
    this.#wasm?.free();
    this.#wasm = undefined;
  }

  #live() {
    if (this.#wasm === undefined) throw freedError(this.constructor.what);
    return this.#wasm;
  }
}

export const { Sampling, Restoration, Likelihood, VariationalBound, PointSampling, PointDensity } = kindsOf(Run);

/** Resolves in a new task of the event loop. Unlike a timer, it is not delayed in a background tab. */
export function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
