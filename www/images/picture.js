/** Pictures as pixels, and as the numbers that a model takes. */

/** One picture of a batch, `[batch, height, width, 4]`, as pixels of its own. */
export function pixelsAt({ pixels, width, height }, index) {
  const size = 4 * width * height;
  return pixels.slice(index * size, (index + 1) * size);
}

/**
 * Pixels as values in [−1, 1] of as many channels as the model has: its grey is their luminance.
 * @param {Uint8ClampedArray} pixels  RGBA of one picture
 * @param {number} channels
 * @returns {Float32Array}  [channels, height, width]
 */
export function valuesOf(pixels, channels) {
  if (![1, 3, 4].includes(channels)) {
    throw new Error(`The model’s pictures have ${channels} channels; those of a picture from outside are grey, RGB or RGBA.`);
  }
  const count = pixels.length / 4;
  return Float32Array.from({ length: channels * count }, (_, index) => {
    const [channel, at] = [Math.floor(index / count), 4 * (index % count)];
    const byte = channels === 1 ? luminance(pixels[at], pixels[at + 1], pixels[at + 2]) : pixels[at + channel];
    return byte / 127.5 - 1;
  });
}

/** Of ITU-R BT.601, as PIL and torchvision turn colours to grey. */
const luminance = (red, green, blue) => (red === green && green === blue ? red : 0.299 * red + 0.587 * green + 0.114 * blue);

/** One after the other, as a batch. */
export function batchOf(pictures) {
  const batch = new Float32Array(pictures.length * pictures[0].length);
  pictures.forEach((values, index) => batch.set(values, index * values.length));
  return batch;
}

/** Pixels as something that can be drawn and scaled. */
export function imageOf(pixels, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}

/** The middle of an image as pixels of this size, without distortion; what is transparent is on white paper. */
export async function pixelsOf(image, [height, width]) {
  const scale = Math.min(image.width / width, image.height / height);
  const [cutWidth, cutHeight] = [scale * width, scale * height].map((size) => Math.max(1, Math.round(size)));
  const [left, top] = [(image.width - cutWidth) / 2, (image.height - cutHeight) / 2].map(Math.floor);
  const fitted = await createImageBitmap(image, left, top, cutWidth, cutHeight, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(fitted, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}
