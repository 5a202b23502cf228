// Requests that end: with an answer, or with an error that says why there is none.
import { TweedieError } from "./errors.js";
import { platform } from "./platform.js";
import { unsigned } from "./signature.js";

/** Milliseconds of silence after which a server counts as lost. */
export const DEFAULT_TIMEOUT = 30_000;
/** How often a server that is busy is asked. */
const MAX_ATTEMPTS = 4;
/** The wait before the second attempt, in milliseconds; each further one is twice as long. */
const FIRST_WAIT = 1000;
/** The longest Retry-After that is waited for, in milliseconds. */
const MAX_WAIT = 60_000;
/** Answers of a server that may have another one later. */
const BUSY = [408, 429, 500, 502, 503, 504];
/** The longest delay of a timer. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Fetches, and asks a busy server again when it says so.
 *
 * @param {string | Request} url
 * @param {object} [options]
 * @param {string} [options.method]
 * @param {HeadersInit} [options.headers]
 * @param {Function} [options.fetch] takes the place of the platform's
 * @param {AbortSignal} [options.signal]
 * @param {number} [options.timeout] milliseconds without an answer
 * @param {number} [options.attempts] how often a busy server is asked
 * @returns {Promise<Response>} of any status
 */
export async function request(url, { attempts = MAX_ATTEMPTS, ...options } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await ask(url, options);
    const wait = retryAfter(response) ?? FIRST_WAIT * 2 ** (attempt - 1);
    if (!BUSY.includes(response.status) || attempt >= attempts || wait > MAX_WAIT) return response;
    await response.body?.cancel();
    await pause(wait, options.signal);
  }
}

async function ask(url, { fetch = platform.fetch, signal, timeout = DEFAULT_TIMEOUT, ...init }) {
  signal?.throwIfAborted();
  const controller = new AbortController();
  try {
    return await within(timeout, fetch(url, { ...init, signal: controller.signal }), signal);
  } catch (cause) {
    controller.abort();
    signal?.throwIfAborted();
    throw new TweedieError("network", `${unsigned(url.url ?? url)} could not be fetched: ${reason(cause, timeout)}`, { cause });
  }
}

function reason(cause, timeout) {
  if (cause instanceof Silence) return `the server has not answered for ${timeout} ms`;
  if (globalThis.navigator?.onLine === false) return "there is no network";
  return "the network failed, or the server does not let this page read it (CORS), or a content security policy forbids it (connect-src)";
}

/** The wait that the server asks for, in milliseconds; undefined where it asks for none. */
export function retryAfter(response) {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const wait = /^\d+$/.test(value) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/**
 * The chunks of a body.
 * @throws {BrokenStream} when it breaks off, or the server has fallen silent
 */
export async function* bodyOf(response, { signal, timeout = DEFAULT_TIMEOUT } = {}) {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await next(reader, timeout, signal);
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function next(reader, timeout, signal) {
  try {
    return await within(timeout, reader.read(), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new BrokenStream(cause instanceof Silence ? `no data came for ${timeout} ms` : cause.message, { cause });
  }
}

/** Tells a failure of the stream from one of its readers. */
export class BrokenStream extends Error {}

/** Nothing came for a while. */
export class Silence extends Error {}

/** The promise's result, unless it takes longer, or the signal is aborted before. */
export function within(timeout, promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const timer = timeout <= MAX_DELAY ? setTimeout(() => reject(new Silence()), timeout) : undefined;
    signal?.addEventListener("abort", abort, { once: true });
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      });
    if (signal?.aborted) abort();
  });
}

/** Waits, unless the signal is aborted. */
export async function pause(milliseconds, signal) {
  let timer;
  try {
    await within(Infinity, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds))), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Bytes that will arrive, where the server says so and does not compress. */
export function declaredLength(response) {
  const declared = response.headers.get("content-length");
  return declared === null || response.headers.has("content-encoding") ? undefined : Number(declared);
}

/** Servers of single-page apps answer every address with their page. */
export function isHtml(response) {
  return /^text\/html\b/i.test(response.headers.get("content-type") ?? "");
}
