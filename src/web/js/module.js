import instantiate, {
  openDevice as openWasmDevice,
  samplers as wasmSamplers,
  slerp as wasmSlerp,
} from "./tweedie_wasm.js";
import { invalidOption } from "./errors.js";
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

/** Interpolates between two latents along the sphere. */
export async function slerp(from, to, t) {
  for (const [name, values] of Object.entries({ from, to })) {
    if (!(values instanceof Float32Array)) throw invalidOption(name, "a Float32Array", values);
  }
  await init();
  return wasmSlerp(from, to, Number(t));
}
