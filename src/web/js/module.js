// The small WebAssembly module, which computes on the CPU.
import instantiate, * as bindings from "./tweedie_cpu.js";
import { cpuAddress } from "./cpu-address.js";
import { invalidOption } from "./errors.js";
import { Module } from "./module-loader.js";
import { checkModuleOptions, takeModuleOptions } from "./module-sources.js";

const MODULE = new Module("cpu", instantiate, bindings, cpuAddress);

/** Loads the small module, once. */
export async function init(options = {}) {
  const { onProgress } = checkModuleOptions(options);
  takeModuleOptions(options);
  await MODULE.load(onProgress);
}

/** The bindings of the small module, which has everything that needs no GPU. */
export const cpuModule = () => MODULE.load();

/** Metadata of each sampler. */
export async function samplers() {
  return (await cpuModule()).samplers();
}

/** Interpolates between two latents along the sphere. */
export async function slerp(from, to, t) {
  for (const [name, values] of Object.entries({ from, to })) {
    if (!(values instanceof Float32Array)) throw invalidOption(name, "a Float32Array", values);
  }
  const { slerp } = await cpuModule();
  return slerp(from, to, Number(t));
}
