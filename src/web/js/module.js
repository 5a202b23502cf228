import instantiate, { openDevice as openWasmDevice, samplers as wasmSamplers, WasmDensity } from "./tweedie_wasm.js";
import { densityOver, LocalDensity } from "./density.js";
import { guarded } from "./errors.js";
import { refuseUnknown } from "./options.js";

/** The one instantiation that all callers share; empty before the first call and after a failed one. */
let instance;

/** Loads the WebAssembly module, once. */
export function init(options = {}) {
  if (!instance) {
    instance = start(options);
    instance.catch(() => (instance = undefined));
  }
  return instance;
}

async function start(options) {
  refuseUnknown(options, ["module_or_path"]);
  await instantiate(options.module_or_path === undefined ? undefined : options);
}

/** Opens the device that computes: "auto" takes WebGPU where the browser has it, else the CPU. */
export async function openDevice(kind = "auto") {
  await init();
  return openWasmDevice(String(kind));
}

/** What is to be known of each sampler: its name, its paper, its options. */
export async function samplers() {
  await init();
  return wasmSamplers();
}

/** Makes the density that a description names. */
export async function openDensity(description, Holder = LocalDensity) {
  await init();
  return new Holder(guarded(() => new WasmDensity(description)));
}

/** A one-dimensional distribution, computed on this thread. */
export const Density = densityOver((description) => openDensity(description));
