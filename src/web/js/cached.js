// Functions for applications to inspect and clear the cache.
import { DEFAULT_NAME, openCache } from "./cache.js";
import { invalidOption } from "./errors.js";
import { checkpointFiles } from "./layout.js";
import { refuseUnknown } from "./options.js";
import { unsigned } from "./signature.js";
import { belongsTo, checkCacheOption, fileAddress, locateSource } from "./source.js";

/** Whether a checkpoint can be loaded without network. */
export async function isCached(source, options = {}) {
  const place = networkPlace(source, options);
  const cache = await openCache(options.cache ?? true);
  if (cache === null) return false;
  try {
    for await (const _ of checkpointFiles(offlineSource(place, cache)));
    return true;
  } catch (error) {
    if (error instanceof NotCached || error?.name === "TweedieError") return false;
    throw error;
  }
}

/** Deletes cached files: all, or those of one checkpoint. */
export async function clearCache(source, options = {}) {
  if (source === undefined) {
    const { cache = true } = checkOptions(options, ["cache"]);
    if (cache !== false) await globalThis.caches?.delete(cache === true ? DEFAULT_NAME : cache).catch(() => false);
    return;
  }
  const { folder, repository } = networkPlace(source, options);
  const isOne = (address) =>
    options.revision === undefined ? belongsTo({ folder, repository }, address) : address.startsWith(unsigned(folder));
  const cache = await openCache(options.cache ?? true);
  const addresses = ((await cache?.addresses()) ?? []).filter(isOne);
  await Promise.all(addresses.map((address) => cache.delete(address)));
}

/** Size of the cache, and the storage quota of the page. */
export async function usage(options = {}) {
  checkOptions(options, ["cache"]);
  const cache = await openCache(options.cache ?? true);
  const addresses = (await cache?.addresses()) ?? [];
  const stored = (await Promise.all(addresses.map((address) => cache.stored(address)))).filter(Boolean);
  const bytes = stored.reduce((sum, { headers }) => sum + Number(headers.get("content-length")), 0);
  const { quota } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {};
  return { files: stored.length, bytes, quota };
}

function networkPlace(source, options) {
  const { revision, endpoint, cache = true } = checkOptions(options, ["revision", "endpoint", "cache"]);
  const place = locateSource(source, { revision, endpoint, cache });
  if (place === undefined) throw invalidOption("source", "a Hub id or a folder's address", source);
  return place;
}

function checkOptions(options, known) {
  refuseUnknown(options, known);
  checkCacheOption(options.cache ?? true);
  return options;
}

class NotCached extends Error {}

/** Reads cached files only; for weights it only checks that they exist. */
function offlineSource({ folder }, cache) {
  return {
    name: unsigned(folder),
    progress: { announce() {} },
    async read(path) {
      const url = fileAddress(folder, path);
      const stored = await cache.stored(url);
      if (stored) return path.endsWith(".json") ? new Uint8Array(await stored.arrayBuffer()) : new Uint8Array();
      if ((await cache.absence(url)) === undefined) throw new NotCached();
      return undefined;
    },
    has: async () => false,
    hint: () => "",
  };
}
