import { densityOver } from "./density.js";
import { guarded, TweedieError } from "./errors.js";
import { cpuModule } from "./module.js";
import { nextTask } from "./run.js";

/** Milliseconds of computing after which pending events are handled. */
const TURN = 30;
/** Samples or proposals in the first chunk; the size doubles while a chunk takes less than a turn. */
const FIRST_CHUNK = 4096;
const MAX_CHUNK = 2 ** 24;

/** A density in this thread's WebAssembly module. */
export class LocalDensity {
  #wasm;
  #calls = 0;
  #isFreed = false;

  constructor(wasm) {
    this.#wasm = wasm;
  }

  async call(method, ...values) {
    this.#calls += 1;
    try {
      if (method === "sample") return await this.#sample(...values);
      if (method === "rejection") return await this.#rejection(...values);
      return guarded(() => this.#wasm[method](...values));
    } finally {
      this.#calls -= 1;
      this.#freeWhenIdle();
    }
  }

  /** Frees the density after all pending calls. */
  free() {
    this.#isFreed = true;
    this.#freeWhenIdle();
  }

  #freeWhenIdle() {
    if (!this.#isFreed || this.#calls > 0) return;
    this.#wasm?.free();
    this.#wasm = undefined;
  }

  async #sample(settings, into, signal) {
    const sampler = guarded(() => this.#wasm.sampler(settings));
    try {
      const samples = into ?? allocate(sampler.count);
      let filled = 0;
      await inTurns(signal, (chunk) => {
        filled += sampler.fill(samples.subarray(filled, filled + chunk), chunk);
        return filled === samples.length;
      });
      return samples;
    } finally {
      sampler.free();
    }
  }

  async #rejection(settings, signal) {
    const run = guarded(() => this.#wasm.rejection(settings));
    try {
      await inTurns(signal, (chunk) => run.step(chunk));
      return guarded(() => run.result());
    } finally {
      run.free();
    }
  }
}

/**
 * Calls `work` in chunks until it is done, and handles events in between.
 * @param {AbortSignal | undefined} signal
 * @param {(chunk: number) => boolean} work
 */
async function inTurns(signal, work) {
  let turn = performance.now();
  for (let chunk = FIRST_CHUNK; ; ) {
    signal?.throwIfAborted();
    const began = performance.now();
    if (guarded(() => work(chunk))) return;
    const now = performance.now();
    chunk = now - began < TURN / 2 ? Math.min(chunk * 2, MAX_CHUNK) : Math.max(chunk >> 1, 1);
    if (now - turn > TURN) {
      await nextTask();
      turn = performance.now();
    }
  }
}

function allocate(count) {
  try {
    return new Float64Array(count);
  } catch {
    throw new TweedieError("out-of-memory", `not enough memory for ${count} samples of 8 bytes; use a smaller count`);
  }
}

/** Creates the density of a description in this thread's module. */
export async function openDensity(description, Holder = LocalDensity) {
  const { WasmDensity } = await cpuModule();
  return new Holder(guarded(() => new WasmDensity(description)));
}

/** A one-dimensional distribution, computed on this thread. */
export const Density = densityOver((description) => openDensity(description));
