/** Bar chart of the terms of a variational bound, starting at the noisiest timestep. */

import { svg } from "../shell/element.js";

/** With more terms than this, neighbouring terms are summed. */
const MAX_BARS = 100;

/**
 * @param {SVGElement} plot  with a view box of 100 × 40
 * @param {{ terms: number[], decoder: number, timesteps: ArrayLike<number> }} bound  terms in bits, and the timestep of each
 */
export function drawBound(plot, { terms, decoder, timesteps }) {
  const together = Math.ceil(terms.length / (MAX_BARS - 1));
  const groups = Array.from({ length: Math.ceil(terms.length / together) }, (_, index) => {
    const begin = index * together;
    const end = Math.min(begin + together, terms.length);
    return { kind: "term", bits: sum(terms.slice(begin, end)), times: [timesteps[begin], timesteps[end - 1]] };
  });
  const bars = [...groups, { kind: "decoder", bits: decoder, times: [timesteps.at(-1), timesteps.at(-1)] }];
  const most = bars.reduce((one, other) => (other.bits > one.bits ? other : one));
  plot.replaceChildren(...bars.map((bar, index) => drawn(bar, index, bars.length, most.bits)));
  plot.setAttribute("aria-label", `Terms of the bound, starting at the noisiest timestep. The largest, ${most.bits.toFixed(2)} bits, is that of ${spoken(most)}.`);
}

function drawn(bar, index, count, most) {
  const height = Math.max(0.2, (38 * bar.bits) / most);
  const share = 100 / count;
  const words = `${spoken(bar)}: ${bar.bits.toFixed(3)} bits`;
  return svg("rect", { class: bar.kind, x: index * share, y: 40 - height, width: 0.8 * share, height }, svg("title", {}, words));
}

const spoken = ({ times: [first, last] }) => (first === last ? `timestep ${first}` : `timesteps ${first} to ${last}`);

/** The sum of all values. */
export const sum = (values) => values.reduce((total, value) => total + value, 0);
