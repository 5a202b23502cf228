// Functions that differ between browsers and Node.js, Deno and Bun, where `node.js` replaces them.
export const platform = {
  /** The base of relative addresses. */
  base: () => globalThis.document?.baseURI ?? globalThis.location?.href,
  /** Fetches any address. */
  fetch: (url, init) => globalThis.fetch(url, init),
};
