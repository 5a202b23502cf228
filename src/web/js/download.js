// Files of checkpoints: downloaded once for all who wait for them, resumed where they broke off, kept in the cache.
import { refusal } from "./refusal.js";
import { TweedieError } from "./errors.js";
import { bodyOf, BrokenStream, declaredLength, isHtml, pause, request } from "./http.js";
import { Progress } from "./progress.js";
import { SharedTasks } from "./shared-tasks.js";
import { unsigned } from "./signature.js";

/** WebAssembly addresses 4 GiB; a file beyond that cannot be loaded, however long one waits for it. */
const MAX_FILE_BYTES = 2 ** 32 - 1;
const FIRST_CAPACITY = 2 ** 16;
/** How often in succession a download may break off before it has gained `GAIN` bytes. */
const MAX_FAILURES = 5;
const GAIN = 2 ** 20;
/** The wait before a download is resumed for the second time, in milliseconds. */
const RESUME_WAIT = 1000;

const running = new SharedTasks();

/**
 * Downloads a file, or takes it from the cache. Calls for the same file share one transfer, which ends when all of them are aborted.
 *
 * @param {string} url
 * @param {object} context
 * @param {string} context.file its name in reports
 * @param {object | null} context.cache
 * @param {AbortSignal} [context.signal]
 * @param {Function} context.onProgress
 * @param {{ fetch?: Function, headers?: Headers, timeout?: number }} [context.http] how to ask
 * @returns {Promise<{ bytes?: Uint8Array, absent?: "not-found" | "html", isStored: boolean }>} `absent` says how the server denied having it;
 *   `isStored`: it came from the cache
 */
export async function download(url, { file, cache, signal, onProgress, http = {} }) {
  signal?.throwIfAborted();
  const key = [url, cache?.name, http.fetch, http.timeout, JSON.stringify([...(http.headers ?? [])])];
  return running.join(key, signal, onProgress, (signal, onProgress) => obtain(url, { file, cache, signal, onProgress, http }));
}

async function obtain(url, context) {
  const { cache, signal, http } = context;
  const stored = await storedBytes(url, context);
  if (stored) return { bytes: stored, isStored: true };
  let response;
  try {
    response = await request(url, { ...http, signal });
  } catch (error) {
    // Without network, what was found absent before is still absent.
    const absent = error.code === "network" ? await cache?.absence(url) : undefined;
    if (absent) return { absent, isStored: true };
    throw error;
  }
  const absent = absence(response, url);
  if (absent) {
    await response.body?.cancel();
    await cache?.putAbsence(url, absent);
    return { absent, isStored: false };
  }
  const bytes = await new Transfer(url, response, context).bytes();
  await cache?.put(url, bytes, response);
  return { bytes, isStored: false };
}

/** The bytes in the cache; undefined where there are none, or too few. */
async function storedBytes(url, context) {
  const { cache, signal, http } = context;
  const stored = await cache?.match(url, { ...http, signal });
  if (!stored) return undefined;
  try {
    return await new Transfer(url, stored, context).bytes();
  } catch (error) {
    if (error.code !== "network") throw error;
    await cache.delete(url);
    return undefined;
  }
}

/** Whether the server has a file, without fetching it. */
export async function exists(url, { signal, http = {} } = {}) {
  const response = await request(url, { ...http, method: "HEAD", signal });
  return response.ok && !isHtml(response);
}

/** How the response says that there is no such file; other refusals throw. */
function absence(response, url) {
  if (response.ok) return isHtml(response) ? "html" : undefined;
  const error = refusal(response, url);
  if (error !== undefined) throw error;
  return "not-found";
}

/** A body on its way, which is resumed where it breaks off. */
class Transfer {
  #url;
  #context;
  #response;
  #length;
  #body;
  #progress;

  constructor(url, response, context) {
    this.#url = url;
    this.#context = context;
    this.#take(response);
  }

