/** Classes of points, for models with classes. */

/**
 * The class of each point: the nearest mode if the data are a mixture, otherwise the quadrant of the plane.
 * @param data  a `PointData`
 * @returns {number[]}
 */
export function classesOf({ mixture, points }) {
  const class_ = mixture === null ? quadrantOf : (x, y) => nearestOf(mixture.means, x, y);
  return Array.from({ length: points.length / 2 }, (_, index) => class_(points[2 * index], points[2 * index + 1]));
}

const quadrantOf = (x, y) => (x < 0 ? 1 : 0) + (y < 0 ? 2 : 0);

function nearestOf(means, x, y) {
  let [nearest, least] = [0, Infinity];
  for (let mode = 0; 2 * mode < means.length; mode++) {
    const distance = (x - means[2 * mode]) ** 2 + (y - means[2 * mode + 1]) ** 2;
    if (distance < least) [nearest, least] = [mode, distance];
  }
  return nearest;
}
