/** Lets the user choose u, by a slider or along its axis, and shows F⁻¹(u). */

import { showValue } from "./form.js";
import { short } from "./numbers.js";

export class Probe {
  #slider;
  #output;
  #picture;
  #density = null;
  /** Number of the latest request; results of earlier ones are ignored. */
  #request = 0;

  /**
   * @param {(id: string) => HTMLElement} part  returns an element by the end of its id
   * @param {import("./picture.js").Picture} picture
   * @param {() => void} onAsk  called before a value is shown
   */
  constructor(part, picture, onAsk) {
    this.#slider = part("u");
    this.#output = part("u-output");
    this.#picture = picture;
    this.#slider.addEventListener("input", () => {
      onAsk();
      this.#compute();
    });
  }

  /** Switches to another density. */
  begin(density) {
    this.#density = density;
    this.#show(null);
  }

  /** Sets u, like the slider. */
  set(u) {
    this.#slider.value = u;
    this.#slider.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async #compute() {
    const [density, u, request] = [this.#density, Number(this.#slider.value), ++this.#request];
    if (density === null) return;
    // Errors were already reported when the density was created.
    const [x] = await density.inverseCdf([u]).catch(() => []);
    if (request === this.#request && density === this.#density && x !== undefined) this.#show({ u, x });
  }

  #show(chosen) {
    showValue(this.#slider);
    this.#output.value = chosen === null ? "" : `F⁻¹(${chosen.u.toFixed(3)}) = ${written(chosen.x)}`;
    this.#picture.showChosen(chosen !== null && Number.isFinite(chosen.x) ? chosen : null);
  }
}

const written = (x) => (Number.isFinite(x) ? short(x) : x > 0 ? "∞" : "−∞");
