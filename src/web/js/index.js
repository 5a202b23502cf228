// The package's main entry: everything runs on the thread that calls it.
export { init, openDevice, samplers, slerp } from "./module.js";
export { Pipeline } from "./pipeline.js";
export { Likelihood, Sampling, VariationalBound } from "./run.js";
export { TweedieError } from "./errors.js";
