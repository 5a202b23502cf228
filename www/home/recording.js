/**
 * Recorded runs of a sampler. Only the noise that a run starts from and the network's estimates of the clean pictures are stored; the
 * steps between them are DDIM's (Song, Meng & Ermon 2021, eq. 12 with eta = 0), taken here.
 */

/**
 * @typedef {object} Recording
 * @property {number} steps
 * @property {number} width  of each picture
 * @property {number} height
 * @property {Uint8ClampedArray[]} frames  the pictures after 0, 1, … `steps` steps: RGBA, [count, height, width, 4]
 * @property {[number, number][]} levels  alpha and sigma of each frame
 */

/**
 * Reads one of `recordings/`.
 * @returns {Promise<Recording>}
 */
export async function readRecording(name) {
  const [facts, strip] = await Promise.all([readFacts(`recordings/${name}.json`), readStrip(`recordings/${name}.webp`)]);
  return { ...facts, steps: facts.levels.length - 1, frames: framesOf(facts, strip) };
}

const readFacts = async (address) => (await fetch(address)).json();

/** The pixels of a strip: a row of pictures of the noise, and below it one of estimates for each step. */
async function readStrip(address) {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob(), { colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** Takes the steps: x' = alpha' x̂0 + sigma' (x − alpha x̂0)/sigma. */
export function framesOf({ width, height, count, range, levels }, { data, width: across }) {
  const size = 4 * count * width * height;
  const row = (index, scale) => Float32Array.from({ length: size }, (_, at) => (data[placeInStrip(index, at, { width, height, across })] / 127.5 - 1) * scale);
  let noisy = row(0, range);
  const frames = [pixelsOf(noisy)];
  for (let step = 0; step + 1 < levels.length; step++) {
    const clean = row(step + 1, 1);
    const [[alpha, sigma], [nextAlpha, nextSigma]] = [levels[step], levels[step + 1]];
    noisy = noisy.map((value, at) => nextAlpha * clean[at] + (nextSigma * (value - alpha * clean[at])) / sigma);
    frames.push(pixelsOf(noisy));
  }
  return frames;
}

/** Where the strip has a number of `[count, height, width, 4]`, in one of its rows of pictures. */
function placeInStrip(row, at, { width, height, across }) {
  const pixel = Math.floor(at / 4);
  const [picture, inside] = [Math.floor(pixel / (width * height)), pixel % (width * height)];
  const [y, x] = [Math.floor(inside / width), inside % width];
  return 4 * ((row * height + y) * across + picture * width + x) + (at % 4);
}

function pixelsOf(values) {
  const pixels = Uint8ClampedArray.from(values, (value) => 127.5 * (value + 1));
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = 255;
  return pixels;
}