  #take(response) {
    const length = declaredLength(response);
    if (length > MAX_FILE_BYTES)
      throw new TweedieError("unsupported", `${unsigned(this.#url)} has ${length} bytes; WebAssembly addresses at most ${MAX_FILE_BYTES}`);
    this.#response = response;
    this.#length = length;
  }

  async bytes() {
    const { file, signal, onProgress, http } = this.#context;
    this.#body = new GrowingBytes(this.#length || FIRST_CAPACITY, file);
    this.#progress = new Progress(file, this.#length, onProgress);
    let [failures, gained] = [0, 0];
    for (let response = this.#response; ; ) {
      const before = this.#body.length;
      try {
        for await (const chunk of bodyOf(response, { signal, timeout: http.timeout })) {
          this.#body.append(chunk);
          this.#progress.add(chunk.byteLength);
        }
        this.#checkLength();
        break;
      } catch (error) {
        if (!(error instanceof BrokenStream)) throw error;
        gained += this.#body.length - before;
        [failures, gained] = gained >= GAIN ? [1, 0] : [failures + 1, gained];
        if (failures > MAX_FAILURES || !this.#isResumable()) throw this.#brokenOff(error);
        response = await this.#resumed(error, failures);
      }
    }
    this.#progress.end();
    return this.#body.bytes();
  }

  /** Whether the rest can be told to be that of the same file. */
  #isResumable() {
    return this.#body.length > 0 && (strongTag(this.#response) ?? this.#response.headers.get("last-modified")) !== null;
  }

  /** The response with the rest, or with the whole file where the server gives no parts. */
  async #resumed(error, failures) {
    const { signal, http } = this.#context;
    if (failures > 1) await pause(RESUME_WAIT * 2 ** (failures - 2), signal);
    const from = this.#body.length;
    const headers = new Headers(http.headers);
    headers.set("range", `bytes=${from}-`);
    const response = await request(this.#url, { ...http, headers, signal });
    if (response.status === 206 && isSameFile(response, this.#response) && startOf(response, from) === from) return response;
    if (response.status !== 200) {
      await response.body?.cancel();
      throw this.#brokenOff(error);
    }
    this.#take(response);
    this.#body = new GrowingBytes(this.#length || FIRST_CAPACITY, this.#context.file);
    this.#progress.restart(this.#length);
    return response;
  }

  /** Other origins show Content-Length but hide Content-Encoding, so that their length may be that of compressed bytes. */
  #checkLength() {
    if (this.#response.type !== "cors" && this.#body.length < this.#length) throw new BrokenStream("the connection was closed");
  }

  #brokenOff(cause) {
    const amount = this.#length === undefined ? `${this.#body.length} bytes` : `${this.#body.length} of ${this.#length} bytes`;
    return new TweedieError("network", `the download of ${unsigned(this.#url)} broke off after ${amount} (${cause.message}); try again`, { cause });
  }
}

/** An ETag that promises the same bytes. */
function strongTag(response) {
  const tag = response.headers.get("etag");
  return tag?.startsWith("W/") ? null : tag;
}

function isSameFile(part, whole) {
  const tag = strongTag(whole);
  if (tag !== null) return strongTag(part) === tag;
  return part.headers.get("last-modified") === whole.headers.get("last-modified");
}

/** Where a part begins; other origins may hide it. */
function startOf(response, otherwise) {
  const range = response.headers.get("content-range");
  return range === null ? otherwise : Number(/^bytes (\d+)-/.exec(range)?.[1]);
}

/** Collects chunks in one buffer, which needs no second copy when its capacity was guessed right. */
class GrowingBytes {
  #buffer;
  #file;
  length = 0;

  constructor(capacity, file) {
    this.#file = file;
    this.#buffer = this.#allocate(capacity);
  }

  append(chunk) {
    const needed = this.length + chunk.byteLength;
    if (needed > this.#buffer.byteLength) {
      const grown = this.#allocate(Math.max(needed, 2 * this.#buffer.byteLength));
      grown.set(this.bytes());
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.length);
    this.length = needed;
  }

  bytes() {
    return this.#buffer.subarray(0, this.length);
  }

  #allocate(capacity) {
    try {
      return new Uint8Array(capacity);
    } catch (cause) {
      throw new TweedieError(
        "out-of-memory",
        `${this.#file} needs ${capacity} bytes of memory, which this tab does not have`,
        { cause },
      );
    }
  }
}
