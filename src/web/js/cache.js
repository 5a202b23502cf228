// Downloaded files, stored in the browser's Cache API.
import { TweedieError } from "./errors.js";
import { declaredLength, isHtml, request } from "./http.js";
import { unsigned } from "./signature.js";

/** Default name of the cache. */
export const DEFAULT_NAME = "tweedie";
/** Headers that change when a file changes. */
const VALIDATORS = ["etag", "last-modified"];
/** The original Content-Length, which other origins also expose for compressed files. */
const SENT_LENGTH = "x-tweedie-sent-length";
/** Marks the entry of a file that the server does not have, and stores the kind of its response. */
const ABSENT = "x-tweedie-absent";

/**
 * Opens the browser's cache for whole files. The cache is optional: if it is missing (plain http, private windows, Node.js) or refuses
 * to store a file (quota), everything works without it.
 *
 * @param {boolean | string} option true, false, or a name
 * @param {(warning: TweedieError) => void} [onWarning] called if it refuses to store a file
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

/** Files by address, without signature parameters. */
class FileCache {
  #cache;
  #warn;

  constructor(name, cache, warn) {
    this.name = name;
    this.#cache = cache;
    this.#warn = warn;
  }

  /** The stored response, unless the server has a different version. Without network, the stored one is used. */
  async match(url, http) {
    const stored = await this.stored(url);
    return stored && (await isCurrent(stored, url, http)) ? stored : undefined;
  }

  /** The stored response, without checking the server. */
  async stored(url) {
    const stored = await this.#find(url);
    return stored?.headers.has(ABSENT) ? undefined : stored;
  }

  /** How the server reported that it does not have the file; undefined if it was never requested. */
  async absence(url) {
    return (await this.#find(url))?.headers.get(ABSENT) ?? undefined;
  }

  /** Stores a complete file. */
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

  /** Records that the server does not have the file. */
  async putAbsence(url, how) {
    await this.#put(url, new Response(null, { headers: { [ABSENT]: how } }));
  }

  async delete(url) {
    await this.#cache.delete(unsigned(url)).catch(() => false);
  }

  /** The addresses of all stored files. */
  async addresses() {
    return (await this.#cache.keys()).map(({ url }) => url);
  }

  async #find(url) {
    return this.#cache.match(unsigned(url)).catch(() => undefined);
  }

  async #put(url, response) {
    if (!/^https?:/.test(url)) return; // browsers only store these schemes
    try {
      await this.#cache.put(unsigned(url), response);
    } catch (cause) {
      const why = cause.name === "QuotaExceededError" ? "the browser's storage is full" : cause.message;
      this.#warn(new TweedieError("cache", `${unsigned(url)} could not be cached and will be downloaded again: ${why}`, { cause }));
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
  // If the server rejects HEAD or hides these headers from other origins, the stored file is used.
  if (!head.ok) return true;
  return !isHtml(head) && isSameLength(stored, head) && VALIDATORS.every((name) => isSame(validator(head, name), validator(stored, name)));
}

function isSameLength(stored, head) {
  const sent = declaredLength(head);
  return sent === undefined || isSame(String(sent), stored.headers.get(SENT_LENGTH));
}

const isSame = (one, other) => one === null || other === null || one === other;

/** Compression turns a strong ETag into a weak one. */
function validator(response, name) {
  return response.headers.get(name)?.replace(/^W\//, "") ?? null;
}
