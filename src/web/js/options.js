import { invalidOption, TweedieError } from "./errors.js";

const LOADING_OPTIONS = ["device", "signal", "onProgress", "revision", "endpoint", "cache"];

/** Checks what both entries do with the options of `fromPretrained` by themselves; `source.js` checks the rest. */
export function checkLoadingOptions(options) {
  refuseUnknown(options, LOADING_OPTIONS);
  checkSignal(options.signal);
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalidOption("onProgress", "a function", onProgress);
  }
}

/** The option `modules` of `init`: where each of the two is, as far as that was given. */
export function givenModules({ modules = {}, ...rest }) {
  refuseUnknown(rest, ["modules"]);
  if (typeof modules !== "object" || modules === null) throw invalidOption("modules", "an object", modules);
  refuseUnknown(modules, ["cpu", "webgpu"]);
  return modules;
}

/** Checks that an optional `signal` is an AbortSignal. */
export function checkSignal(signal) {
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    throw invalidOption("signal", "an AbortSignal", signal);
  }
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
