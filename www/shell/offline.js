/** Keeps the page in the browser, so that it opens without a network. */

import { downloads } from "./downloads.js";

/** Begins when nothing that someone waits for is on its way any more. */
export async function keepOffline() {
  if (navigator.serviceWorker === undefined) return;
  while (downloads.state !== null) await new Promise((resolve) => downloads.addEventListener("change", resolve, { once: true }));
  // A browser that refuses, in a private window for example, only works online.
  whenIdle(() => navigator.serviceWorker.register("service-worker.js").catch(() => undefined));
}

/** Does something when the page has nothing better to do. Safari cannot tell. */
export const whenIdle = (task) => (window.requestIdleCallback ?? ((later) => setTimeout(later, 1000)))(() => task());
