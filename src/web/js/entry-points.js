// The entry "tweedie/points": points in the plane, on the CPU, with the small module only.
export { TweedieError } from "./errors.js";
export { init, samplers } from "./module.js";
export { datasets, distance, families, FamilyTrainer, forward, forwardPaths, PointData, PointModel, scheduleCurves, Trainer } from "./points-local.js";
export { PointSampling } from "./run.js";
export { version } from "./version.js";
