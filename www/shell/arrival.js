/** A line on the picture of a lab that says how much of the engine and the model has arrived, while they do. */

import { downloads } from "./downloads.js";
import { html } from "./element.js";
import { megabytes } from "./progress.js";

/** What is there sooner is not worth a line. */
const PATIENCE = 150; // milliseconds

/**
 * Shows the line on a lab's picture until its downloads are over.
 * @param {HTMLElement} section  of the lab
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
  const timer = setTimeout(() => (line.hidden = false), PATIENCE);
  const end = () => {
    clearTimeout(timer);
    downloads.removeEventListener("change", show);
    line.remove();
  };
  downloads.addEventListener("change", show);
  show();
}
