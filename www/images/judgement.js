/** How likely the model finds the first picture that it drew: the variational bound, term by term. */

import { svg } from "../shell/element.js";

/** More terms than this are drawn together, as many as it takes. */
const MOST_BARS = 100;

export class Judgement {
  #parts;
  /** `{ pipeline, image, classLabels }` of the last run, or null. */
  #drawn = null;

  constructor(root) {
    const part = (id) => root.querySelector(`#judge${id}`);
    this.#parts = { button: part(""), figures: part("-figures"), plot: part("-plot") };
  }

  /** Takes the picture that can be judged from now on, or null. What was said of the one before goes. */
  offer(drawn) {
    this.#drawn = drawn;
    const { button, figures, plot } = this.#parts;
    button.disabled = drawn === null;
    figures.textContent = "";
    plot.replaceChildren();
    plot.setAttribute("aria-label", "The terms will appear here.");
  }

  /**
   * Asks the model.
   * @param {AbortSignal} signal
   * @param {(progress: object) => void | Promise<void>} onStep
   */
  async run(signal, onStep) {
    const { pipeline, image, classLabels } = this.#drawn;
    const bound = pipeline.variationalBound(image.map(greyLevel), { signal, ...(classLabels && { classLabels }) });
    try {
      for await (const progress of bound) await onStep(progress);
      const [[prior], [decoder], [whole]] = [await bound.prior(), await bound.decoder(), await bound.bitsPerDimension()];
      this.#show({ prior, terms: [...(await bound.terms())], decoder, whole, timesteps: await bound.timesteps() });
    } finally {
      bound.free();
    }
  }

  #show({ prior, terms, decoder, whole, timesteps }) {
    const [total, first, middle, last] = [whole, prior, sum(terms), decoder].map((bits) => bits.toFixed(2));
    const { figures, plot } = this.#parts;
    figures.innerHTML = `<strong>${total} bits per number</strong> = ${first} <i>L<sub>T</sub></i> + ${middle} <i>L<sub>t−1</sub></i> + ${last} <i>L</i><sub>0</sub>`;
    const together = Math.ceil(terms.length / (MOST_BARS - 1));
    const groups = Array.from({ length: Math.ceil(terms.length / together) }, (_, index) => {
      const begin = index * together;
      const end = Math.min(begin + together, terms.length);
      return { kind: "term", bits: sum(terms.slice(begin, end)), times: [timesteps[begin], timesteps[end - 1]] };
    });
    const bars = [...groups, { kind: "decoder", bits: decoder, times: [timesteps.at(-1), timesteps.at(-1)] }];
    const most = bars.reduce((one, other) => (other.bits > one.bits ? other : one));
    plot.replaceChildren(...bars.map((bar, index) => drawn(bar, index, bars.length, most.bits)));
    plot.setAttribute("aria-label", `The terms from the noisiest timestep on; the most bits, ${most.bits.toFixed(2)}, are those of ${spoken(most)}.`);
  }
}

function drawn(bar, index, count, most) {
  const height = Math.max(0.2, (38 * bar.bits) / most);
  const share = 100 / count;
  const words = `${spoken(bar)}: ${bar.bits.toFixed(3)} bits`;
  return svg("rect", { class: bar.kind, x: index * share, y: 40 - height, width: 0.8 * share, height }, svg("title", {}, words));
}

const spoken = ({ times: [first, last] }) => (first === last ? `timestep ${first}` : `timesteps ${first} to ${last}`);

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** A value of a picture as the nearest of 256 grey levels. */
const greyLevel = (value) => Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5) / 127.5 - 1;
