/** Two pictures in one frame: the first to the left of a line, the second to the right. The line is a slider. */

import { showPixels } from "./pixels.js";

export class Divider {
  #before;
  #after;

  /** @param {HTMLElement} frame  contains the canvases `.before` and `.after` and the slider */
  constructor(frame) {
    this.#before = frame.querySelector(".before");
    this.#after = frame.querySelector(".after");
    const slider = frame.querySelector("input");
    const follow = () => frame.style.setProperty("--at", `${slider.value}%`);
    slider.addEventListener("input", follow);
    follow();
  }

  showBefore(pixels, size) {
    showPixels(this.#before, pixels, size);
  }

  showAfter(pixels, size) {
    showPixels(this.#after, pixels, size);
  }
}
