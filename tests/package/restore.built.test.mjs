// Restoring and synchronising with the real module: the shipped digits on the CPU, on the calling thread and through the worker.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { WebWorker } from "./web_worker.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json", "unet/diffusion_pytorch_model.safetensors"];
const read = async (path) => new Uint8Array(await readFile(new URL(path, ROOT)));
const SIDE = 28;
const SIZE = SIDE * SIDE;
/** The noise estimate follows from the clipped estimate, as it does where several views are averaged. */
const RUN = { sampler: "ddim", steps: 3, seed: 1, useClippedModelOutput: true };

globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

const clipped = (images) => images.map((value) => Math.min(1, Math.max(-1, value)));
const finished = async (run) => {
  for await (const _ of run);
  return run.noisy();
};
const closest = (actual, expected) => Math.max(...actual.map((value, index) => Math.abs(value - expected[index])));
/** A picture of smooth shapes, in [−1, 1]. */
const PICTURE = Float32Array.from({ length: SIZE }, (_, at) => Math.sin(0.4 * (at % SIDE)) * Math.cos(0.3 * Math.floor(at / SIDE)));

for (const entry of ["tweedie", "tweedie/worker"]) {
  describe(entry, () => {
    let api;
    let pipeline;
    before(async () => {
      api = await import(entry);
      await api.init({ modules: { cpu: await read("pkg/tweedie_cpu_bg.wasm") } });
      const contents = await Promise.all(FILES.map(async (path) => [path, await read(`www/models/mnist/${path}`)]));
      pipeline = await api.Pipeline.fromPretrained(Object.fromEntries(contents), { device: await api.openDevice("cpu") });
    });

    test("the catalog has every method and operator of the types, with papers and options", async () => {
      const { methods, operators } = await api.restorers();
      assert.deepEqual(methods.map(({ name }) => name).sort(), ["ddrm", "dps", "pigdm", "repaint", "replacement"]);
      assert.deepEqual(operators.map(({ name }) => name).sort(), ["blur", "crop", "downsample", "grey", "inpaint", "linear", "motion-blur", "quantise"]);
      for (const { title, paper, url, operators: supported, options } of methods) {
        assert.ok(title && /\d{4}/.test(paper) && url.startsWith("https://") && supported.length > 0);
        for (const { type, meaning } of Object.values(options)) assert.ok(type && meaning);
      }
      assert.deepEqual(methods.filter(({ operators: supported }) => supported.includes("quantise")).map(({ name }) => name), ["dps"]);
    });

    test("an observation is what its operator says", async () => {
      const { values, shape } = await pipeline.observe(PICTURE, { operator: { name: "downsample", factor: 4 } });
      assert.deepEqual(shape, [1, 1, 7, 7]);
      const means = Float32Array.from({ length: 49 }, (_, block) => {
        const [row, column] = [4 * Math.floor(block / 7), 4 * (block % 7)];
        return Array.from({ length: 16 }, (_, at) => PICTURE[(row + Math.floor(at / 4)) * SIDE + column + (at % 4)]).reduce((sum, value) => sum + value) / 16;
      });
      assert.ok(closest(values, means) < 1e-5);
      const crop = await pipeline.observe(PICTURE, { operator: { name: "crop", top: 2, left: 3, height: 1, width: 4 } });
      assert.deepEqual(crop.values, PICTURE.slice(2 * SIDE + 3, 2 * SIDE + 7));
      const matrix = new Float32Array(SIZE).fill(1 / SIZE);
      const { values: [mean] } = await pipeline.observe(PICTURE, { operator: { name: "linear", matrix, outputs: 1 } });
      assert.ok(Math.abs(mean - PICTURE.reduce((sum, value) => sum + value) / SIZE) < 1e-5);
    });

    test("the noise of an observation has its standard deviation and follows its seed", async () => {
      const noisy = async (seed) => (await pipeline.observe(PICTURE, { operator: { name: "crop", top: 0, left: 0, height: SIDE, width: SIDE - 1 }, noise: 0.5, seed })).values;
      const [first, again, other] = [await noisy(3), await noisy(3), await noisy(4)];
      assert.deepEqual(first, again);
      assert.notDeepEqual(first, other);
      const errors = first.map((value, at) => value - PICTURE[Math.floor(at / (SIDE - 1)) * SIDE + (at % (SIDE - 1))]);
      const std = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
      assert.ok(Math.abs(std - 0.5) < 0.05, `${std}`); // 4 standard errors of 756 values
    });

    test("replacement without noise keeps what is known, and the statistics are those of the answers", async () => {
      const mask = Uint8Array.from({ length: SIZE }, (_, at) => Number(at < SIZE / 2));
      const operator = { name: "inpaint", mask };
      const { values } = await pipeline.observe(PICTURE, { operator });
      const run = pipeline.restore(values, { ...RUN, operator, method: "replacement", batch: 3, classLabels: 10 });
      const answers = await finished(run);
      assert.equal(run.batch, 3);
      for (const answer of [0, 1, 2]) assert.ok(closest(answers.slice(answer * SIZE, answer * SIZE + SIZE / 2), PICTURE) < 1e-3);
      assert.ok((await run.residual()).every((residual) => residual < 1e-3));
      const clean = await run.clean();
      const of = (at) => [0, 1, 2].map((answer) => clean[answer * SIZE + at]);
      const mean = Float32Array.from({ length: SIZE }, (_, at) => of(at).reduce((sum, value) => sum + value) / 3);
      const std = Float32Array.from({ length: SIZE }, (_, at) => Math.sqrt(of(at).reduce((sum, value) => sum + (value - mean[at]) ** 2, 0) / 2));
      assert.ok(closest(await run.mean(), mean) < 1e-5);
      assert.ok(closest(await run.std(), std) < 1e-5);
    });

    for (const method of ["pigdm", "dps", "ddrm", "repaint"]) {
      test(`${method} comes nearer to the observation than a sample without it`, async () => {
        const operator = { name: "downsample", factor: 4 };
        const digit = clipped(await finished(pipeline.sample({ ...RUN, steps: 8, classLabels: 3 })));
        const { values } = await pipeline.observe(digit, { operator });
        const rms = async (images) => {
          const seen = (await pipeline.observe(clipped(images), { operator })).values;
          return Math.sqrt(seen.reduce((sum, value, at) => sum + (value - values[at % 49]) ** 2, 0) / seen.length);
        };
        const options = { steps: 10, seed: 5, batch: 2, classLabels: 10 };
        const own = { repaint: { jumpLength: 2, jumpSamples: 2 }, dps: { stepSize: 30 } }[method];
        const run = pipeline.restore(values, { ...options, ...own, operator, method, noise: 0.02 });
        const restored = await rms(await finished(run));
        // Samples of the prior, without the observation.
        const free = await rms(await finished(pipeline.sample({ sampler: "ddpm", ...options })));
        assert.ok(restored < free / 3, `${restored} and ${free}`);
        assert.ok((await run.residual()).every((residual) => residual < free));
      });
    }

    test("one view that leaves the canvas as it is gives the samples of sample()", async () => {
      const expected = await finished(pipeline.sample({ ...RUN, classLabels: 3 }));
      const actual = await finished(pipeline.synchronise({ ...RUN, views: [{ classLabel: 3 }] }));
      assert.ok(closest(actual, expected) < 1e-5);
    });

    test("one view that turns the canvas gives the turned sample of turned noise", async () => {
      const noise = Float32Array.from({ length: SIZE }, (_, at) => Math.sin(12.9898 * at) * 1.4);
      const expected = await finished(pipeline.sample({ ...RUN, classLabels: 6, initialNoise: noise }));
      const turned = await finished(pipeline.synchronise({ ...RUN, views: [{ transform: "rotate-180", classLabel: 6 }], initialNoise: noise.toReversed() }));
      assert.ok(closest(turned.toReversed(), expected) < 1e-4);
    });

    test("a canvas of two separate windows is two samples side by side", async () => {
      const run = pipeline.synchronise({ ...RUN, width: 2 * SIDE, views: [{ classLabel: 1 }, { left: SIDE, classLabel: 7 }] });
      const canvas = await finished(run);
      assert.equal(canvas.length, 2 * SIZE);
      assert.equal((await run.images()).length, 8 * SIZE);
    });

    const WRONG = [
      [{ operator: { name: "downsample", factor: 5 } }, /^operator\.factor must be one of 2, 4, 7, 14, 28/],
      [{ operator: { name: "inpaint", mask: new Uint8Array(SIZE) } }, /^operator\.mask must be/],
      [{ operator: { name: "inpaint", mask: new Uint8Array(4) } }, /^operator\.mask must be 784 numbers/],
      [{ operator: { name: "grey" } }, /^operator must be/],
      [{ operator: { name: "quantise", levels: 3 }, method: "ddrm" }, /^method must be one of dps/],
      [{ noise: -1 }, /^noise must be/],
      [{ noise: NaN }, /^noise must be/],
      [{ jumpLength: 3 }, /jumpLength/],
    ];
    for (const [wrong, message] of WRONG) {
      test(`${JSON.stringify(wrong).slice(0, 70)} is refused`, async () => {
        const run = async () => {
          for await (const _ of pipeline.restore(new Float32Array(49), { operator: { name: "downsample", factor: 4 }, steps: 2, ...wrong }));
        };
        await assert.rejects(run, { name: "TweedieError", message });
      });
    }
  });
}
