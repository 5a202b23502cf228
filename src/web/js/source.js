import { FOLDER, HUB, locate } from "./source-address.js";
import { openCache } from "./cache.js";
import { contentsByPath, localSource } from "./contents.js";
import { download, exists } from "./download.js";
import { invalidOption } from "./errors.js";
import { isA } from "./plain.js";
import { unsigned } from "./signature.js";
import { TotalProgress } from "./total-progress.js";

/** File patterns of a checkpoint folder. */
const CHECKPOINT_FILE = /^(unet\/|scheduler\/)?[^/]+\.(json|safetensors)$/;

/**
 * Opens a checkpoint from any kind of source. The result reads files by their path inside the checkpoint.
 *
 * @param source Hub id, address of a folder, files, or contents by path
 * @param {object} [options] options of `Pipeline.fromPretrained`
 */
export async function openSource(source, { cache = true, signal, onProgress = () => {}, onWarning, fetch, headers, token, timeout, ...where } = {}) {
  const progress = new TotalProgress(onProgress);
  const place = locateSource(source, { cache, ...where });
  if (place === undefined) return localSource(contentsByPath(source), { signal, progress });
  const http = { fetch, headers: requestHeaders(headers, token), timeout };
  return networkSource(place, { cache: await openCache(cache, onWarning), signal, progress, http });
}

/** The network location of the checkpoint; undefined for files and contents. */
export function locateSource(source, { revision, endpoint = HUB, cache }) {
  checkOptions({ revision, endpoint, cache });
  if (typeof source !== "string" && !isA(source, URL)) return undefined;
  return locate(String(source), { revision, endpoint });
}

/** The address of a file. */
export function fileAddress(folder, path) {
  const url = new URL(path, folder);
  url.search = folder.search; // keeps the signature of a signed address
  return url.href;
}

/** Whether an address belongs to a file of this checkpoint, in any revision. */
export function belongsTo({ folder, repository }, address) {
  if (repository !== undefined) return address.startsWith(repository);
  const start = folder.origin + folder.pathname;
  return address.startsWith(start) && CHECKPOINT_FILE.test(new URL(address).pathname.slice(folder.pathname.length));
}

function networkSource(place, { cache, signal, progress, http }) {
  const { folder } = place;
  const closing = new AbortController();
  const used = new Map();
  let sawHtml = false;
  const abort = () => closing.abort(signal.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return {
    name: unsigned(folder),
    progress,
    async read(path) {
      const url = fileAddress(folder, path);
      const onProgress = (report) => progress.report(report);
      const answer = await download(url, { file: path, cache, signal: closing.signal, onProgress, http });
      used.set(unsigned(url), answer.isStored);
      if (answer.absent) progress.drop(path);
      sawHtml ||= answer.absent === "html";
      return answer.bytes;
    },
    has: (path) => exists(fileAddress(folder, path), { signal: closing.signal, http }),
    hint: () => (sawHtml ? "; the server answered with an HTML page instead: is the address right?" : ""),
    /** Aborts all pending reads. */
    close() {
      signal?.removeEventListener("abort", abort);
      closing.abort();
    },
    /** Called when the files are valid: removes those of other revisions from the cache. */
    async keep() {
      const addresses = (await cache?.addresses()) ?? [];
      const old = addresses.filter((address) => belongsTo(place, address) && !used.has(address));
      await Promise.all(old.map((address) => cache.delete(address)));
    },
    /** Called when the files are malformed: removes them from the cache. Returns whether some came from the cache, so that a new download may help. */
    async discard() {
      await Promise.all([...used.keys()].map((address) => cache?.delete(address)));
      return [...used.values()].includes(true);
    },
  };
}

function requestHeaders(headers, token) {
  if (headers === undefined && token === undefined) return undefined;
  const all = new Headers(headers);
  if (token !== undefined) all.set("authorization", `Bearer ${token}`);
  return all;
}

function checkOptions({ revision, endpoint, cache }) {
  if (revision !== undefined && (typeof revision !== "string" || revision === ""))
    throw invalidOption("revision", "a branch, tag or commit", revision);
  if (!(typeof endpoint === "string" && FOLDER.test(endpoint)))
    throw invalidOption("endpoint", "the address of a Hub", endpoint);
  checkCacheOption(cache);
}

/** Validates the option `cache`. */
export function checkCacheOption(cache) {
  if (typeof cache !== "boolean" && (typeof cache !== "string" || cache === ""))
    throw invalidOption("cache", "true, false or a name", cache);
}
