// Where the WebAssembly modules are, if not beside the script, and how their downloads are watched.
import { checkFunction, checkTimeout, refuseUnknown } from "./options.js";
import { ownFields } from "./plain.js";

export const MODULES = ["cpu", "webgpu"];

/** @type {{ modules: { cpu?: unknown, webgpu?: unknown }, timeout?: number }} */
const given = { modules: {} };

/** Takes the options of `init`; what was given before stays where they leave it out. */
export function takeModuleOptions(options) {
  const { modules, timeout } = checkModuleOptions(options);
  Object.assign(given.modules, modules);
  if (timeout !== undefined) given.timeout = timeout;
}

/** What was given for a module. */
export const givenFor = (name) => ({ source: given.modules[name], timeout: given.timeout });

/** The options of `init`, checked. */
export function checkModuleOptions(options) {
  const { onProgress, timeout, ...rest } = options;
  refuseUnknown(rest, ["modules", "onProgress", "timeout"]);
  const modules = ownFields(rest.modules, "modules");
  refuseUnknown(modules, MODULES);
  checkFunction("onProgress", onProgress);
  checkTimeout(timeout);
  return { modules, onProgress, timeout };
}
