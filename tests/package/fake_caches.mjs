/** Replaces the browser's Cache API during a test. */
export function installCaches(test, { put } = {}) {
  const named = new Map();
  const opened = [];
  const open = async (name) => {
    opened.push(name);
    if (!named.has(name)) named.set(name, new Map());
    const stored = named.get(name);
    return {
      match: async (url) => stored.get(url)?.clone(),
      put: put ?? (async (url, response) => void stored.set(url, response)),
      keys: async () => [...stored.keys()].map((url) => new Request(url)),
      delete: async (url) => stored.delete(url),
    };
  };
  globalThis.caches = { open, delete: async (name) => named.delete(name) };
  test.after(() => delete globalThis.caches);
  return {
    opened,
    /** The addresses that are stored under the default name. */
    addresses: () => [...(named.get("tweedie") ?? new Map()).keys()],
    /** Replaces what is stored. */
    spoil: (url, body) => named.get("tweedie").set(url, new Response(body, { headers: named.get("tweedie").get(url).headers })),
  };
}
