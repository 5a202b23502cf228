/** Interpolation between two images: both are encoded to latents, which are interpolated on the sphere and decoded. */

import { drawToFit } from "../plot/grid.js";
import { interpolationFormulas } from "./latent-formulas.js";
import { Picker } from "./picker.js";
import { pixelsAt, valuesOf } from "./picture.js";
import { interpolate, ROW_LENGTH } from "./interpolate.js";

const PHASES = { there: "Encoding both images…", back: `Decoding ${ROW_LENGTH} images…` };
const GAP = 4; // CSS pixels

export class Interpolation {
  #parts;
  #pickers;
  #drawn = null;
  /** The latest row of images, or null. */
  #row = null;

  constructor(root) {
    const part = (id) => root.querySelector(`#between${id}`);
    this.#parts = { button: part(""), canvas: part("-canvas"), figures: part("-figures"), formulas: part("-formulas") };
    this.#pickers = { from: new Picker(part("-from"), "from"), to: new Picker(part("-to"), "to") };
    new ResizeObserver(() => this.#draw()).observe(this.#parts.canvas);
  }

  /** Sets the images to choose from, or null. Clears the previous row. */
  offer(drawn, settings) {
    this.#drawn = drawn;
    this.#parts.button.disabled = drawn === null;
    this.#forget();
    if (drawn === null) return;
    // A link may name images that this run does not have.
    for (const [name, picker] of Object.entries(this.#pickers)) {
      picker.offer(drawn, Math.min(settings[name], drawn.count));
    }
  }

  /** Reads the image pickers into `settings` if they were edited. Clears the row if it no longer matches the settings. */
  read(settings, edited) {
    if (edited in this.#pickers) settings[edited] = this.#pickers[edited].chosen;
    if (edited in this.#pickers || ["way", "betweenSteps"].includes(edited)) this.#forget();
  }

  /** Shows the formulas of the method. */
  describe({ way }) {
    this.#parts.formulas.innerHTML = interpolationFormulas(way);
  }

  /**
   * Computes the row.
   * @param {object} settings
   * @param {object} work
   * @param {Function} work.slerp  the package's
   * @param {AbortSignal} work.signal
   * @param {(sentence: string) => (progress: object) => Promise<void>} work.onPhase  shows the new phase, and returns the callback that is awaited after each step
   */
  async run({ way, betweenSteps: steps }, { slerp, signal, onPhase }) {
    this.#forget();
    const { pipeline, classLabels, width, height } = this.#drawn;
    const chosen = [this.#pickers.from.chosen, this.#pickers.to.chosen].map((number) => number - 1);
    const pictures = chosen.map((index) => valuesOf(pixelsAt(this.#drawn, index), pipeline.channels));
    const labels = chosen.map((index) => classLabels?.[index]);
    const asked = { pictures, classLabels: labels, way, steps, signal };
    const { pixels, errors } = await interpolate(pipeline, slerp, asked, (phase) => onPhase(PHASES[phase]));
    this.#row = { pixels, width, height };
    this.#show(errors, chosen.map((index) => index + 1));
  }

  #show(errors, [from, to]) {
    const { canvas, figures } = this.#parts;
    canvas.hidden = false;
    canvas.style.aspectRatio = `${ROW_LENGTH * this.#row.width} / ${this.#row.height}`;
    canvas.setAttribute("aria-label", `${ROW_LENGTH} images interpolated from image ${from} to image ${to}.`);
    const [first, last] = errors.map((error) => `<strong>${error.toFixed(4)}</strong>`);
    figures.innerHTML = `Reconstruction error (RMSE, with black = −1 and white = 1): image ${from} ${first}, image ${to} ${last}.`;
    this.#draw();
  }

  #forget() {
    this.#row = null;
    this.#parts.canvas.hidden = true;
    this.#parts.figures.textContent = "";
  }

  #draw() {
    if (this.#row !== null) drawToFit(this.#parts.canvas, this.#row, GAP);
  }
}
