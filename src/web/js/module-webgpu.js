// The WebGPU module, in a separate script that is loaded when a GPU is opened.
import instantiate, * as bindings from "./tweedie_webgpu.js";
import { Module } from "./module-loader.js";
import { webgpuAddress } from "./webgpu-address.js";

const MODULE = new Module("webgpu", instantiate, bindings, webgpuAddress);

/** The bindings of the module with WebGPU. */
export const webgpuModule = (onProgress) => MODULE.load(onProgress);
