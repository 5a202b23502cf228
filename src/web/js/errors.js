/**
 * What this package throws: `code` for programs, `message` for people.
 *
 * `instanceof` goes by name, because errors also come from Rust and from the worker, where this class does not exist.
 */
export class TweedieError extends Error {
  /**
   * @param {string} code stable name of the kind of failure, like "missing-file"
   * @param {string} message a sentence that says what was wrong
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "TweedieError";
    this.code = code;
  }

  static [Symbol.hasInstance](value) {
    try {
      return typeof value === "object" && value !== null && value.name === "TweedieError";
    } catch {
      return false; // of a proxy that throws
    }
  }
}

/** An option has a value outside its domain. */
export function invalidOption(name, expected, value) {
  return new TweedieError("invalid-option", `${name} must be ${expected}, but is ${quote(value)}`);
}

/** Something was used after its `free()`. */
export function freedError(what) {
  return new TweedieError("freed", `this ${what} was freed and cannot be used any more`);
}

/**
 * Calls into the WebAssembly module. When the module itself breaks, its bare "unreachable" becomes a sentence;
 * its state is unknown from then on.
 */
export function guarded(call) {
  try {
    return call();
  } catch (error) {
    if (error?.name !== "RuntimeError") throw error;
    throw new TweedieError(
      CRASHED,
      `the WebAssembly module stopped (${error.message}): it ran out of memory or met a defect; reload to go on`,
      { cause: error },
    );
  }
}

/** Code of the error after which the module cannot be used. */
export const CRASHED = "crashed";

/** Upper limit of the characters of a quoted string. */
const MAX_QUOTED = 200;

/** A value in a message, whatever it is. */
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
