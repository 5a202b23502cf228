/** Likelihood of the first image: the terms of the variational bound, or the log-likelihood along the probability flow. */

import { drawBound, sum } from "./bound-plot.js";
import { measureFormula } from "./latent-formulas.js";
import { pixelsAt, valuesOf } from "./picture.js";

const HINTS = {
  bound: `The number of bits that the model needs to encode the image: the prior term at the noisiest timestep, one term for each denoising step, and the term of the
    last step, which selects one of 256 levels. The sum is an upper bound of −log<sub>2</sub> of the image’s probability. Uniformly random levels need 8 bits per dimension.
    This takes one network evaluation per training timestep.`,
  likelihood: `The probability flow maps the image to noise, whose density is known. The change of density along the way is the integral of the divergence, estimated with
    random probes. Each step takes four evaluations of the network and of its gradient. Uniform noise as wide as one of the 256 levels makes the values continuous, and
    log<sub>2</sub> 127.5 ≈ 6.99 bits convert the density to bits per dimension. Uniformly random levels need 8.`,
};

export class Likelihood {
  #parts;
  #drawn = null;

  constructor(root) {
    const part = (id) => root.querySelector(`#likelihood${id}`);
    this.#parts = { button: part(""), hint: part("-hint"), formula: part("-formula"), fields: part("-fields"), figures: part("-figures"), plot: part("-plot") };
  }

  /** Sets the images, of which the first is used, or null. Clears the previous result. */
  offer(drawn) {
    this.#drawn = drawn;
    this.#parts.button.disabled = drawn === null;
    this.#forget();
  }

  /** Clears the result if one of its settings was edited. */
  read(edited) {
    if (["likelihoodSteps", "probes"].includes(edited)) this.#forget();
  }

  /** Shows the hint, the formula and the settings of the measure. */
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
   * Computes the measure and shows it.
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
    this.#parts.figures.innerHTML = `<strong>${total} bits per dimension</strong> = ${first} <i>L<sub>T</sub></i> + ${middle} <i>L<sub>t−1</sub></i> + ${last} <i>L</i><sub>0</sub>`;
    drawBound(this.#parts.plot, { terms, decoder, timesteps: await bound.timesteps() });
  }

  async #showLikelihood(likelihood) {
    const [[nats], [bits]] = [await likelihood.nats(), await likelihood.bitsPerDimension()];
    this.#parts.figures.innerHTML = `<strong>${bits.toFixed(2)} bits per dimension</strong> · log <i>p</i>(<i>x</i><sub>0</sub>) = ${nats.toFixed(1)} nats`;
  }

  #forget() {
    const { figures, plot } = this.#parts;
    figures.textContent = "";
    plot.replaceChildren();
    plot.setAttribute("aria-label", "The terms will appear here.");
  }
}
