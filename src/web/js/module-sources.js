// Addresses of the WebAssembly modules, if they are not next to the script, and progress of their downloads.
import { checkFunction, checkTimeout, refuseUnknown } from "./options.js";
import { ownFields } from "./plain.js";

export const MODULES = ["cpu", "webgpu"];

/** @type {{ modules: { cpu?: unknown, webgpu?: unknown }, timeout?: number }} */
const given = { modules: {} };

/** Stores the options of `init`; omitted options keep their previous values. */
export function takeModuleOptions(options) {
  const { modules, timeout } = checkModuleOptions(options);
  Object.assign(given.modules, modules);
  if (timeout !== undefined) given.timeout = timeout;
}

/** The configured source of a module. */
export const givenFor = (name) => ({ source: given.modules[name], timeout: given.timeout });

/** Validates the options of `init`. */
export function checkModuleOptions(options) {
  const { onProgress, timeout, ...rest } = options;
  refuseUnknown(rest, ["modules", "onProgress", "timeout"]);
  const modules = ownFields(rest.modules, "modules");
  refuseUnknown(modules, MODULES);
  checkFunction("onProgress", onProgress);
  checkTimeout(timeout);
  return { modules, onProgress, timeout };
}
