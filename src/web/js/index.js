// The package's main entry: everything runs on the thread that calls it.
export { clearCache, isCached, usage } from "./cached.js";
export { openDevice } from "./device.js";
export * from "./entry-density.js";
export * from "./entry-points.js";
export { restorers, slerp } from "./module.js";
export { Pipeline } from "./pipeline.js";
export { Likelihood, Restoration, Sampling, VariationalBound } from "./run.js";
