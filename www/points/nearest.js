/** Distance from points to their nearest neighbours in a set; 0 for memorised points. */

/** Maximum number of points compared, because the cost grows with the product of both counts. */
const MAX_POINTS = 500;

/**
 * The median distance from each of `points` to the nearest of `others`.
 * @param {Float32Array} points  `[count, 2]`
 * @param {Float32Array} others  `[count, 2]`
 */
export function distanceToNearest(points, others) {
  const stride = Math.max(1, Math.ceil(points.length / 2 / MAX_POINTS));
  const distances = [];
  for (let at = 0; at < points.length; at += 2 * stride) {
    let least = Infinity;
    for (let other = 0; other < others.length; other += 2) {
      const [dx, dy] = [points[at] - others[other], points[at + 1] - others[other + 1]];
      least = Math.min(least, dx * dx + dy * dy);
    }
    distances.push(Math.sqrt(least));
  }
  return distances.sort((one, other) => one - other)[Math.floor(distances.length / 2)] ?? NaN;
}
