// Compressed twins of files, which `sirv` and most hosts send in their place: main.js.br and main.js.gz beside main.js.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { ROOT } from "./root.mjs";

/** Pictures, fonts and archives are compressed already. */
const COMPRESSIBLE = /\.(?:css|html|js|json|safetensors|svg|wasm|webmanifest)$/;
/** Brotli's quality. The highest takes a quarter of a minute for the small module and minutes for the large one; weights are hardly worth any. */
const QUALITY = { usual: 11, large: 9, weights: 5 };
const LARGE = 6 * 2 ** 20; // bytes
/** A twin that saves less than this share is not worth a file. */
const MIN_SAVING = 0.02;
/** What was compressed by an earlier build, by what it was compressed from. */
const CACHE = join(ROOT, "node_modules/.cache/tweedie-compressed");

/** Writes the twins of those files of a folder that shrink, several at a time. */
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
