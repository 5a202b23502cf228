import { invalidOption, TweedieError } from "./errors.js";
import { checkMemory, isA, reading } from "./plain.js";
import { contentOf } from "./text.js";

/** Maximum number of files in a source. */
const MAX_FILES = 100_000;

/** Reads a checkpoint from contents in memory. */
export function localSource(contents, { signal, progress }) {
  const root = rootFolder([...contents.keys()]);
  return {
    name: "the checkpoint",
    progress,
    async read(path) {
      signal?.throwIfAborted();
      const content = contents.get(root + path);
      if (content === undefined) return undefined;
      const total = content.size ?? content.byteLength;
      progress.report({ file: path, loaded: 0, total });
      const bytes = await toBytes(content, path);
      progress.report({ file: path, loaded: total, total });
      return bytes;
    },
    has: async (path) => contents.has(root + path),
    hint: () => `; it has: ${summary([...contents.keys()])}`,
    close() {},
    async keep() {},
    discard: async () => false,
  };
}

/** Contents by path, from files (a dropped folder) or from a plain object. */
export function contentsByPath(source) {
  const contents = new Map();
  for (const [path, content] of reading("source", () => entries(source))) {
    if (contents.has(path)) throw new TweedieError("malformed-file", `two files have the same path ${path}`);
    if (![Blob, ArrayBuffer, Uint8Array].some((Kind) => isA(content, Kind))) {
      throw invalidOption(
        `source[${JSON.stringify(path)}]`,
        "a File, an ArrayBuffer or a Uint8Array",
        content,
      );
    }
    if (!isA(content, Blob)) checkMemory(path, content.buffer ?? content);
    contents.set(path, content);
  }
  return contents;
}

function entries(source) {
  if (typeof source?.[Symbol.iterator] === "function") {
    const files = [];
    for (const file of source) {
      if (files.length === MAX_FILES) throw invalidOption("source", `a list of at most ${MAX_FILES} files`, source);
      files.push([file?.webkitRelativePath || file?.name || "", file]);
    }
    return files;
  }
  if (typeof source === "object" && source !== null) return Object.entries(source);
  throw invalidOption(
    "source",
    "a Hub id, a folder's address, files, or an object of contents by path",
    source,
  );
}

/** The folder of the checkpoint: the shallowest one that contains a file expected at its root. */
function rootFolder(paths) {
  for (const name of ["model_index.json", "scheduler/scheduler_config.json", "config.json"]) {
    const found = paths
      .filter((path) => path === name || path.endsWith(`/${name}`))
      .sort((a, b) => a.length - b.length)[0];
    if (found !== undefined) return found.slice(0, -name.length);
  }
  return "";
}

async function toBytes(content, path) {
  if (content instanceof Uint8Array) return content;
  if (content instanceof ArrayBuffer) return new Uint8Array(content);
  return new Uint8Array(await contentOf(path, content));
}

function summary(paths) {
  const shown = paths.slice(0, 10).join(", ") || "no files";
  return paths.length > 10 ? `${shown}, and ${paths.length - 10} more` : shown;
}
