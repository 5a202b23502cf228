/** A u of one's own, by a slider or along its axis: where the inverse CDF takes it. */

import { showValue } from "./form.js";
import { short } from "./numbers.js";

export class Probe {
  #slider;
  #output;
  #picture;
  #density = null;
  /** Of the latest question; answers to earlier ones are late. */
  #asked = 0;

  /**
   * @param {(id: string) => HTMLElement} part  of the page, by the end of its id
   * @param {import("./picture.js").Picture} picture
   * @param {() => void} onAsk  called before a way is shown
   */
  constructor(part, picture, onAsk) {
    this.#slider = part("u");
    this.#output = part("u-output");
    this.#picture = picture;
    this.#slider.addEventListener("input", () => {
      onAsk();
      this.#ask();
    });
  }

  /** Turns to another density. */
  begin(density) {
    this.#density = density;
    this.#show(null);
  }

  /** Asks for a u, as the slider does. */
  set(u) {
    this.#slider.value = u;
    this.#slider.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async #ask() {
    const [density, u, question] = [this.#density, Number(this.#slider.value), ++this.#asked];
    if (density === null) return;
    // What is refused here was refused when the density was taken up.
    const [x] = await density.inverseCdf([u]).catch(() => []);
    if (question === this.#asked && density === this.#density && x !== undefined) this.#show({ u, x });
  }

  #show(way) {
    showValue(this.#slider);
    this.#output.value = way === null ? "" : `F⁻¹(${way.u.toFixed(3)}) = ${written(way.x)}`;
    this.#picture.showWay(way !== null && Number.isFinite(way.x) ? way : null);
  }
}

const written = (x) => (Number.isFinite(x) ? short(x) : x > 0 ? "∞" : "−∞");
