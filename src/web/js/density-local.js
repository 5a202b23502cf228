import { densityOver } from "./density.js";
import { guarded, TweedieError } from "./errors.js";
import { cpuModule } from "./module.js";
import { nextTask } from "./run.js";

/** Milliseconds of computing after which events get their turn. */
const TURN = 30;
/** Samples or proposals of the first chunk; chunks then double while they take less than a turn. */
const FIRST_CHUNK = 4096;
const MAX_CHUNK = 2 ** 24;

/** A density in the WebAssembly module of this thread. */
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

  /** Frees it after the calls that still run. */
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
 * Calls `work` until it is done, with a chunk of work that takes less than a turn; events get theirs in between.
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
    throw new TweedieError("out-of-memory", `there is no memory for ${count} samples of 8 bytes; ask for fewer`);
  }
}

/** Makes the density that a description names, in the module of this thread. */
export async function openDensity(description, Holder = LocalDensity) {
  const { WasmDensity } = await cpuModule();
  return new Holder(guarded(() => new WasmDensity(description)));
}

/** A one-dimensional distribution, computed on this thread. */
export const Density = densityOver((description) => openDensity(description));
