// HTTP requests with retries and timeouts.
import { TweedieError } from "./errors.js";
import { platform } from "./platform.js";
import { unsigned } from "./signature.js";

/** Default timeout without any data, in milliseconds. */
export const DEFAULT_TIMEOUT = 30_000;
/** Maximum number of attempts for a busy server. */
const MAX_ATTEMPTS = 4;
/** Delay before the second attempt, in milliseconds; it doubles with each further attempt. */
const FIRST_WAIT = 1000;
/** Maximum Retry-After, in milliseconds. */
const MAX_WAIT = 60_000;
/** Status codes for which the request is repeated. */
const BUSY = [408, 429, 500, 502, 503, 504];
/** Maximum delay of a timer. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Fetches a URL, and repeats the request if the server is busy.
 *
 * @param {string | Request} url
 * @param {object} [options]
 * @param {string} [options.method]
 * @param {HeadersInit} [options.headers]
 * @param {Function} [options.fetch] replaces the platform's `fetch`
 * @param {AbortSignal} [options.signal]
 * @param {number} [options.timeout] milliseconds without a response
 * @param {number} [options.attempts] maximum number of attempts
 * @returns {Promise<Response>} with any status
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
  if (cause instanceof Silence) return `the server has not responded for ${timeout} ms`;
  if (globalThis.navigator?.onLine === false) return "there is no network";
  return "the network failed, or the server does not let this page read it (CORS), or a content security policy forbids it (connect-src)";
}

/** The delay requested by the server, in milliseconds; undefined if there is none. */
export function retryAfter(response) {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const wait = /^\d+$/.test(value) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/**
 * The chunks of a body.
 * @throws {BrokenStream} if the download is interrupted or the server stops responding
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
    throw new BrokenStream(cause instanceof Silence ? `no data for ${timeout} ms` : cause.message, { cause });
  }
}

/** An error of the stream itself, as opposed to one of its readers. */
export class BrokenStream extends Error {}

/** No data within the timeout. */
export class Silence extends Error {}

/** Awaits a promise; rejects after the timeout or when the signal is aborted. */
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

/** Waits; rejects if the signal is aborted. */
export async function pause(milliseconds, signal) {
  let timer;
  try {
    await within(Infinity, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds))), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The expected number of bytes, if the server reports it and does not compress. */
export function declaredLength(response) {
  const declared = response.headers.get("content-length");
  return declared === null || response.headers.has("content-encoding") ? undefined : Number(declared);
}

/** Servers of single-page apps return their page for every address. */
export function isHtml(response) {
  return /^text\/html\b/i.test(response.headers.get("content-type") ?? "");
}
