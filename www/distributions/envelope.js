/** The controls of the proposal and its constant c, which follow what the engine finds. */

import { setSlider } from "./form.js";
import { grouped, short } from "./numbers.js";
import { PROPOSALS } from "./targets.js";

/** The slider of c goes from and to these shares of the supremum; without one, between these. */
const SHARES = [0.25, 2.5];
const WITHOUT = [0.1, 10];
const STEP = 0.01;

export class EnvelopeControls {
  #form;
  #part;
  /** The package's envelope, or null. */
  #found = null;

  constructor(form, part) {
    this.#form = form;
    this.#part = part;
  }

  /** Shows what the engine found. */
  show(envelope) {
    this.#found = envelope;
    if (envelope !== null) this.setC(envelope.c);
    this.#part("proposal-hint").textContent = envelope === null ? "" : this.#describeProposal(envelope);
    this.#part("c-hint").textContent = envelope === null ? "" : describeC(envelope);
  }

  /** Sets the slider of c, whose range follows the supremum. */
  setC(value) {
    const supremum = this.#found?.supremum ?? Infinity;
    const [least, most] = Number.isFinite(supremum) ? SHARES.map((share) => round(share * supremum)) : WITHOUT;
    setSlider(this.#form.elements.c, { least: Math.max(STEP, least), most, step: STEP, value: Math.max(STEP, round(value)) });
  }

  /** By hand, the slider of c begins at the supremum, rounded up so that it is one still. */
  takeSupremum() {
    if (this.#found !== null && Number.isFinite(this.#found.supremum)) this.setC(Math.ceil(this.#found.supremum / STEP) * STEP);
  }

  /** By hand, the parameters of the proposal begin at those that were fitted. */
  takeFitted() {
    const { kind, ...parameters } = this.#found?.proposal ?? {};
    for (const [name, value] of Object.entries(parameters)) {
      const { least, most, step } = PROPOSALS[kind].parameters[name];
      setSlider(this.#form.elements[`q-${kind}-${name}`], { least, most, step, value: Math.min(most, Math.max(least, Math.round(value / step) * step)) });
    }
  }

  #describeProposal({ proposal }) {
    const { kind, ...parameters } = proposal;
    if (this.#form.elements.target.value === "discrete") return "One of the outcomes, each as likely.";
    const values = Object.entries(parameters).map(([name, value]) => `${PROPOSALS[kind].parameters[name].title.toLowerCase()} ${short(value)}`);
    return `With ${values.join(" and ")}.`;
  }
}

const round = (value) => Math.round(value / STEP) * STEP;

function describeC({ supremum, at, breaks, distance }) {
  const top = Number.isFinite(supremum) ? `p/q is at most ${short(supremum)}${Number.isFinite(at) ? `, at x = ${written(at)}` : ""}.` : "p/q is unbounded.";
  if (breaks.length === 0) return top;
  const shown = breaks.slice(0, 3).map(([from, to]) => (from === to ? written(from) : `${written(from)} to ${written(to)}`));
  const where = shown.join(", ") + (breaks.length > shown.length ? ", …" : "");
  return `${top} The envelope is too low at x = ${where}: what is sampled differs from p by ${(100 * distance).toFixed(1)} % in total variation.`;
}

function written(x) {
  if (Number.isInteger(x)) return grouped(x).replace("-", "−");
  return Number.isFinite(x) ? short(x) : x < 0 ? "−∞" : "∞";
}
