/**
 * Recorded sampling runs. Only the initial noise and the network's clean estimates are stored. The samples between
 * them are recomputed here with DDIM steps (Song, Meng & Ermon 2021, eq. 12 with eta = 0).
 */

/**
 * @typedef {object} Recording
 * @property {number} steps
 * @property {number} width  of each image
 * @property {number} height
 * @property {Uint8ClampedArray[]} frames  the images after 0, 1, … `steps` steps: RGBA, [count, height, width, 4]
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

/** The pixels of a strip: a row of noise images, and below it a row of estimates for each step. */
async function readStrip(address) {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob(), { colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** Computes the DDIM steps: x' = alpha' x̂0 + sigma' (x − alpha x̂0)/sigma. */
export function framesOf({ width, height, count, range, levels }, { data, width: across }) {
  const noisy = new Float32Array(4 * count * width * height);
  const clean = new Float32Array(noisy.length);
  /** Reads a row of images of the strip as `[count, height, width, 4]`, with values from −scale to scale. */
  const read = (row, scale, into) => {
    let at = 0;
    for (let image = 0; image < count; image++) {
      for (let y = 0; y < height; y++) {
        const from = 4 * ((row * height + y) * across + image * width);
        for (let offset = 0; offset < 4 * width; offset++) into[at++] = (data[from + offset] / 127.5 - 1) * scale;
      }
    }
  };
  read(0, range, noisy);
  const frames = [pixelsOf(noisy)];
  for (let step = 0; step + 1 < levels.length; step++) {
    read(step + 1, 1, clean);
    const [[alpha, sigma], [nextAlpha, nextSigma]] = [levels[step], levels[step + 1]];
    const keep = nextSigma / sigma;
    const gain = nextAlpha - keep * alpha;
    for (let at = 0; at < noisy.length; at++) noisy[at] = keep * noisy[at] + gain * clean[at];
    frames.push(pixelsOf(noisy));
  }
  return frames;
}

function pixelsOf(values) {
  const pixels = new Uint8ClampedArray(values.length);
  for (let at = 0; at < values.length; at++) pixels[at] = at % 4 === 3 ? 255 : 127.5 * (values[at] + 1);
  return pixels;
}
