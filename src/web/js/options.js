import { invalidOption, TweedieError } from "./errors.js";
import { refuseForeignNames } from "./names.js";
import { checkArray, reading } from "./plain.js";

const LOADING_OPTIONS = [
  "device", "signal", "onProgress", "onWarning", "revision", "endpoint", "cache", "token", "headers", "fetch", "timeout",
];

/** Checks what both entries do with the options of `fromPretrained` by themselves; `source.js` checks the rest. */
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
    throw new TweedieError("invalid-option", "token must be a string of printable characters without spaces, such as the Hub's hf_…");
  try {
    new Headers(headers);
  } catch (cause) {
    throw new TweedieError("invalid-option", `headers must be what the Headers constructor takes (${cause.message})`, { cause });
  }
}

/** Checks that an optional option is a function. */
export function checkFunction(name, value) {
  if (value !== undefined && typeof value !== "function") throw invalidOption(name, "a function", value);
}

/** Checks that an optional `timeout` is a time in milliseconds. */
export function checkTimeout(timeout) {
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0))
    throw invalidOption("timeout", "a number of milliseconds above 0, perhaps Infinity", timeout);
}

/** Checks that an optional `signal` is an AbortSignal. */
export function checkSignal(signal) {
  if (signal === undefined) return;
  // By its methods: a signal of another frame is no instance of this one's class.
  const methods = ["throwIfAborted", "addEventListener", "removeEventListener"];
  const isSignal = reading("signal", () => methods.every((method) => typeof signal?.[method] === "function"));
  if (!isSignal) throw invalidOption("signal", "an AbortSignal", signal);
}

/** Checks the kind of a device. */
export function checkDeviceKind(kind) {
  if (!["auto", "webgpu", "cpu"].includes(kind)) throw invalidOption("device", "one of auto, webgpu, cpu", kind);
}

/** Checks what `slerp` takes. */
export function checkSlerp(from, to, t) {
  checkArray("from", from, Float32Array);
  checkArray("to", to, Float32Array);
  if (typeof t !== "number") throw invalidOption("t", "a number", t);
}

/** Refuses misspelled options, which would otherwise be ignored silently. */
export function refuseUnknown(options, known) {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TweedieError(
      "invalid-option",
      `there is no option ${name}; the options are: ${known.join(", ")}`,
    );
  }
}
