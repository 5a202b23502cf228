// Converts image sources of the web to the values of a model, and back.
import { invalidOption, TweedieError } from "./errors.js";
import { ownFields } from "./plain.js";

/** Height and width of a pipeline's images. */
export const sidesOf = ({ sampleSize }) => (typeof sampleSize === "number" ? [sampleSize, sampleSize] : [...sampleSize]);

/** Height and width of the canvas of `Pipeline.synchronise`. */
export function canvasSidesOf(pipeline, options) {
  const given = ownFields(options);
  return ["height", "width"].map((side, axis) => given[side] ?? sidesOf(pipeline)[axis]);
}

/** The pixels of one image of a batch `[batch, height, width, 4]`. */
export function pictureAt(pixels, [height, width], index) {
  const size = 4 * height * width;
  const count = pixels.length / size;
  if (!Number.isInteger(index) || index < 0 || index >= count)
    throw invalidOption("index", `a whole number from 0 to ${count - 1}`, index);
  return pixels.slice(index * size, (index + 1) * size);
}

export function imageDataOf(pixels, [height, width]) {
  return new (needed("ImageData"))(pixels, width, height);
}

/** An image file of the pixels. */
export async function blobOf(imageData, { type = "image/png", quality } = {}) {
  const canvas = canvasOf(imageData.width, imageData.height);
  canvas.getContext("2d").putImageData(imageData, 0, 0);
  const blob = canvas.convertToBlob
    ? await canvas.convertToBlob({ type, quality })
    : await new Promise((resolve) => canvas.toBlob(resolve, type, quality));
  // Browsers silently write PNG instead of unsupported formats.
  if (blob?.type !== type) throw invalidOption("type", "an image format that this browser can write, such as image/png", type);
  return blob;
}

/** Draws a batch of images as a grid, and resizes the canvas to fit. */
export function drawGrid(canvas, pixels, [height, width], columns) {
  const context = canvas?.getContext?.("2d");
  if (!context) throw invalidOption("canvas", "a canvas with a 2d context", canvas);
  const count = pixels.length / (4 * height * width);
  const across = Math.min(count, columns ?? Math.ceil(Math.sqrt(count)));
  if (!Number.isInteger(across) || across < 1) throw invalidOption("columns", "a whole number above 0", columns);
  canvas.width = across * width;
  canvas.height = Math.ceil(count / across) * height;
  for (let index = 0; index < count; index += 1) {
    const image = imageDataOf(pictureAt(pixels, [height, width], index), [height, width]);
    context.putImageData(image, (index % across) * width, Math.floor(index / across) * height);
  }
}

/**
 * Converts image sources to the values of a pipeline, `[batch, channels, height, width]` in [−1, 1].
 * @param source one or more image sources
 * @param {{ sampleSize: number | [number, number], channels: number }} pipeline
 */
export async function imagesOf(source, pipeline) {
  const sides = sidesOf(pipeline);
  const { channels } = pipeline;
  if (![1, 3, 4].includes(channels))
    throw new TweedieError("unsupported", `images can be converted to 1, 3 or 4 channels, but this model has ${channels}`);
  const pictures = isList(source) ? [...source] : [source];
  if (pictures.length === 0) throw invalidOption("source", "at least one image", "an empty list");
  const size = channels * sides[0] * sides[1];
  const images = new Float32Array(pictures.length * size);
  for (const [index, picture] of pictures.entries()) writeValues(await pixelsOf(picture, sides), channels, images.subarray(index * size, (index + 1) * size));
  return images;
}

const isList = (source) => Array.isArray(source) || (globalThis.FileList !== undefined && source instanceof FileList);

/** RGBA pixels of an image, cropped at its centre and scaled to this size, on white. */
async function pixelsOf(picture, [height, width]) {
  if (isPixels(picture) && picture.width === width && picture.height === height) return onWhite(picture.data);
  let bitmap;
  try {
    bitmap = await needed("createImageBitmap")(picture);
  } catch (error) {
    if (error?.name === "TweedieError") throw error;
    throw new TweedieError("invalid-option", `source must be an image or a list of images (file, blob, ImageData, element or canvas): ${error.message}`, { cause: error });
  }
  const context = canvasOf(width, height).getContext("2d");
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [cutWidth, cutHeight] = [width / scale, height / scale];
  const [left, top] = [(bitmap.width - cutWidth) / 2, (bitmap.height - cutHeight) / 2].map(Math.floor);
  // Drawing directly would sample single pixels of a large image.
  const resized = await createImageBitmap(bitmap, left, top, Math.max(1, Math.round(cutWidth)), Math.max(1, Math.round(cutHeight)), {
    resizeWidth: width, resizeHeight: height, resizeQuality: "high",
  });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(resized, 0, 0);
  bitmap.close();
  resized.close();
  return context.getImageData(0, 0, width, height).data;
}

const isPixels = (picture) => picture?.data instanceof Uint8ClampedArray;

function onWhite(pixels) {
  return pixels.map((value, index) => {
    const alpha = pixels[index - (index % 4) + 3] / 255;
    return index % 4 === 3 ? 255 : value * alpha + 255 * (1 - alpha);
  });
}

function writeValues(pixels, channels, values) {
  const count = pixels.length / 4;
  for (let at = 0; at < count; at += 1) {
    const colour = pixels.subarray(4 * at, 4 * at + 4);
    for (let channel = 0; channel < channels; channel += 1)
      values[channel * count + at] = (channels === 1 ? luminance(colour) : colour[channel]) / 127.5 - 1;
  }
}

/** Luminance by ITU-R BT.601, as in PIL and torchvision. */
const luminance = ([red, green, blue]) => (red === green && green === blue ? red : 0.299 * red + 0.587 * green + 0.114 * blue);

function canvasOf(width, height) {
  if (globalThis.OffscreenCanvas) return new OffscreenCanvas(width, height);
  if (globalThis.document) return Object.assign(document.createElement("canvas"), { width, height });
  return needed("OffscreenCanvas");
}

/** A web API that Node.js does not have. */
function needed(name) {
  if (globalThis[name] === undefined)
    throw new TweedieError("unsupported", `${name} is not available here (Node.js does not have it); use images(), and toImages() with ImageData of the model's size`);
  return globalThis[name];
}
