import { decodeText } from "./text.js";

/** A string, or a number that Python writes but JSON does not have. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|\b(?:Infinity|NaN)\b/gs;
/** JSON replacements; `JSON.parse` reads `1e999` as Infinity, but there is none for NaN. */
const IN_JSON = { Infinity: "1e999", NaN: "null" };

/**
 * Parses JSON as written by Python, in UTF-8 or with a byte-order mark; NaN becomes null.
 * @param {Uint8Array} bytes
 * @returns {any} undefined if it is not JSON
 */
export function parseJson(bytes) {
  const text = decodeText(bytes);
  try {
    return JSON.parse(text.replace(TOKEN, (token) => IN_JSON[token] ?? token));
  } catch {
    return undefined;
  }
}
