// Compressed twins of files, which `sirv` and most hosts send in their place: main.js.br and main.js.gz beside main.js.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Pictures, fonts and archives are compressed already. */
const COMPRESSIBLE = /\.(?:css|html|js|json|safetensors|svg|wasm|webmanifest)$/;
/** The highest quality saves another sixth, but takes minutes for the large module. */
const QUALITY = { small: 11, large: 9 };
const LARGE = 2 ** 20; // bytes
/** A twin that saves less than this share is not worth a file. */
const MIN_SAVING = 0.02;

/** Writes the twins of those files of a folder that shrink, several at a time. */
export async function compress(folder, paths) {
  await Promise.all(paths.filter((path) => COMPRESSIBLE.test(path)).map((path) => compressFile(join(folder, path))));
}

async function compressFile(path) {
  const bytes = await readFile(path);
  const quality = bytes.length > LARGE ? QUALITY.large : QUALITY.small;
  const twins = {
    br: await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    gz: await promisify(gzip)(bytes, { level: 9 }),
  };
  for (const [ending, twin] of Object.entries(twins)) {
    if (twin.length < (1 - MIN_SAVING) * bytes.length) await writeFile(`${path}.${ending}`, twin);
  }
}
