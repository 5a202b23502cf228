// Prints the sizes of the larger files of the page, raw and compressed: node tools/sizes.mjs <folder>
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files that a first visit fetches. */
const SHIPPED = /(?:\.wasm|^main\.js|tweedie\/.*\.js|index\.html|\.safetensors)$/;

const folder = process.argv[2];
const names = (await readdir(folder, { recursive: true })).filter((name) => SHIPPED.test(name)).sort();
const sizeOf = async (path) => (await stat(path).catch(() => null))?.size;
const kilobytes = (bytes) => (bytes === undefined ? "–" : `${(bytes / 1000).toFixed(1)} kB`).padStart(14);

const width = Math.max(...names.map((name) => name.length)) + 2;
console.log(`${"".padEnd(width)}${["raw", "gzip", "brotli"].map((title) => title.padStart(14)).join("")}`);
for (const name of names) {
  const path = join(folder, name);
  const sizes = await Promise.all([path, `${path}.gz`, `${path}.br`].map(sizeOf));
  console.log(name.padEnd(width) + sizes.map(kilobytes).join(""));
}
