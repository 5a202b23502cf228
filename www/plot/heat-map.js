/** Heat maps on a canvas. */

import { SHADES } from "./color-map.js";

/**
 * An image of a grid of numbers. Values outside the range get the colours of its ends; NaN is transparent.
 * @param {{ columns: number, rows: number, values: Float32Array }} grid  rows from the top
 * @param {[number, number]} range  values of the first and the last colour
 * @param {Uint32Array} ramp
 * @returns {OffscreenCanvas}
 */
export function heatMapOf({ columns, rows, values }, [least, most], ramp) {
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let index = 0; index < pixels.length; index++) {
    const share = (values[index] - least) / (most - least);
    if (!Number.isNaN(share)) pixels[index] = ramp[Math.round((SHADES - 1) * Math.min(1, Math.max(0, share)))];
  }
  const map = new OffscreenCanvas(columns, rows);
  map.getContext("2d").putImageData(image, 0, 0);
  return map;
}

/** Draws a map over a box, with smoothing. */
export function drawHeatMap(context, map, { x, y, width, height }) {
  context.save();
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(map, x, y, width, height);
  context.restore();
}
