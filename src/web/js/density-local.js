import { densityOver } from "./density.js";
import { guarded, TweedieError } from "./errors.js";
import { cpuModule } from "./module.js";
import { nextTask } from "./run.js";

/** Milliseconds of computing after which events get their turn. */
const TURN = 30;
/** Samples of the first chunk; chunks then double while they take less than a turn. */
const FIRST_CHUNK = 4096;

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
      let turn = performance.now();
      let chunk = FIRST_CHUNK;
      for (let from = 0; from < samples.length; ) {
        signal?.throwIfAborted();
        const began = performance.now();
        const part = samples.subarray(from, from + chunk);
        guarded(() => sampler.fill(part));
        from += part.length;
        const now = performance.now();
        chunk = Math.max(1, now - began < TURN / 2 ? chunk * 2 : chunk >> 1);
        if (now - turn > TURN && from < samples.length) {
          await nextTask();
          turn = performance.now();
        }
      }
      return samples;
    } finally {
      sampler.free();
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
