// The package's main entry: everything runs on the thread that calls it.
export { Density } from "./density-local.js";
export { openDevice } from "./device.js";
export { init, samplers, slerp } from "./module.js";
export { Pipeline } from "./pipeline.js";
export {
  datasets,
  distance,
  forward,
  forwardPaths,
  PointData,
  PointModel,
  scheduleCurves,
  Trainer,
} from "./points-local.js";
export { Likelihood, PointSampling, Sampling, VariationalBound } from "./run.js";
export { TweedieError } from "./errors.js";
