/** A row of thumbnails of the generated images, as radio buttons. */

import { html } from "../shell/element.js";
import { imageOf, pixelsAt } from "./picture.js";

export class Picker {
  #element;
  #name;

  /**
   * @param {HTMLElement} element  a `role="radiogroup"`
   * @param {string} name  name of its radio buttons, whose values count from 1
   */
  constructor(element, name) {
    this.#element = element;
    this.#name = name;
  }

  /** Number of images. */
  get count() {
    return this.#element.childElementCount;
  }

  /** Number of the selected image, from 1, or null. */
  get chosen() {
    const checked = this.#element.querySelector("input:checked");
    return checked === null ? null : Number(checked.value);
  }

  /** Shows the images of a batch. */
  offer(batch, chosen) {
    const { pixels, width, height } = batch;
    const count = pixels.length / (4 * width * height);
    this.#element.replaceChildren(...Array.from({ length: count }, (_, index) => {
      const radio = html("input", { type: "radio", name: this.#name, value: index + 1, form: "settings", "aria-label": `image ${index + 1}` });
      radio.checked = index + 1 === chosen;
      const canvas = html("canvas", { width, height, "aria-hidden": "true" });
      canvas.getContext("2d").drawImage(imageOf(pixelsAt(batch, index), width, height), 0, 0);
      return html("label", {}, radio, canvas);
    }));
  }
}
