/** A string, or a number that Python writes and JSON lacks. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|\b(?:Infinity|NaN)\b/gs;
/** What stands for each in JSON; `JSON.parse` reads `1e999` as Infinity, and nothing as NaN. */
const IN_JSON = { Infinity: "1e999", NaN: "null" };

/**
 * Reads JSON as Python writes it, in UTF-8 or behind any byte-order mark; NaN becomes null.
 * @param {Uint8Array} bytes
 * @returns {any} undefined where it is no JSON
 */
export function parseJson(bytes) {
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  try {
    return JSON.parse(text.replace(TOKEN, (token) => IN_JSON[token] ?? token));
  } catch {
    return undefined;
  }
}

function encodingOf([first, second]) {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return "utf-8";
}
