// Records the runs for the start page, from the built page: node tools/record.mjs
// Writes www/recordings/, which www/home/recording.js reads.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumWith, serve } from "../tests/page/host.mjs";
import { ROOT } from "./root.mjs";

const FOLDER = join(ROOT, "www/recordings");
const COUNT = 16;
const STEPS = 20;
/** Number of levels per channel for intermediate estimates; more are not visible and compress worse. */
const LEVELS = 16;
/** Noise is clipped at this value, which affects one value in 2,000. */
const RANGE = 3.5;
/** The digits are the default run of the images lab. */
const RUNS = {
  digits: { folder: "/models/mnist", options: { seed: 6, classLabels: labels(10) } },
  tiles: { folder: "/models/tiles", options: { seed: 1, classLabels: labels(8), guidanceScale: 2 } },
};

/** All classes in turn. */
function labels(classes) {
  return Array.from({ length: COUNT }, (_, index) => index % classes);
}

const server = await serve();
const browser = await chromium.launch(chromiumWith());
try {
  await mkdir(FOLDER, { recursive: true });
  const page = await browser.newPage();
  await page.goto(`${server.url}models/mnist/model_index.json`);
  for (const [name, { folder, options }] of Object.entries(RUNS)) {
    const { facts, base64 } = await page.evaluate(record, { folder, options: { sampler: "ddim", useClippedModelOutput: true, steps: STEPS, batch: COUNT, ...options }, range: RANGE, levels: LEVELS });
    await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(facts)}\n`);
    await writeFile(join(FOLDER, `${name}.webp`), Buffer.from(base64, "base64"));
    console.log(`${name}: ${Math.round((base64.length * 3) / 4 / 1000)} kB`);
  }
} finally {
  await browser.close();
  server.close();
}

// In the page.
async function record({ folder, options, range, levels: coarse }) {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const pipeline = await Pipeline.fromPretrained(folder, { device: await openDevice("cpu") });
  const sampling = pipeline.sample(options);
  const noise = await sampling.noisy();
  const { batch: count } = options;
  const size = pipeline.sampleSize;
  const channels = noise.length / (count * size * size);
  const coarsened = (value) => (2 * Math.round(((coarse - 1) * (value + 1)) / 2)) / (coarse - 1) - 1;
  const rows = [{ values: noise, scale: range }];
  const levels = [];
  for await (const { timestep } of sampling) {
    const alpha = Math.sqrt(pipeline.alphasCumprod[timestep]);
    levels.push([alpha, Math.sqrt(1 - alpha ** 2)]);
    rows.push({ values: await sampling.clean(), scale: 1 });
  }
  levels.push([1, 0]);
  for (const row of rows.slice(1, -1)) row.values = row.values.map(coarsened);
  const canvas = new OffscreenCanvas(count * size, rows.length * size);
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  rows.forEach(({ values, scale }, row) => {
    for (let at = 0; at < count * size * size; at++) {
      const [picture, y, x] = [Math.floor(at / size ** 2), Math.floor((at % size ** 2) / size), at % size];
      const pixel = 4 * ((row * size + y) * canvas.width + picture * size + x);
      for (let channel = 0; channel < 3; channel++) {
        image.data[pixel + channel] = Math.round(127.5 * (1 + values[(picture * channels + (channel % channels)) * size ** 2 + y * size + x] / scale));
      }
      image.data[pixel + 3] = 255;
    }
  });
  context.putImageData(image, 0, 0);
  // Lossless at full quality.
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 1 })).arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  const facts = { width: size, height: size, count, range, levels: levels.map((level) => level.map((value) => Number(value.toPrecision(7)))) };
  return { facts, base64: btoa(text) };
}
