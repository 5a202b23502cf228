/** Tables as CSV. */

/** Rows that are written before the page handles other events. */
const CHUNK = 20_000;

/**
 * @typedef {object} Table
 * @property {string} title  as the menu calls it
 * @property {string} name  in the file name
 * @property {string[]} columns
 * @property {() => Iterable<(string | number | null)[]>} rows
 */

/**
 * @param {Table} table
 * @param {{ signal: AbortSignal }} control
 * @returns {Promise<Blob>}
 */
export async function encodeCsv({ columns, rows }, { signal }) {
  const parts = [];
  let lines = [lineOf(columns)];
  for (const row of rows()) {
    lines.push(lineOf(row));
    if (lines.length < CHUNK) continue;
    parts.push(lines.join(""));
    lines = [];
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
  return new Blob([...parts, ...lines], { type: "text/csv" });
}

const lineOf = (row) => `${row.map(field).join(",")}\r\n`;

function field(value) {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of points, `[count, 2]`, with further values first. */
export function* pointRows(points, ...first) {
  for (let at = 0; at < points.length; at += 2) yield [...first, points[at], points[at + 1]];
}
