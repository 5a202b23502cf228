/**
 * Lets the page work offline. While there is a network it is asked first, so that a visitor, or a developer who has just built the
 * page anew, never sees an old version; without one, the files come from the cache of the last version that was stored whole.
 */

// Both are filled in by the build.
const VERSION = "";
const KEPT = [];

const PREFIX = "tweedie-page-";
const CACHE = PREFIX + VERSION;

addEventListener("install", (event) => {
  event.waitUntil(store().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin || request.headers.has("range")) return;
  event.respondWith(fromNetwork(request));
});

/** Stores all files of this version, or none. */
async function store() {
  const cache = await caches.open(CACHE);
  // What the browser has already is only asked for its version.
  await cache.addAll(KEPT.map((path) => new Request(path, { cache: "no-cache" })));
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

async function fromNetwork(request) {
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200) keep(request, response.clone());
    return response;
  } catch (error) {
    // The settings in the address choose no other file.
    const stored = await caches.match(request, { ignoreSearch: true });
    if (stored === undefined) throw error;
    return stored;
  }
}

/** Keeps what was used beside the files that are kept in any case. */
async function keep(request, response) {
  const address = new URL(new URL(request.url).pathname, location.origin).href;
  const cache = await caches.open(CACHE);
  if ((await cache.match(address)) === undefined) await cache.put(address, response).catch(() => undefined);
}
