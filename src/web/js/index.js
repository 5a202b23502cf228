// The package's main entry: everything runs on the thread that calls it.
export { Density, init, openDevice, samplers } from "./module.js";
export { Pipeline } from "./pipeline.js";
export { Sampling } from "./sampling.js";
export { TweedieError } from "./errors.js";
