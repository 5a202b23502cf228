// Writes www/compare/precomputed.json, the precomputed default comparison. Run it after ./build.sh, and run ./build.sh again
// afterwards: node tests/page/make-comparison.mjs
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { chromiumWith, serve } from "./host.mjs";

const FILE = join(dirname(fileURLToPath(import.meta.url)), "../../www/compare/precomputed.json");

/** Runs in a page of dist/ and returns the contents of precomputed.json. */
async function precompute() {
  const [{ openDevice, Pipeline, samplers }, { planOf, runsOf }, { pack }, { schema }, { pictureOptions }, { refusalsOf }, { readAddress }] = await Promise.all(
    ["tweedie/worker", "compare/plan", "compare/precomputed", "compare/settings", "compare/sources", "shell/samplers", "shell/address"].map((name) => import(`/${name}.js`)),
  );
  const { settings } = readAddress(schema, "");
  const listed = await samplers();
  const pipeline = await Pipeline.fromPretrained(`/models/${settings.model}`, { device: await openDevice("cpu") });
  const { classCount, nullClassLabel, labels, sampleSize, alphasCumprod } = pipeline;
  const rows = planOf(settings, listed, pipeline, pictureOptions(settings, pipeline));
  const coarse = new Set(rows.map(({ reference }) => reference.coarse.key));
  const results = {};
  for (const { key, options } of runsOf(rows).filter(({ key }) => !coarse.has(key))) {
    const sampling = pipeline.sample(options);
    let evaluations = 0;
    for await (const { step } of sampling) evaluations = step;
    results[key] = { evaluations, values: pack(await sampling.noisy()) };
    sampling.free();
  }
  const model = { name: settings.model, classCount, nullClassLabel, labels, sampleSize, timesteps: alphasCumprod.length };
  return { samplers: listed, refusals: Object.fromEntries(await refusalsOf(pipeline, listed)), model, results };
}

const { url, close } = await serve();
const browser = await chromium.launch(chromiumWith());
try {
  const page = await browser.newPage();
  await page.goto(`${url}models/mnist/model_index.json`); // a document of the same origin that runs nothing
  await writeFile(FILE, `${JSON.stringify(await page.evaluate(precompute), null, 1)}\n`);
} finally {
  await browser.close();
  close();
}
