// The entry "tweedie/density": one-dimensional distributions, with the small module only.
export { Density } from "./density-local.js";
export { TweedieError } from "./errors.js";
export { init } from "./module.js";
export { version } from "./version.js";
