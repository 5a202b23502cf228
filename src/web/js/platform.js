// What differs between a browser and Node.js, Deno and Bun; `node.js` replaces it there.
export const platform = {
  /** The address that relative ones refer to. */
  base: () => globalThis.document?.baseURI ?? globalThis.location?.href,
  /** Fetches any address. */
  fetch: (url, init) => globalThis.fetch(url, init),
};
