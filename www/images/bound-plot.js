/** The terms of a variational bound as bars, from the noisiest timestep on. */

import { svg } from "../shell/element.js";

/** More terms than this are drawn together, as many as it takes. */
const MAX_BARS = 100;

/**
 * @param {SVGElement} plot  100 wide and 40 high
 * @param {{ terms: number[], decoder: number, timesteps: ArrayLike<number> }} bound  bits, and the timestep of each
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
  plot.setAttribute("aria-label", `The terms from the noisiest timestep on; the most bits, ${most.bits.toFixed(2)}, are those of ${spoken(most)}.`);
}

function drawn(bar, index, count, most) {
  const height = Math.max(0.2, (38 * bar.bits) / most);
  const share = 100 / count;
  const words = `${spoken(bar)}: ${bar.bits.toFixed(3)} bits`;
  return svg("rect", { class: bar.kind, x: index * share, y: 40 - height, width: 0.8 * share, height }, svg("title", {}, words));
}

const spoken = ({ times: [first, last] }) => (first === last ? `timestep ${first}` : `timesteps ${first} to ${last}`);

/** All together. */
export const sum = (values) => values.reduce((total, value) => total + value, 0);
