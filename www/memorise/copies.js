/**
 * Which samples are copies of training points. A sample is a copy if its nearest training point is less than a third as far away as the
 * second nearest (Yoon et al. 2023, used by Gu et al. 2023, arXiv:2310.02664).
 */

const RATIO = 1 / 3;

/**
 * In the plane, the squared ratio of the two distances is uniform where training points are dense, so this share of new draws are copies
 * by chance.
 */
export const BY_CHANCE = RATIO ** 2;

/**
 * @typedef {object} Neighbours
 * @property {Float32Array} nearest  the nearest training point of each sample, `[count, 2]`
 * @property {boolean[]} isCopy
 * @property {number} share  of samples that are copies
 */

/**
 * Finds the nearest training points.
 * @param {Float32Array} samples  `[count, 2]`
 * @param {Float32Array} training  `[n, 2]`, with n ≥ 2
 * @returns {Neighbours}
 */
export function neighboursOf(samples, training) {
  const nearest = new Float32Array(samples.length);
  const isCopy = [];
  for (let at = 0; at < samples.length; at += 2) {
    let [first, second, place] = [Infinity, Infinity, 0];
    for (let other = 0; other < training.length; other += 2) {
      const [dx, dy] = [samples[at] - training[other], samples[at + 1] - training[other + 1]];
      const square = dx * dx + dy * dy;
      if (square < first) [first, second, place] = [square, first, other];
      else if (square < second) second = square;
    }
    nearest.set(training.subarray(place, place + 2), at);
    isCopy.push(first < RATIO ** 2 * second);
  }
  const copies = isCopy.filter((copy) => copy).length;
  return { nearest, isCopy, share: copies / Math.max(1, isCopy.length) };
}

/** The samples that are copies, and the others. */
export function separated(samples, isCopy) {
  const of = (wanted) => Float32Array.from(isCopy.flatMap((copy, index) => (copy === wanted ? [samples[2 * index], samples[2 * index + 1]] : [])));
  return { copies: of(true), others: of(false) };
}

export const percent = (share) => `${(100 * share).toFixed(share > 0.99 && share < 1 ? 1 : 0)} %`;
