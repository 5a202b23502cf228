// Replaces `cpu-address.js` and `webgpu-address.js` in the worker script, which may be copied anywhere. The page sends the addresses.
import { TweedieError } from "./errors.js";

const unknown = (name) => () => {
  throw new TweedieError("module", `the page's bundle does not know where tweedie_${name}_bg.wasm is; copy the file next to the page and call init({ modules: { ${name}: its address } })`);
};

export const cpuAddress = unknown("cpu");
export const webgpuAddress = unknown("webgpu");
