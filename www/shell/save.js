/** Downloads of files that the page makes. */

import { html } from "./element.js";

/** Saves a file as a download. */
export function saveFile(blob, name) {
  const link = html("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  // The download holds its own reference by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
