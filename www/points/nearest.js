/** How far points are from the nearest ones of a set: 0 for what has been memorised. */

/** More points than this are not compared, which takes their product. */
const MAX_POINTS = 500;

/**
 * The median, over the points of `some`, of the distance to the nearest of `others`.
 * @param {Float32Array} some  `[count, 2]`
 * @param {Float32Array} others  `[count, 2]`
 */
export function distanceToNearest(some, others) {
  const stride = Math.max(1, Math.ceil(some.length / 2 / MAX_POINTS));
  const distances = [];
  for (let at = 0; at < some.length; at += 2 * stride) {
    let least = Infinity;
    for (let other = 0; other < others.length; other += 2) {
      const [dx, dy] = [some[at] - others[other], some[at + 1] - others[other + 1]];
      least = Math.min(least, dx * dx + dy * dy);
    }
    distances.push(Math.sqrt(least));
  }
  return distances.sort((one, other) => one - other)[Math.floor(distances.length / 2)] ?? NaN;
}
