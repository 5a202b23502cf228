import { ownAddress } from "./own-address.js";

/** The address of the worker script. Bundlers detect this exact expression and copy the file. */
export const workerAddress = () =>
  ownAddress(() => new URL("./worker-script.js", import.meta.url), "worker", "init({ worker: address of worker-script.js, modules: { cpu, webgpu } })");
