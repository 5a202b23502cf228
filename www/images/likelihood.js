/** How likely the model finds the first picture that it drew: the variational bound, term by term, or the log-likelihood along the flow. */

import { drawBound, sum } from "./bound-plot.js";
import { measureFormula } from "./latent-formulas.js";
import { pixelsAt, valuesOf } from "./picture.js";

const HINTS = {
  bound: `A picture can be told in bits: what is left of it at the noisiest timestep, what each step back adds, and what the last one adds to reach
    exactly one of 256 levels. The sum bounds −log<sub>2</sub> of the probability that the model gives the picture; random levels would take 8 bits for each number.
    It asks the network once per timestep of training.`,
  likelihood: `The probability flow turns the picture into noise, whose density is known; how much it squeezes on the way is the divergence, estimated with
    random probes. Each evaluation of the network also takes its gradient, and a step has four of them. Noise as wide as one of the 256 levels makes the levels continuous, and
    log<sub>2</sub> 127.5 ≈ 6.99 bits turn the density into bits per number: random levels would take 8.`,
};

export class Likelihood {
  #parts;
  #drawn = null;

  constructor(root) {
    const part = (id) => root.querySelector(`#likelihood${id}`);
    this.#parts = { button: part(""), hint: part("-hint"), formula: part("-formula"), fields: part("-fields"), figures: part("-figures"), plot: part("-plot") };
  }

  /** Takes the pictures whose first can be judged from now on, or null. What was said of the one before goes. */
  offer(drawn) {
    this.#drawn = drawn;
    this.#parts.button.disabled = drawn === null;
    this.#forget();
  }

  /** What was said of a picture belongs to settings that were edited: it goes. */
  read(edited) {
    if (["likelihoodSteps", "probes"].includes(edited)) this.#forget();
  }

  /** Says what the measure means, and shows its own settings. */
  describe({ measure }) {
    const { hint, formula, fields, plot } = this.#parts;
    if (hint.dataset.measure === measure) return;
    hint.dataset.measure = measure;
    hint.innerHTML = HINTS[measure];
    formula.innerHTML = measureFormula(measure);
    fields.hidden = measure === "bound";
    plot.toggleAttribute("hidden", measure !== "bound");
    this.#forget();
  }

  /**
   * Asks the model.
   * @param {object} settings
   * @param {AbortSignal} signal
   * @param {(progress: object) => void | Promise<void>} onStep
   */
  async run({ measure, likelihoodSteps: steps, probes }, signal, onStep) {
    this.#forget();
    const { pipeline, classLabels } = this.#drawn;
    const image = valuesOf(pixelsAt(this.#drawn, 0), pipeline.channels);
    const options = { signal, ...(classLabels && { classLabels: classLabels[0] }) };
    const run = measure === "bound" ? pipeline.variationalBound(image, options) : pipeline.logLikelihood(image, { ...options, steps, probes });
    try {
      for await (const progress of run) await onStep(progress);
      await (measure === "bound" ? this.#showBound(run) : this.#showLikelihood(run));
    } finally {
      run.free();
    }
  }

  async #showBound(bound) {
    const [[prior], [decoder], [whole]] = [await bound.prior(), await bound.decoder(), await bound.bitsPerDimension()];
    const terms = [...(await bound.terms())];
    const [total, first, middle, last] = [whole, prior, sum(terms), decoder].map((bits) => bits.toFixed(2));
    this.#parts.figures.innerHTML = `<strong>${total} bits per number</strong> = ${first} <i>L<sub>T</sub></i> + ${middle} <i>L<sub>t−1</sub></i> + ${last} <i>L</i><sub>0</sub>`;
    drawBound(this.#parts.plot, { terms, decoder, timesteps: await bound.timesteps() });
  }

  async #showLikelihood(likelihood) {
    const [[nats], [bits]] = [await likelihood.nats(), await likelihood.bitsPerDimension()];
    this.#parts.figures.innerHTML = `<strong>${bits.toFixed(2)} bits per number</strong> · log <i>p</i>(<i>x</i><sub>0</sub>) = ${nats.toFixed(1)} nats`;
  }

  #forget() {
    const { figures, plot } = this.#parts;
    figures.textContent = "";
    plot.replaceChildren();
    plot.setAttribute("aria-label", "The terms will appear here.");
  }
}
