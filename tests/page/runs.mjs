// Pipeline methods other than sampling, in the built package, in the worker on the CPU.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FIXTURES } from "./host.mjs";
import { assertClose, pageTest, withTinyDigits } from "./support.mjs";

const FILES = ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json"];
const tiny = Object.fromEntries(await Promise.all(FILES.map(async (path) => [path, await readFile(join(FIXTURES, "tiny_pipeline", path), "base64")])));
/** Relative tolerance of the native tests, and their values, which `tests/web` compares on WebGPU, too. */
const TOLERANCE = 1e-4;
const known = await readFile(join(FIXTURES, "../common/tiny.rs"), "utf8");
const numbers = (name) => known.match(new RegExp(`const ${name}: .*? = \\[?([^\\];]+)`))[1].split(",").map(Number);

pageTest("the worker computes the known likelihood and bound", { tolerated: /favicon\.ico/ }, async (page, go) => {
  await go("models/mnist/model_index.json"); // a document of the same origin that runs nothing
  const found = await page.evaluate(compareRuns, tiny);
  const relative = (name, expected) => assertClose(found[name].map((value, index) => value / expected[index]), expected.map(() => 1), TOLERANCE);
  relative("nats", numbers("NATS"));
  relative("bits", numbers("BITS_PER_DIMENSION"));
  relative("prior", numbers("PRIOR"));
  relative("terms", numbers("TERMS"));
  relative("decoder", numbers("DECODER"));
  relative("bound", numbers("BOUND"));
  assert.deepEqual(found.timesteps, [999, 666, 333, 0]);
});

async function compareRuns(tiny) {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const source = Object.fromEntries(Object.entries(tiny).map(([path, base64]) => [path, bytes(base64)]));
  const pipeline = await Pipeline.fromPretrained(source, { device: await openDevice("cpu") });
  const image = Float32Array.from({ length: 192 }, (_, index) => ((index * 37) % 256) / 127.5 - 1);
  const finished = async (run) => {
    for await (const { step, steps } of run) if (step > steps) throw new Error("too many steps");
    return run;
  };
  const likelihood = await finished(pipeline.logLikelihood(image, { steps: 4 }));
  const bound = await finished(pipeline.variationalBound(image, { steps: 4 }));
  const found = {
    nats: await likelihood.nats(), bits: await likelihood.bitsPerDimension(), prior: await bound.prior(), terms: await bound.terms(),
    decoder: await bound.decoder(), timesteps: await bound.timesteps(), bound: await bound.bitsPerDimension(),
  };
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, Array.from(values)]));
}

pageTest("images are encoded, interpolated and decoded", { tolerated: /favicon\.ico/ }, async (page, go) => {
  await withTinyDigits(page);
  await go("models/mnist/model_index.json");
  const { inverted, encoded, between, images } = await page.evaluate(travel);
  const off = rootMeanSquare(inverted.map((value, index) => value - images[index]));
  assert.ok(off < 0.2, `by inversion and back they are off by ${off}`);
  assertClose(encoded, images, 0.01);
  assert.ok(between.every(Number.isFinite) && Math.max(...between) > 0);
});

const rootMeanSquare = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

async function travel() {
  const { openDevice, Pipeline, slerp } = await import("/tweedie/worker.js");
  const pipeline = await Pipeline.fromPretrained("/models/mnist", { device: await openDevice("cpu") });
  const end = async (run) => {
    for await (const { step } of run) if (step < 1) throw new Error("a step that is none");
    return run.noisy();
  };
  const clean = await end(pipeline.sample({ sampler: "heun", steps: 10, classLabels: [3, 8] }));
  const images = clean.map((value) => Math.min(1, Math.max(-1, value)));
  const classLabels = [3, 8];
  const noise = await end(pipeline.invert(images, { steps: 20, classLabels }));
  const inverted = await end(pipeline.sample({ sampler: "ddim", steps: 20, classLabels, initialNoise: noise }));
  const latents = await end(pipeline.encode(images, { solver: "rk4", steps: 20, classLabels }));
  const encoded = await end(pipeline.decode(latents, { solver: "rk4", steps: 20, classLabels }));
  const half = await slerp(latents.slice(0, 784), latents.slice(784), 0.5);
  const between = await end(pipeline.decode(half, { steps: 10, classLabels: 3 }));
  return Object.fromEntries(Object.entries({ inverted, encoded, between, images }).map(([name, values]) => [name, Array.from(values)]));
}
