/** The mixture of the 1-D view, and its quantiles. */

/** Two Gaussians about 0, the upper one with weight `share`. */
export function mixtureOf({ distance, spread, share }) {
  return { means: [distance / 2, -distance / 2], spreads: [spread, spread], weights: [share, 1 - share], dimensions: 1 };
}

/** Quantiles of N(0, 1) at the midpoints of `count` equally likely intervals, in ascending order. */
export function normalQuantiles(count) {
  return Float32Array.from({ length: count }, (_, index) => normalQuantile((index + 0.5) / count));
}

/** Quantiles of each component, in proportion to its weight. */
export function mixtureQuantiles({ means, spreads, weights }, count) {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const first = Math.round((count * weights[0]) / whole);
  return Float32Array.from([first, count - first].flatMap((members, component) =>
    Array.from(normalQuantiles(members), (value) => means[component] + spreads[component] * value)));
}

/** The quantile function of N(0, 1), by bisection of its distribution function. */
function normalQuantile(probability) {
  let [low, high] = [-8, 8];
  for (let turn = 0; turn < 40; turn++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Abramowitz & Stegun 1964, 26.2.17: to 7.5e-8. */
function normalCdf(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series.reduceRight((sum, factor) => (sum + factor) * t, 0);
  return x >= 0 ? 1 - tail : tail;
}
