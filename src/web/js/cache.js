// Files that were downloaded, kept in the browser's Cache API.
import { TweedieError } from "./errors.js";
import { declaredLength, isHtml, request } from "./http.js";
import { unsigned } from "./signature.js";

/** Name of the cache when the caller gives none. */
export const DEFAULT_NAME = "tweedie";
/** Headers that differ when a file changed. */
const VALIDATORS = ["etag", "last-modified"];
/** The Content-Length that the server sent, which other origins also show for compressed files. */
const SENT_LENGTH = "x-tweedie-sent-length";
/** Marks the record of a file that the server does not have, and says how it denied it. */
const ABSENT = "x-tweedie-absent";

/**
 * Opens the browser's cache for whole files. A cache is a convenience: where it is missing (plain http, private windows, Node.js) or refuses
 * (quota), everything works without it.
 *
 * @param {boolean | string} option true, false, or a name
 * @param {(warning: TweedieError) => void} [onWarning] told when it refuses to keep a file
 * @returns {Promise<FileCache | null>}
 */
export async function openCache(option, onWarning = () => {}) {
  if (option === false) return null;
  const name = option === true ? DEFAULT_NAME : option;
  try {
    return new FileCache(name, await globalThis.caches.open(name), onWarning);
  } catch {
    return null;
  }
}

/** Files by their address, without what signs it. */
class FileCache {
  #cache;
  #warn;

  constructor(name, cache, warn) {
    this.name = name;
    this.#cache = cache;
    this.#warn = warn;
  }

  /** The stored response, unless the server has another version by now. Without network, the stored one is taken. */
  async match(url, http) {
    const stored = await this.stored(url);
    return stored && (await isCurrent(stored, url, http)) ? stored : undefined;
  }

  /** The stored response, whatever the server has. */
  async stored(url) {
    const stored = await this.#find(url);
    return stored?.headers.has(ABSENT) ? undefined : stored;
  }

  /** How the server denied having the file; undefined where it was never asked. */
  async absence(url) {
    return (await this.#find(url))?.headers.get(ABSENT) ?? undefined;
  }

  /** Stores a file that arrived whole. */
  async put(url, bytes, response) {
    const received = response.headers;
    const headers = new Headers({ "content-length": String(bytes.byteLength) });
    for (const name of ["content-type", ...VALIDATORS]) {
      if (received.has(name)) headers.set(name, received.get(name));
    }
    const sent = declaredLength(response);
    if (sent !== undefined) headers.set(SENT_LENGTH, String(sent));
    await this.#put(url, new Response(bytes, { headers }));
  }

  /** Remembers that the server does not have the file. */
  async putAbsence(url, how) {
    await this.#put(url, new Response(null, { headers: { [ABSENT]: how } }));
  }

  async delete(url) {
    await this.#cache.delete(unsigned(url)).catch(() => false);
  }

  /** The addresses of everything that is stored. */
  async addresses() {
    return (await this.#cache.keys()).map(({ url }) => url);
  }

  async #find(url) {
    return this.#cache.match(unsigned(url)).catch(() => undefined);
  }

  async #put(url, response) {
    if (!/^https?:/.test(url)) return; // the only schemes that browsers store
    try {
      await this.#cache.put(unsigned(url), response);
    } catch (cause) {
      const why = cause.name === "QuotaExceededError" ? "the browser's storage is full" : cause.message;
      this.#warn(new TweedieError("cache", `${unsigned(url)} could not be cached, and will be downloaded again: ${why}`, { cause }));
    }
  }
}

async function isCurrent(stored, url, http) {
  let head;
  try {
    head = await request(url, { ...http, method: "HEAD", attempts: 1, cache: "no-cache" });
  } catch {
    http.signal?.throwIfAborted();
    return true;
  }
  if (head.status === 404 || head.status === 410) return false;
  // A server that refuses HEAD, or hides these headers from other origins, cannot tell: the stored file stands.
  if (!head.ok) return true;
  return !isHtml(head) && isSameLength(stored, head) && VALIDATORS.every((name) => isSame(validator(head, name), validator(stored, name)));
}

function isSameLength(stored, head) {
  const sent = declaredLength(head);
  return sent === undefined || isSame(String(sent), stored.headers.get(SENT_LENGTH));
}

const isSame = (one, other) => one === null || other === null || one === other;

/** Compression on the way turns a strong ETag into a weak one. */
function validator(response, name) {
  return response.headers.get(name)?.replace(/^W\//, "") ?? null;
}
