/** Converts images between pixels and the values of a model. */

/** A copy of the pixels of one image of a batch, `[batch, height, width, 4]`. */
export function pixelsAt({ pixels, width, height }, index) {
  const size = 4 * width * height;
  return pixels.slice(index * size, (index + 1) * size);
}

/**
 * Converts pixels to values in [−1, 1] with the model's channels. One channel is the luminance.
 * @param {Uint8ClampedArray} pixels  RGBA of one image
 * @param {number} channels
 * @returns {Float32Array}  [channels, height, width]
 */
export function valuesOf(pixels, channels) {
  if (![1, 3, 4].includes(channels)) {
    throw new Error(`This needs a model with 1, 3 or 4 channels; this model has ${channels}.`);
  }
  const count = pixels.length / 4;
  return Float32Array.from({ length: channels * count }, (_, index) => {
    const [channel, at] = [Math.floor(index / count), 4 * (index % count)];
    const byte = channels === 1 ? luminance(pixels[at], pixels[at + 1], pixels[at + 2]) : pixels[at + channel];
    return byte / 127.5 - 1;
  });
}

/** Luminance by ITU-R BT.601, as in PIL and torchvision. */
const luminance = (red, green, blue) => (red === green && green === blue ? red : 0.299 * red + 0.587 * green + 0.114 * blue);

/** Concatenates images into a batch. */
export function batchOf(pictures) {
  const batch = new Float32Array(pictures.length * pictures[0].length);
  pictures.forEach((values, index) => batch.set(values, index * values.length));
  return batch;
}

/** A canvas with these pixels, which can be drawn and scaled. */
export function imageOf(pixels, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}

/** The pixels of an image, cropped at its centre and scaled to this size, on white. */
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
