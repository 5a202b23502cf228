// Writes compressed copies of files, such as main.js.br and main.js.gz next to main.js, which `sirv` and most hosts serve instead.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { ROOT } from "./root.mjs";

/** Images, fonts and archives are already compressed. */
const COMPRESSIBLE = /\.(?:css|html|js|json|safetensors|svg|wasm|webmanifest)$/;
/** Brotli quality. The highest takes 15 seconds for the small module and minutes for the large one; weights hardly compress. */
const QUALITY = { usual: 11, large: 9, weights: 5 };
const LARGE = 6 * 2 ** 20; // bytes
/** Minimum fraction of bytes that a compressed copy must save. */
const MIN_SAVING = 0.02;
/** Cache of compressed files from earlier builds, by their contents. */
const CACHE = join(ROOT, "node_modules/.cache/tweedie-compressed");

/** Writes compressed copies of the files of a folder, several at a time. */
export async function compress(folder, paths) {
  await mkdir(CACHE, { recursive: true });
  await Promise.all(paths.filter((path) => COMPRESSIBLE.test(path)).map((path) => compressFile(join(folder, path))));
}

async function compressFile(path) {
  const bytes = await readFile(path);
  const quality = qualityOf(path, bytes);
  const twins = {
    br: () => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    gz: () => promisify(gzip)(bytes, { level: 9 }),
  };
  for (const [ending, make] of Object.entries(twins)) {
    const twin = await cached(`${createHash("sha256").update(bytes).digest("hex")}-${quality}.${ending}`, make);
    if (twin.length < (1 - MIN_SAVING) * bytes.length) await writeFile(`${path}.${ending}`, twin);
  }
}

function qualityOf(path, { length }) {
  if (path.endsWith(".safetensors")) return QUALITY.weights;
  return length > LARGE ? QUALITY.large : QUALITY.usual;
}

async function cached(name, make) {
  const path = join(CACHE, name);
  const stored = await readFile(path).catch(() => null);
  if (stored !== null) return stored;
  const made = await make();
  await writeFile(path, made);
  return made;
}
