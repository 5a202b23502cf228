// The small WebAssembly module, which computes on the CPU.
import instantiate, * as bindings from "./tweedie_cpu.js";
import { cpuAddress } from "./cpu-address.js";
import { Module } from "./module-loader.js";
import { checkModuleOptions, takeModuleOptions } from "./module-sources.js";
import { checkSlerp } from "./options.js";
import { ownFields } from "./plain.js";

const MODULE = new Module("cpu", instantiate, bindings, cpuAddress);

/** Loads the small module, once. */
export async function init(options) {
  const given = ownFields(options);
  const { onProgress } = checkModuleOptions(given);
  takeModuleOptions(given);
  await MODULE.load(onProgress);
}

/** The bindings of the small module, which contains everything that does not need a GPU. */
export const cpuModule = () => MODULE.load();

/** Metadata of each sampler. */
export async function samplers() {
  return (await cpuModule()).samplers();
}

/** Metadata of the methods and operators of `Pipeline.restore`. */
export async function restorers() {
  return (await cpuModule()).restorers();
}

/** Interpolates between two latents along the sphere. */
export async function slerp(from, to, t) {
  checkSlerp(from, to, t);
  const { slerp } = await cpuModule();
  return slerp(from, to, t);
}
