import { ownAddress } from "./own-address.js";

/** The address of the module tweedie_webgpu_bg.wasm. Bundlers detect this exact expression and copy the file. */
export const webgpuAddress = () =>
  ownAddress(() => new URL("./tweedie_webgpu_bg.wasm", import.meta.url), "module", "init({ modules: { webgpu: address of tweedie_webgpu_bg.wasm } })");
