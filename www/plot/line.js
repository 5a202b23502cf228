/** Lines through points, for given axes. */

/** A path through the points `(xs[i], ys[i])`. */
export function pathThrough(xs, ys, x, y) {
  const path = new Path2D();
  for (let index = 0; index < xs.length; index++) path.lineTo(x.at(xs[index]), y.at(ys[index]));
  return path;
}

/** The area between two lines over the same `xs`. */
export function areaBetween(xs, lower, upper, x, y) {
  const path = pathThrough(xs, upper, x, y);
  for (let index = xs.length - 1; index >= 0; index--) path.lineTo(x.at(xs[index]), y.at(lower[index]));
  path.closePath();
  return path;
}

/**
 * The CDF of a probability mass function as a line with a jump at each value.
 * @param {number[]} values  increasing
 * @param {ArrayLike<number>} probabilities
 * @param {[number, number]} range  range of the line
 * @returns {{ xs: number[], ys: number[] }}
 */
export function staircase(values, probabilities, [least, most]) {
  const [xs, ys] = [[least], [0]];
  let reached = 0;
  values.forEach((value, index) => {
    xs.push(value, value);
    ys.push(reached, (reached += probabilities[index]));
  });
  xs.push(most);
  ys.push(reached);
  return { xs, ys };
}

/** The interpolated value of a line at `x`; at a jump, the upper end. The `xs` must not decrease. */
export function valueAt(xs, ys, x) {
  if (!(x > xs[0])) return ys[0];
  let [below, above] = [0, xs.length - 1];
  if (x >= xs[above]) return ys[above];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (xs[middle] <= x) below = middle;
    else above = middle;
  }
  return ys[below] + ((ys[above] - ys[below]) * (x - xs[below])) / (xs[above] - xs[below]);
}
