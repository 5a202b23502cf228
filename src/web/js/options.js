import { invalidOption, TweedieError } from "./errors.js";
import { refuseForeignNames } from "./names.js";
import { checkArray, reading } from "./plain.js";

const LOADING_OPTIONS = [
  "device", "signal", "onProgress", "onWarning", "revision", "endpoint", "cache", "token", "headers", "fetch", "timeout",
];

/** Validates the options of `fromPretrained` that both entries use directly; `source.js` validates the others. */
export function checkLoadingOptions(options) {
  refuseForeignNames(options);
  refuseUnknown(options, LOADING_OPTIONS);
  checkSignal(options.signal);
  checkTimeout(options.timeout);
  for (const name of ["onProgress", "onWarning", "fetch"]) checkFunction(name, options[name]);
  checkHeaders(options);
}

function checkHeaders({ headers, token }) {
  if (token !== undefined && (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)))
    throw new TweedieError("invalid-option", "token must be a string of printable characters without spaces, such as hf_…");
  try {
    new Headers(headers);
  } catch (cause) {
    throw new TweedieError("invalid-option", `headers must be valid for the Headers constructor (${cause.message})`, { cause });
  }
}

/** Checks that an optional option is a function. */
export function checkFunction(name, value) {
  if (value !== undefined && typeof value !== "function") throw invalidOption(name, "a function", value);
}

/** Checks that an optional `timeout` is a time in milliseconds. */
export function checkTimeout(timeout) {
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0))
    throw invalidOption("timeout", "a positive number of milliseconds, or Infinity", timeout);
}

/** Checks that an optional `signal` is an AbortSignal. */
export function checkSignal(signal) {
  if (signal === undefined) return;
  // Checks methods, because a signal of another frame is not an instance of this frame's class.
  const methods = ["throwIfAborted", "addEventListener", "removeEventListener"];
  const isSignal = reading("signal", () => methods.every((method) => typeof signal?.[method] === "function"));
  if (!isSignal) throw invalidOption("signal", "an AbortSignal", signal);
}

/** Checks the kind of a device. */
export function checkDeviceKind(kind) {
  if (!["auto", "webgpu", "cpu"].includes(kind)) throw invalidOption("device", "one of auto, webgpu, cpu", kind);
}

/** Validates the arguments of `slerp`. */
export function checkSlerp(from, to, t) {
  checkArray("from", from, Float32Array);
  checkArray("to", to, Float32Array);
  if (typeof t !== "number") throw invalidOption("t", "a number", t);
}

/** Rejects unknown options. */
export function refuseUnknown(options, known) {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TweedieError(
      "invalid-option",
      `there is no option ${name}; the options are: ${known.join(", ")}`,
    );
  }
}

/** Rejects options that are left over; `known` lists the ones that exist. */
export function refuseRest(rest, known) {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalidOption("options", `an object with the options ${known}`, unknown);
}
