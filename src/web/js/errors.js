/**
 * The error type of this package: `code` for programs, `message` for people.
 *
 * `instanceof` compares names, because errors from Rust and from the worker are not instances of this class.
 */
export class TweedieError extends Error {
  /**
   * @param {string} code stable name of the kind of error, such as "missing-file"
   * @param {string} message a sentence that describes the error
   * @param {ErrorOptions} [options]
   * @param {{ option?: string, expected?: string, value?: string }} [subject] the option that it is about, the allowed values and the given one
   */
  constructor(code, message, options, subject) {
    super(message, options);
    this.name = "TweedieError";
    this.code = code;
    Object.assign(this, subject);
  }

  static [Symbol.hasInstance](value) {
    try {
      return typeof value === "object" && value !== null && value.name === "TweedieError";
    } catch {
      return false; // a proxy may throw
    }
  }
}

/** The error for an invalid option value. */
export function invalidOption(name, expected, value) {
  const given = quote(value);
  return new TweedieError("invalid-option", `${name} must be ${expected}, got ${given}`, undefined, { option: name, expected, value: given });
}

/** The error for use after `free()`. */
export function freedError(what) {
  return new TweedieError("freed", `this ${what} was freed and can no longer be used`);
}

/**
 * Calls into the WebAssembly module. If the module traps, the bare "unreachable" becomes a descriptive error;
 * its state is undefined afterwards.
 */
export function guarded(call) {
  try {
    return call();
  } catch (error) {
    if (error?.name !== "RuntimeError") throw error;
    throw new TweedieError(
      CRASHED,
      `the WebAssembly module stopped (${error.message}): it ran out of memory or hit a bug; reload the page to continue`,
      { cause: error },
    );
  }
}

/** Error code after which the module can no longer be used. */
export const CRASHED = "crashed";

/** Maximum number of characters of a quoted string. */
const MAX_QUOTED = 200;

/** Formats any value for a message. */
function quote(value) {
  if (typeof value === "string") return JSON.stringify(value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return String(value.constructor?.name || "an object");
  } catch {
    return "an object that cannot be read";
  }
}
