/** Stores the page in the browser, so that it works offline. */

import { downloads } from "./downloads.js";

/** Starts after all downloads that the user is waiting for. */
export async function keepOffline() {
  if (navigator.serviceWorker === undefined) return;
  while (downloads.state !== null) await new Promise((resolve) => downloads.addEventListener("change", resolve, { once: true }));
  // If the browser refuses, for example in a private window, the page only works online.
  whenIdle(() => navigator.serviceWorker.register("service-worker.js").catch(() => undefined));
}

/** Runs a task when the browser is idle. Safari lacks requestIdleCallback. */
export const whenIdle = (task) => (window.requestIdleCallback ?? ((later) => setTimeout(later, 1000)))(() => task());
