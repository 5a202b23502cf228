import { TweedieError } from "./errors.js";

/** Least time between two progress reports of a file, in milliseconds. */
const PROGRESS_INTERVAL = 50;
/** WebAssembly addresses 4 GiB; a file beyond that cannot be loaded, however long one waits for it. */
const LARGEST_FILE = 2 ** 32 - 1;
const FIRST_CAPACITY = 2 ** 16;

/**
 * Downloads a file, or takes it from the cache.
 *
 * @param {string} url
 * @param {{ file: string, cache: object | null, signal?: AbortSignal, onProgress: Function }} context `file` names it in reports
 * @returns {Promise<{ bytes?: Uint8Array, absent?: "not-found" | "html" }>} `absent` says how the server denied having it
 */
export async function download(url, { file, cache, signal, onProgress }) {
  signal?.throwIfAborted();
  const stored = await cache?.match(url, signal);
  const response = stored ?? (await request(url, { signal }));
  const absent = stored ? undefined : absence(response, url);
  if (absent) {
    await response.body?.cancel();
    return { absent };
  }
  const bytes = await readBody(response, { url, file, signal, onProgress });
  if (!stored) await cache?.put(url, bytes, response.headers);
  return { bytes };
}

/** Whether the server has a file, without fetching it. */
export async function exists(url, signal) {
  const response = await request(url, { method: "HEAD", signal });
  return response.ok && !isHtml(response);
}

async function request(url, options) {
  try {
    return await fetch(url, options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    const why =
      globalThis.navigator?.onLine === false
        ? "there is no network"
        : "the network failed, or the server does not let this page read it (CORS)";
    throw new TweedieError("network", `${url} could not be fetched: ${why}`, { cause });
  }
}

/** How the response says that there is no such file; other refusals throw. */
function absence(response, url) {
  const { status } = response;
  if (status === 404 || status === 410) return "not-found";
  if (response.ok) return isHtml(response) ? "html" : undefined;
  if (status === 401 || status === 403) {
    throw new TweedieError(
      "http",
      `${url} is refused (HTTP ${status}): the model is private or gated, or does not exist`,
    );
  }
  const advice = status === 429 || status >= 500 ? "; try again later" : "";
  throw new TweedieError(
    "http",
    `${url} was answered with HTTP ${status} ${response.statusText}`.trimEnd() + advice,
  );
}

/** Servers of single-page apps answer every address with their page; a checkpoint holds no HTML. */
function isHtml(response) {
  return /^text\/html\b/i.test(response.headers.get("content-type") ?? "");
}

async function readBody(response, { url, file, signal, onProgress }) {
  const length = declaredLength(response);
  if (length > LARGEST_FILE)
    throw new TweedieError("unsupported", `${url} has ${length} bytes, more than WebAssembly can address`);
  const body = new GrowingBytes(length || FIRST_CAPACITY, file);
  const report = throttled((loaded) =>
    onProgress({ file, loaded, total: length === undefined || loaded > length ? undefined : length }),
  );
  const reader = response.body?.getReader();
  try {
    report(0);
    for (let chunk; (chunk = await nextChunk(reader)); report(body.length)) body.append(chunk);
  } catch (error) {
    reader?.cancel().catch(() => {});
    signal?.throwIfAborted();
    throw error instanceof BrokenStream ? brokenOff(url, body.length, length, error.cause) : error;
  }
  if (encodingIsKnown(response) && body.length < length) throw brokenOff(url, body.length, length);
  report.last(body.length);
  return body.bytes();
}

/** The stream's next bytes, or undefined at its end. */
async function nextChunk(reader) {
  try {
    return (await reader?.read())?.value;
  } catch (cause) {
    throw new BrokenStream("", { cause });
  }
}

/** Tells a failure of the stream from one of the callbacks. */
class BrokenStream extends Error {}

/** Bytes that will arrive, where the server says so and does not compress. */
function declaredLength(response) {
  const declared = response.headers.get("content-length");
  return declared === null || response.headers.has("content-encoding") ? undefined : Number(declared);
}

/** Other origins show Content-Length but hide Content-Encoding, so that their length may be that of compressed bytes. */
function encodingIsKnown(response) {
  return response.type !== "cors";
}

function brokenOff(url, loaded, total, cause) {
  const amount = total === undefined ? `${loaded} bytes` : `${loaded} of ${total} bytes`;
  return new TweedieError("network", `the download of ${url} broke off after ${amount}; try again`, {
    cause,
  });
}

/** Calls `report` at most once per interval, and for certain through `last`. */
function throttled(report) {
  let previous = -Infinity;
  const now = (value) => {
    previous = performance.now();
    report(value);
  };
  const later = (value) => {
    if (performance.now() - previous >= PROGRESS_INTERVAL) now(value);
  };
  return Object.assign(later, { last: now });
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
