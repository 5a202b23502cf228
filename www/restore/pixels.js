/** Converts values of the engine to pixels, and shows pixels on canvases. */

import { imageOf } from "../images/picture.js";

/** Pixels of the longer side of a canvas. The page scales it down smoothly, so every pixel of the picture stays a sharp square. */
const EDGE = 320;

/**
 * The pixels of values in [−1, 1].
 * @param {Float32Array} values  [channels, height, width] with 1 or 3 channels; a fourth is ignored
 * @param {number} count  height · width
 * @returns {Uint8ClampedArray}  RGBA
 */
export function pixelsOfValues(values, count) {
  const channels = values.length / count;
  const pixels = new Uint8ClampedArray(4 * count).fill(255);
  for (let at = 0; at < count; at++) {
    for (let channel = 0; channel < 3; channel++) pixels[4 * at + channel] = 127.5 * (values[(channels === 1 ? 0 : channel) * count + at] + 1);
  }
  return pixels;
}

/** The mean over the channels, per pixel. */
export function overChannels(values, count) {
  const channels = values.length / count;
  return Float32Array.from({ length: count }, (_, at) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += values[channel * count + at];
    return sum / channels;
  });
}

/** Draws an image with sharp pixels, as large as the canvas. */
export function drawSharp(context, image, { x = 0, y = 0, width, height }) {
  context.imageSmoothingEnabled = false;
  context.drawImage(image, x, y, width, height);
}

/** Shows one image on a canvas, which keeps its proportions. */
export function showPixels(canvas, pixels, [height, width]) {
  const scale = Math.max(1, Math.ceil(EDGE / Math.max(height, width)));
  const size = { width: scale * width, height: scale * height };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, size.width, size.height); // pixels may be transparent
  drawSharp(context, imageOf(pixels, width, height), size);
}

/**
 * What is seen of a picture, as an image: hidden pixels are transparent.
 * @param {{ values: Float32Array, shape: readonly number[] }} observation
 * @param {object} operator  of the package
 * @param {[number, number]} size  height and width of the picture
 * @returns {{ pixels: Uint8ClampedArray, size: [number, number] }}
 */
export function observedPixels({ values, shape }, operator, [height, width]) {
  const [, , rows, columns] = shape;
  const pixels = pixelsOfValues(values, rows * columns);
  if (operator.name === "inpaint") {
    operator.mask.forEach((isKnown, at) => (pixels[4 * at + 3] = 255 * isKnown));
    return { pixels, size: [height, width] };
  }
  if (operator.name !== "crop") return { pixels, size: [rows, columns] };
  const whole = new Uint8ClampedArray(4 * height * width);
  for (let row = 0; row < rows; row++) {
    whole.set(pixels.subarray(4 * row * columns, 4 * (row + 1) * columns), 4 * ((operator.top + row) * width + operator.left));
  }
  return { pixels: whole, size: [height, width] };
}
