// Stands for `cpu-address.js` and `webgpu-address.js` in the worker's script, which bundlers copy anywhere: the page sends the addresses.
import { TweedieError } from "./errors.js";

const unknown = (name) => () => {
  throw new TweedieError("module", `the page's bundle does not know where tweedie_${name}_bg.wasm is: copy it beside the page, and call init({ modules: { ${name}: its address } })`);
};

export const cpuAddress = unknown("cpu");
export const webgpuAddress = unknown("webgpu");
