// The built package with its real module, imported by name: the shipped model on the CPU, compared with samples of diffusers.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { WebWorker } from "./web_worker.mjs";

const ROOT = new URL("../../", import.meta.url);
const MODEL_FILES = [
  "model_index.json",
  "unet/config.json",
  "scheduler/scheduler_config.json",
  "unet/diffusion_pytorch_model.safetensors",
];
const TOLERANCE = 1e-3;

const read = async (path) => new Uint8Array(await readFile(new URL(path, ROOT)));

async function shippedModel() {
  const contents = MODEL_FILES.map(async (path) => [path, await read(`www/models/mnist/${path}`)]);
  return Object.fromEntries(await Promise.all(contents));
}

/** A tensor of float32 from the fixtures of the shipped model. */
async function expected(name) {
  const file = await readFile(new URL("tests/fixtures/mnist.safetensors", ROOT));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const [from, to] = JSON.parse(file.subarray(8, start).toString())[name].data_offsets;
  return new Float32Array(Uint8Array.from(file.subarray(start + from, start + to)).buffer);
}

globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

for (const entry of ["tweedie", "tweedie/worker"]) {
  describe(entry, async () => {
    const { Density, init, openDevice, Pipeline } = await import(entry);

    test("gives the same samples as diffusers", async () => {
      await init({ modules: { cpu: await read("pkg/tweedie_cpu_bg.wasm") } });
      const pipeline = await Pipeline.fromPretrained(await shippedModel(), {
        device: await openDevice("cpu"),
      });
      assert.deepEqual([pipeline.sampleSize, pipeline.channels, pipeline.parameterCount], [28, 1, 687_473]);
      assert.equal(pipeline.alphasCumprod.length, 1000);
      assert.equal(pipeline.schedulerDefaults.sampler, "ddpm");
      assert.deepEqual(pipeline.schedulerDefaults.options.unipc, { lowerOrderFinal: true, order: 2, predictClean: true, variant: "bh2" });
      assert.deepEqual([pipeline.classCount, pipeline.nullClassLabel, pipeline.labels?.length], [11, 10, 10]);
      const sampling = pipeline.sample({
        sampler: "ddim",
        steps: 10,
        seed: 0,
        batch: 2,
        classLabels: [3, 7],
      });
      const steps = [];
      for await (const { step } of sampling) steps.push(step);
      assert.deepEqual(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const values = await sampling.noisy();
      const right = await expected("ddim.final");
      assert.equal(values.length, right.length);
      const worst = Math.max(...right.map((value, index) => Math.abs(value - values[index])));
      assert.ok(worst <= TOLERANCE, `differs by ${worst}`);
      assert.equal((await sampling.images()).length, 2 * 28 * 28 * 4);
      sampling.free();
      pipeline.free();
    });

    test("rejects malformed checkpoints with an error, and keeps working", async () => {
      const device = await openDevice("cpu");
      const good = await shippedModel();
      const weights = MODEL_FILES.at(-1);
      const truncated = { ...good, [weights]: good[weights].subarray(0, 1000) };
      await assert.rejects(Pipeline.fromPretrained(truncated, { device }), {
        name: "TweedieError",
        code: "malformed-file",
      });
      const { [MODEL_FILES[1]]: _, ...incomplete } = good;
      await assert.rejects(Pipeline.fromPretrained(incomplete, { device }), { code: "missing-file" });
      const pipeline = await Pipeline.fromPretrained(good, { device });
      const wrong = async (options) => pipeline.sample(options).noisy();
      for (const options of [{ steps: 0 }, { steps: 1e6 }, { guidanceScale: NaN }, { classLabels: [11] }]) {
        await assert.rejects(wrong(options), { name: "TweedieError", code: "invalid-option" });
      }
      assert.equal((await pipeline.sample({ initialNoise: new Float32Array(784) }).noisy()).length, 784);
    });

    test("densities are sampled, tested and validated", async () => {
      const target = Density.mixture([{ weight: 0.3, mean: -2, sd: 0.5 }, { weight: 0.7, mean: 1, sd: 1 }]);
      const samples = await target.sample({ count: 3, seed: 42 });
      // scipy's quantiles of torch.rand(3, dtype=torch.float64) of seed 42
      const right = [-2.4331692334064803, -2.4050717602532927, -2.114029125643953];
      for (const [index, value] of right.entries()) assert.ok(Math.abs(samples[index] - value) < 1e-9, `${samples[index]} is not ${value}`);
      const kept = await target.sample({ method: "rejection", proposal: "normal", count: 20_000, seed: 1 });
      const { statistic, count } = await target.test(kept);
      assert.ok(statistic < 1.95 / Math.sqrt(count), `${statistic}`);
      assert.deepEqual([...(await target.sample({ into: new Float64Array(3), seed: 42 }))], [...samples]);

      const cauchy = Density.cauchy(0, 1);
      const { mean, support } = await cauchy.summary();
      assert.deepEqual([mean, support], [null, [-Infinity, Infinity]]);
      await assert.rejects(cauchy.envelope({ proposal: "normal" }), { code: "envelope" });
      const { breaks, supremum } = await cauchy.envelope({ proposal: { kind: "normal", mean: 0, sd: 1 }, c: 10 });
      assert.deepEqual([breaks[0][0], breaks[1][1], supremum], [-Infinity, Infinity, Infinity]);
      await assert.rejects(Density.formula("exp(-x^2", -3, 3).summary(), { name: "TweedieError", code: "formula", column: 9 });
      await assert.rejects(Density.normal(0, 0).sample(), { code: "invalid-option", message: /^sd must be a finite number above 0/ });
      await assert.rejects(cauchy.sample({ count: 1e9 }), { code: "invalid-option", message: /^count must be/ });
    });
  });
}
