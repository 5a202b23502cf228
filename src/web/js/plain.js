// Converts arguments to plain data. Getters and proxies that throw, cyclic objects, functions
// and detached memory are rejected here with the name of the argument, which neither Rust nor `postMessage` knows.
import { invalidOption, TweedieError } from "./errors.js";

/** Maximum number of values in one argument; a typed array counts as one. */
const MAX_VALUES = 1_000_000;
/** Maximum length of a list of numbers. */
const MAX_NUMBERS = 1e9;

/**
 * The fields of an options object, as plain data.
 * @param {unknown} options undefined or an object
 * @param {string[]} [kept] fields that are returned unchanged: signals, callbacks, devices
 * @returns {Record<string, any>}
 */
export function plainOptions(options, kept = []) {
  const reader = new Reader();
  const fields = Object.entries(ownFields(options));
  return Object.fromEntries(fields.map(([name, value]) => [name, kept.includes(name) ? value : reader.plain(name, value)]));
}

/** The fields of an options object, unchanged. */
export function ownFields(options, name = "options") {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null) throw invalidOption(name, "an object", options);
  return Object.fromEntries(keysOf(name, options).map((key) => [key, reading(key, () => options[key])]));
}

/** One argument as plain data. */
export function plain(name, value) {
  return new Reader().plain(name, value);
}

/** A typed array of the kind with attached memory. */
export function checkArray(name, values, Kind) {
  const kind = `a ${Kind.name}`;
  // A proxy of an array is also an instance of its class.
  if (!(ArrayBuffer.isView(values) && values instanceof Kind)) throw invalidOption(name, kind, values);
  checkMemory(name, values.buffer);
  return values;
}

/** Whether a value is an instance of the class; a proxy may throw. */
export function isA(value, Kind) {
  try {
    return value instanceof Kind;
  } catch {
    return false;
  }
}

/** Rejects a buffer that was transferred to another thread. */
export function checkMemory(name, buffer) {
  if (isDetached(buffer)) throw new TweedieError("invalid-option", `${name} must not be a transferred buffer`);
}

/** A copy of a list of numbers in double precision. */
export function doubles(name, list) {
  if (ArrayBuffer.isView(list)) return checkDoubles(name, list);
  const expected = "a list of numbers";
  const length = typeof list === "object" && list !== null ? reading(name, () => list.length) : undefined;
  if (!Number.isInteger(length) || length < 0 || length > MAX_NUMBERS) throw invalidOption(name, expected, list);
  const copy = allocate(name, length);
  for (let index = 0; index < length; index++) {
    const value = reading(name, () => list[index]);
    if (typeof value !== "number") throw invalidOption(`${name}[${index}]`, "a number", value);
    copy[index] = value;
  }
  return copy;
}

function checkDoubles(name, view) {
  if (view instanceof DataView || view instanceof BigInt64Array || view instanceof BigUint64Array)
    throw invalidOption(name, "a list of numbers", view);
  checkArray(name, view, view.constructor);
  return Float64Array.from(view);
}

function allocate(name, length) {
  try {
    return new Float64Array(length);
  } catch {
    throw new TweedieError("out-of-memory", `not enough memory for the ${length} numbers of ${name}`);
  }
}

/** Reads values and counts them. */
class Reader {
  #count = 0;

  plain(name, value, parents = []) {
    this.#count += 1;
    if (this.#count > MAX_VALUES)
      throw new TweedieError("invalid-option", `${name} must have at most ${MAX_VALUES} values in total; pass long lists as typed arrays`);
    if (value === null || ["undefined", "boolean", "number", "string"].includes(typeof value)) return value;
    if (typeof value !== "object") throw invalidOption(name, "plain data", value);
    if (ArrayBuffer.isView(value)) return checkArray(name, value, value.constructor);
    if (parents.includes(value)) throw new TweedieError("invalid-option", `${name} must be plain data, but contains itself`);
    const nested = [...parents, value];
    if (reading(name, () => Array.isArray(value))) return this.#list(name, value, nested);
    const fields = keysOf(name, value).map((key) => {
      const path = `${name}.${key}`;
      return [key, this.plain(path, reading(path, () => value[key]), nested)];
    });
    return Object.fromEntries(fields);
  }

  #list(name, list, parents) {
    const length = reading(name, () => list.length);
    if (!(length <= MAX_VALUES)) throw invalidOption(name, `a list of at most ${MAX_VALUES} values`, list);
    return Array.from({ length }, (_, index) => {
      const path = `${name}[${index}]`;
      return this.plain(path, reading(path, () => list[index]), parents);
    });
  }
}

function keysOf(name, object) {
  return reading(name, () => Object.keys(object));
}

/** Reads a caller's object; errors that it throws become errors of this package. */
export function reading(name, get) {
  try {
    return get();
  } catch (cause) {
    if (cause instanceof TweedieError) throw cause;
    throw new TweedieError("invalid-option", `${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(cause) {
  try {
    return String(cause?.message ?? cause);
  } catch {
    return "it throws what cannot be shown";
  }
}

function isDetached(buffer) {
  if (buffer.detached !== undefined) return buffer.detached;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
