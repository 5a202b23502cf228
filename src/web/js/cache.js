/** Name of the cache when the caller gives none. */
const DEFAULT_NAME = "tweedie";

/**
 * Opens the browser's cache for whole files, keyed by address. A cache is a convenience: where it is missing
 * (plain http, private windows) or refuses (quota), everything works without it.
 *
 * @param {boolean | string} option true, false, or a name
 * @returns {Promise<FileCache | null>}
 */
export async function openCache(option) {
  if (option === false) return null;
  try {
    return new FileCache(await globalThis.caches.open(option === true ? DEFAULT_NAME : option));
  } catch {
    return null;
  }
}

class FileCache {
  #cache;

  constructor(cache) {
    this.#cache = cache;
  }

  /** The stored response, unless the server has another version by now. Without network, the stored one is taken. */
  async match(url, signal) {
    const stored = await this.#cache.match(url).catch(() => undefined);
    return stored && (await isCurrent(stored, url, signal)) ? stored : undefined;
  }

  /** Stores a file that arrived whole. */
  async put(url, bytes, received) {
    const headers = new Headers({ "content-length": String(bytes.byteLength) });
    for (const name of ["content-type", ...VALIDATORS]) {
      if (received.has(name)) headers.set(name, received.get(name));
    }
    await this.#cache.put(url, new Response(bytes, { headers })).catch(() => undefined);
  }
}

/** Headers that differ when a file changed. */
const VALIDATORS = ["etag", "last-modified"];

async function isCurrent(stored, url, signal) {
  let head;
  try {
    head = await fetch(url, { method: "HEAD", cache: "no-cache", signal });
  } catch {
    signal?.throwIfAborted();
    return true;
  }
  if (head.status === 404 || head.status === 410) return false;
  // A server that refuses HEAD, or hides these headers from other origins, cannot tell: the stored file stands.
  if (!head.ok) return true;
  return VALIDATORS.every(
    (name) =>
      !head.headers.has(name) ||
      !stored.headers.has(name) ||
      validator(head, name) === validator(stored, name),
  );
}

/** Compression on the way turns a strong ETag into a weak one. */
function validator(response, name) {
  return response.headers.get(name).replace(/^W\//, "");
}
