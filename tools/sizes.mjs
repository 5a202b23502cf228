// Prints what a folder's files weigh, as they are and compressed: node src/web/js/sizes.mjs <folder>
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** What a browser fetches. */
const SHIPPED = [".js", ".wasm"];
/** The highest level, 11, saves another sixth but needs minutes for the module. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

const folder = process.argv[2];
const names = (await readdir(folder)).filter((name) => SHIPPED.includes(extname(name))).sort();
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(14);

console.log(`${"".padEnd(24)}${["raw", "gzip", "brotli"].map((title) => title.padStart(14)).join("")}`);
for (const name of names) {
  const bytes = await readFile(join(folder, name));
  const compressed = await Promise.all([
    promisify(gzip)(bytes, { level: 9 }),
    promisify(brotliCompress)(bytes, BROTLI),
  ]);
  console.log(name.padEnd(24) + [bytes, ...compressed].map(({ length }) => kilobytes(length)).join(""));
}
