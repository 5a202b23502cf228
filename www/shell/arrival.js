/** A line over a lab's figure that shows the progress of the engine and model downloads. */

import { downloads } from "./downloads.js";
import { html } from "./element.js";
import { megabytes } from "./progress.js";

/** Faster downloads are not shown. */
const DELAY = 150; // milliseconds

/**
 * Shows the line until all downloads have ended.
 * @param {HTMLElement} section  the lab's section
 */
export function showArrival(section) {
  const bar = html("progress", { max: "1", "aria-hidden": "true" });
  const words = html("span", {});
  const line = html("p", { class: "arrival", "aria-hidden": "true" }, words, bar);
  line.hidden = true;
  section.querySelector("figure").append(line);
  const show = () => {
    const { state } = downloads;
    if (state === null) return end();
    const { loaded, total } = state;
    words.textContent = total > 0 ? `Downloading · ${megabytes(Math.min(loaded, total))} of ${megabytes(total)}` : `Downloading · ${megabytes(loaded)}`;
    if (total > 0) bar.value = Math.min(1, loaded / total);
    else bar.removeAttribute("value");
  };
  const timer = setTimeout(() => (line.hidden = false), DELAY);
  const end = () => {
    clearTimeout(timer);
    downloads.removeEventListener("change", show);
    line.remove();
  };
  downloads.addEventListener("change", show);
  show();
}
