/**
 * Lets the page work offline. The network is tried first, so that a visitor, or a developer who has just rebuilt the
 * page, never sees an old version. Without network, the files come from the cache of the last complete version.
 */

// The build fills in both.
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
  // Files in the browser's HTTP cache are only revalidated.
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
    // The settings in the query do not select different files.
    const stored = await caches.match(request, { ignoreSearch: true });
    if (stored === undefined) throw error;
    return stored;
  }
}

/** Also stores other files that were used. */
async function keep(request, response) {
  const address = new URL(new URL(request.url).pathname, location.origin).href;
  const cache = await caches.open(CACHE);
  if ((await cache.match(address)) === undefined) await cache.put(address, response).catch(() => undefined);
}
