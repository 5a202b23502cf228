/** The answers of a run as a grid of radio buttons: one is chosen and shown larger. */

import { html } from "../shell/element.js";
import { pixelsAt } from "../images/picture.js";
import { showPixels } from "./pixels.js";

/** Wider answers are below each other. */
const MAX_RATIO = 3;

export class Answers {
  #element;
  #form;
  #canvases = [];
  #key = "";

  /**
   * @param {HTMLElement} element  a `role="radiogroup"`
   * @param {string} form  id of the form that the radio buttons belong to
   */
  constructor(element, form) {
    this.#element = element;
    this.#form = form;
  }

  /** Makes room for answers of this size. Existing ones are kept if their number is the same, because one may have the focus. */
  arrange(count, [height, width], chosen) {
    const key = `${count} ${height} ${width}`;
    this.#element.style.setProperty("--ratio", `${width} / ${height}`);
    this.#element.style.setProperty("--across", width > height ? (width > MAX_RATIO * height ? 1 : 2) : 4);
    if (key !== this.#key) {
      this.#key = key;
      this.#canvases = Array.from({ length: count }, () => html("canvas", { "aria-hidden": "true" }));
      this.#element.replaceChildren(...this.#canvases.map((canvas, index) => {
        const radio = html("input", { type: "radio", name: "answer", value: index + 1, form: this.#form, "aria-label": `Answer ${index + 1}` });
        return html("label", {}, radio, canvas);
      }));
    }
    this.choose(chosen);
  }

  choose(number) {
    for (const input of this.#element.querySelectorAll("input")) input.checked = Number(input.value) === number;
  }

  /** Shows the pixels of a batch, `[count, height, width, 4]`. */
  show(batch) {
    this.#canvases.forEach((canvas, index) => showPixels(canvas, pixelsAt(batch, index), [batch.height, batch.width]));
  }

  /** Marks the answers as those of earlier settings, or removes the mark. */
  dim(isEarlier) {
    this.#element.classList.toggle("earlier", isEarlier);
  }
}
