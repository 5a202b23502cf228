/** Controls of the proposal and the constant c, which follow the engine's results. */

import { setSlider } from "./form.js";
import { grouped, short } from "./numbers.js";
import { PROPOSALS } from "./targets.js";

/** Range of the slider of c, relative to the supremum; `WITHOUT` applies if p/q is unbounded. */
const SHARES = [0.25, 2.5];
const WITHOUT = [0.1, 10];
const STEP = 0.01;

export class EnvelopeControls {
  #form;
  #part;
  /** The envelope from the package, or null. */
  #found = null;

  constructor(form, part) {
    this.#form = form;
    this.#part = part;
  }

  /** Shows an envelope from the package. */
  show(envelope) {
    this.#found = envelope;
    if (envelope !== null) this.setC(envelope.c);
    this.#part("proposal-hint").textContent = envelope === null ? "" : this.#describeProposal(envelope);
    this.#part("c-hint").textContent = envelope === null ? "" : describeC(envelope);
  }

  /** Sets the slider of c and its range. */
  setC(value) {
    const supremum = this.#found?.supremum ?? Infinity;
    const [least, most] = Number.isFinite(supremum) ? SHARES.map((share) => round(share * supremum)) : WITHOUT;
    setSlider(this.#form.elements.c, { least: Math.max(STEP, least), most, step: STEP, value: Math.max(STEP, round(value)) });
  }

  /** Sets c to the supremum, rounded up so that it remains an upper bound. */
  takeSupremum() {
    if (this.#found !== null && Number.isFinite(this.#found.supremum)) this.setC(Math.ceil(this.#found.supremum / STEP) * STEP);
  }

  /** Sets the sliders of the proposal to the fitted parameters. */
  takeFitted() {
    const { kind, ...parameters } = this.#found?.proposal ?? {};
    for (const [name, value] of Object.entries(parameters)) {
      const { least, most, step } = PROPOSALS[kind].parameters[name];
      setSlider(this.#form.elements[`q-${kind}-${name}`], { least, most, step, value: Math.min(most, Math.max(least, Math.round(value / step) * step)) });
    }
  }

  #describeProposal({ proposal }) {
    const { kind, ...parameters } = proposal;
    if (this.#form.elements.target.value === "discrete") return "One of the outcomes, with equal probability.";
    const values = Object.entries(parameters).map(([name, value]) => `${PROPOSALS[kind].parameters[name].title.toLowerCase()} ${short(value)}`);
    return `Parameters: ${values.join(", ")}.`;
  }
}

const round = (value) => Math.round(value / STEP) * STEP;

function describeC({ supremum, at, breaks, distance }) {
  const top = Number.isFinite(supremum) ? `p/q is at most ${short(supremum)}${Number.isFinite(at) ? `, at x = ${written(at)}` : ""}.` : "p/q is unbounded.";
  if (breaks.length === 0) return top;
  const shown = breaks.slice(0, 3).map(([from, to]) => (from === to ? written(from) : `${written(from)} to ${written(to)}`));
  const where = shown.join(", ") + (breaks.length > shown.length ? ", …" : "");
  return `${top} The envelope is too low at x = ${where}. The distribution of the samples differs from p by ${(100 * distance).toFixed(1)} % in total variation.`;
}

function written(x) {
  if (Number.isInteger(x)) return grouped(x).replace("-", "−");
  return Number.isFinite(x) ? short(x) : x < 0 ? "−∞" : "∞";
}
