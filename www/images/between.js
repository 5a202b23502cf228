/** Between two pictures: both taken to noise, and the pictures that lie on the sphere between. */

import { drawToFit } from "../plot/grid.js";
import { wayFormulas } from "./latent-formulas.js";
import { Picker } from "./picker.js";
import { pixelsAt, valuesOf } from "./picture.js";
import { goBetween, STATIONS } from "./way.js";

const PHASES = { there: "Taking both to noise…", back: `Taking ${STATIONS} back to pictures…` };
const GAP = 4; // pixels of the page

export class Between {
  #parts;
  #pickers;
  #drawn = null;
  /** The row that was computed last, or null. */
  #row = null;

  constructor(root) {
    const part = (id) => root.querySelector(`#between${id}`);
    this.#parts = { button: part(""), canvas: part("-canvas"), figures: part("-figures"), formulas: part("-formulas") };
    this.#pickers = { from: new Picker(part("-from"), "from"), to: new Picker(part("-to"), "to") };
    new ResizeObserver(() => this.#draw()).observe(this.#parts.canvas);
  }

  /** Takes the pictures that can be chosen from now on, or null. The row between those before goes. */
  offer(drawn, settings) {
    this.#drawn = drawn;
    this.#parts.button.disabled = drawn === null;
    this.#forget();
    if (drawn === null) return;
    // A link may name pictures that this run does not have.
    for (const [name, picker] of Object.entries(this.#pickers)) {
      picker.offer(drawn, Math.min(settings[name], drawn.count));
    }
  }

  /** Takes the choice of a picture into `settings`, if that is what was edited. A row of other pictures, or by another way, goes. */
  read(settings, edited) {
    if (edited in this.#pickers) settings[edited] = this.#pickers[edited].chosen;
    if (edited in this.#pickers || ["way", "betweenSteps"].includes(edited)) this.#forget();
  }

  /** Shows the formulas of the way. */
  describe({ way }) {
    this.#parts.formulas.innerHTML = wayFormulas(way);
  }

  /**
   * Computes the row.
   * @param {object} settings
   * @param {object} work
   * @param {Function} work.slerp  the package's
   * @param {AbortSignal} work.signal
   * @param {(sentence: string) => (progress: object) => Promise<void>} work.onPhase  says what begins, and returns what is awaited after each step
   */
  async run({ way, betweenSteps: steps }, { slerp, signal, onPhase }) {
    this.#forget();
    const { pipeline, classLabels, width, height } = this.#drawn;
    const chosen = [this.#pickers.from.chosen, this.#pickers.to.chosen].map((number) => number - 1);
    const pictures = chosen.map((index) => valuesOf(pixelsAt(this.#drawn, index), pipeline.channels));
    const labels = chosen.map((index) => classLabels?.[index]);
    const asked = { pictures, classLabels: labels, way, steps, signal };
    const { pixels, errors } = await goBetween(pipeline, slerp, asked, (phase) => onPhase(PHASES[phase]));
    this.#row = { pixels, width, height };
    this.#show(errors, chosen.map((index) => index + 1));
  }

  #show(errors, [from, to]) {
    const { canvas, figures } = this.#parts;
    canvas.hidden = false;
    canvas.style.aspectRatio = `${STATIONS * this.#row.width} / ${this.#row.height}`;
    canvas.setAttribute("aria-label", `${STATIONS} pictures on the way from picture ${from} to picture ${to}.`);
    const [first, last] = errors.map((error) => `<strong>${error.toFixed(4)}</strong>`);
    figures.innerHTML = `There and back, picture ${from} is off by ${first} and picture ${to} by ${last}: the root of the mean squared difference, where black is −1 and white 1.`;
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
