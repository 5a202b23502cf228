/** Values as they are written in the source code of a language. */

/** A line is broken when it would be longer. */
const WIDTH = 100;
const INDENT = { javascript: "  ", rust: "    " };

/** A value in JavaScript. */
export function javascript(value) {
  if (Array.isArray(value)) return `[${value.map(javascript).join(", ")}]`;
  if (value instanceof Code) return value.text;
  if (value !== null && typeof value === "object") return object(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Source code, to be written as it is. */
export class Code {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** An object in JavaScript, in one line or with one line per property. */
export function object(values, before = "") {
  const parts = Object.entries(values).map(([name, value]) => (value instanceof Code && value.text === name ? name : `${name}: ${javascript(value)}`));
  const line = `{ ${parts.join(", ")} }`;
  if (before.length + line.length <= WIDTH && !line.includes("\n")) return line;
  return `{\n${parts.map((part) => `${INDENT.javascript}${part.replaceAll("\n", `\n${INDENT.javascript}`)},\n`).join("")}}`;
}

/** A value in Python. */
export function python(value) {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A number with a decimal point, as `f64` literals have it in Rust. */
export const rustNumber = (value) => (value === Infinity ? "f64::INFINITY" : /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value));

/** The fields of a struct in Rust, one per line. */
export const rustFields = (values, depth = 2) => Object.entries(values).map(([name, value]) => `${INDENT.rust.repeat(depth)}${name}: ${value},\n`).join("");

/** A name in camel case as Python and Rust write it. */
export const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Labels of the images: one for all, or the range that they repeat, or each. */
export function describeLabels(labels) {
  const [first] = labels;
  if (labels.every((label) => label === first)) return { kind: "one", label: first };
  const period = labels.indexOf(first, 1) < 0 ? labels.length : labels.indexOf(first, 1);
  if (first === 0 && labels.every((label, index) => label === index % period)) return { kind: "cycle", period };
  return { kind: "each" };
}
