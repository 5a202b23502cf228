import { ownAddress } from "./own-address.js";

/** The address of the module tweedie_cpu_bg.wasm. Bundlers detect this exact expression and copy the file. */
export const cpuAddress = () =>
  ownAddress(() => new URL("./tweedie_cpu_bg.wasm", import.meta.url), "module", "init({ modules: { cpu: address of tweedie_cpu_bg.wasm } })");
