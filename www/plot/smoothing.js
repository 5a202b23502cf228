/** Smoothing of noisy curves. */

/**
 * The exponential moving average of a series, with bias correction (Kingma & Ba 2015, section 3).
 * @param {ArrayLike<number>} values
 * @param {number} window  approximate number of values it averages over
 * @returns {Float64Array}
 */
export function smoothed(values, window) {
  const decay = 1 - 1 / Math.max(1, window);
  const smooth = new Float64Array(values.length);
  let [average, weight] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    average = decay * average + (1 - decay) * values[index];
    weight = decay * weight + (1 - decay);
    smooth[index] = average / weight;
  }
  return smooth;
}

/**
 * Minimum and maximum of each of `count` equal parts of a series.
 * @returns {{ least: Float64Array, most: Float64Array }}  NaN for a part without a value
 */
export function envelope(values, count) {
  const [least, most] = [new Float64Array(count).fill(NaN), new Float64Array(count).fill(NaN)];
  for (let index = 0; index < values.length; index++) {
    const part = Math.min(count - 1, Math.floor((index * count) / values.length));
    if (!(values[index] >= least[part])) least[part] = values[index];
    if (!(values[index] <= most[part])) most[part] = values[index];
  }
  return { least, most };
}
