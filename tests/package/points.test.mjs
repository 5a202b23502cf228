// Points with fake bindings: once on the calling thread, once through a worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bundleOverFakes } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

/** The contents of a text file in the encodings that spreadsheets and shells write. */
function csvFiles(text) {
  const utf16 = Buffer.from(text, "utf16le");
  const bigEndian = Buffer.from(utf16).swap16();
  const bytes = [Buffer.from(text), Buffer.from(`\ufeff${text}`), utf16, Buffer.concat([Buffer.of(0xff, 0xfe), utf16]), bigEndian, Buffer.concat([Buffer.of(0xfe, 0xff), bigEndian])];
  return bytes.flatMap((bytes) => [new Uint8Array(bytes), Uint8Array.from(bytes).buffer, new Blob([bytes])]);
}

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, () => {
    let api;
    let data;
    before(async () => {
      api = await import(address(entry));
      data = await api.PointData.named("rings", { count: 3, seed: 1 });
    });

    const refused = (message, code = "invalid-option") => ({ name: "TweedieError", code, message });

    test("data are plain, and map points back to the original units", async () => {
      assert.deepEqual([data.name, data.count, data.mean, data.scale], ["rings", 3, [1, 2], 3]);
      assert.deepEqual([...data.points], [1, 2, 3, 4, 5, 6]);
      assert.deepEqual([...data.restore(Float32Array.of(0, 0, 1, -1))], [1, 2, 4, -1]);
      assert.equal((await api.datasets())[0].name, "rings");
      assert.equal((await api.PointData.from(Float32Array.of(1, 2, 3, 4))).name, null);
      assert.equal((await api.PointData.fromCsv("1,2\n3,4")).count, 2);
      for (const file of csvFiles("1,2\n3,4\n5,6")) assert.equal((await api.PointData.fromCsv(file)).count, 3);
    });

    test("a split keeps name, mean and scale", async () => {
      const [training, heldOut] = await data.split({ fraction: 0.3 });
      assert.deepEqual([training.count, heldOut.count], [2, 1]);
      assert.ok(heldOut instanceof api.PointData);
      assert.deepEqual([heldOut.name, heldOut.mean, heldOut.scale], [data.name, data.mean, data.scale]);
    });

    test("invalid data are rejected with an error", async () => {
      await assert.rejects(api.PointData.named("moons"), refused(/name must be one of rings, got "moons"/));
      await assert.rejects(api.PointData.from([1, 2]), refused(/points must be a Float32Array, got Array/));
      await assert.rejects(api.PointData.fromCsv(""), refused(/at least two points/, "malformed-file"));
      await assert.rejects(api.PointData.fromCsv(7), refused(/csv must be a string, a File, an ArrayBuffer or a Uint8Array, got 7/));
      await assert.rejects(api.Trainer.create({ points: [] }), refused(/data must be a PointData/));
    });

    test("the forward process and distances take data and points", async () => {
      assert.deepEqual([...(await api.forward(data, { time: 2 }))], [3, 4, 5, 6, 7, 8]);
      assert.equal((await api.scheduleCurves("linear")).timesteps, 1000);
      const { times, positions } = await api.forwardPaths(data, { times: [0, 5] });
      assert.deepEqual([[...times], positions.length], [[0, 5], 6]);
      assert.equal(await api.distance(Float32Array.of(4, 0), data, { metric: "mmd" }), 3);
      await assert.rejects(api.distance([1, 2], data, { metric: "mmd" }), refused(/a must be a Float32Array/));
    });

    test("a sampling of points is a run", async () => {
      const model = await api.PointModel.ideal(data, { device: await api.openDevice("cpu") });
      assert.deepEqual([model.kind, model.dimensions, model.timesteps, model.parameterCount], ["ideal", 2, 1000, 0]);
      const sampling = model.sample({ steps: 3, count: 5 });
      const seen = [];
      for await (const { step } of sampling) {
        seen.push(step);
        if (step === 2) break;
      }
      for await (const { step } of sampling) seen.push(step);
      assert.deepEqual([seen, sampling.count], [[1, 2, 3], 5]);
      assert.equal((await sampling.noisy())[0], 3);
      assert.equal((await sampling.clean())[1], 3);
      assert.ok(sampling instanceof api.PointSampling);
      sampling.free();
      await assert.rejects(async () => sampling.noisy(), refused(/this sampling was freed/, "freed"));
    });

    test("an invalid sampler is reported at the first await, and an aborted signal before any step", async () => {
      const model = await api.PointModel.ideal(data);
      await assert.rejects(async () => {
        for await (const _ of model.sample({ sampler: "psychic" }));
      }, refused(/sampler must be one of ddim/));
      const reason = new Error("enough");
      await assert.rejects(async () => {
        for await (const _ of model.sample({ signal: AbortSignal.abort(reason) }));
      }, reason);
    });

    test("a model evaluates points", async () => {
      const model = await api.PointModel.ideal(data);
      const points = Float32Array.of(1, 2);
      assert.deepEqual([...(await model.field(points, { time: 3, quantity: "score" }))], [-1, -2]);
      assert.deepEqual([...(await model.paths(data, { from: 4, to: 0 })).times], [4, 0]);
      for await (const { steps } of model.encode(points, { steps: 2 })) assert.equal(steps, 2);
      for await (const { steps } of model.decode(points, { steps: 2 })) assert.equal(steps, 2);
      assert.deepEqual([...(await model.toSafetensors())], [1, 2, 3]);
      await assert.rejects(model.field([1, 2], {}), refused(/points must be a Float32Array/));
      model.free();
      await assert.rejects(async () => model.field(points, {}), refused(/was freed/, "freed"));
    });

    test("the log-density is closed for ideal models and along the flow for learned ones, and can be cancelled", async () => {
      const ideal = await api.PointModel.ideal(data);
      assert.deepEqual([...(await ideal.logDensity(data))], [-1]);
      const learned = await api.PointModel.fromSafetensors(Uint8Array.of(1));
      const seen = [];
      const onProgress = ({ step }) => seen.push(step);
      assert.deepEqual([...(await learned.logDensity(data, { steps: 2, onProgress }))], [-70]);
      assert.deepEqual(seen, [1, 2]);
      const controller = new AbortController();
      const cancelled = learned.logDensity(data, {
        steps: 5,
        signal: controller.signal,
        onProgress: ({ step }) => step === 2 && controller.abort(new Error("moved on")),
      });
      await assert.rejects(cancelled, /moved on/);
      await assert.rejects(learned.logDensity(data, { method: "guess" }), refused(/method must be closed-form or flow/));
    });

    test("the ideal denoiser of a distribution is that of its mixture", async () => {
      const mixed = await api.PointData.named("rings", { seed: 7 });
      assert.equal((await api.PointModel.ideal(mixed, { of: "distribution" })).kind, "ideal");
      await assert.rejects(api.PointModel.ideal(data, { of: "distribution" }), refused(/of must be points/));
      await assert.rejects(api.PointModel.ideal(data, { of: "dreams" }), refused(/of must be points or distribution/));
      await assert.rejects(api.PointModel.ideal(data, { schedule: "sine" }), refused(/schedule must be one of linear/));
      await assert.rejects(api.PointModel.ideal(data, { shedule: "linear" }), refused(/"shedule"/));
      await assert.rejects(api.PointModel.fromSafetensors("weights"), refused(/bytes must be a Uint8Array/));
    });

    test("training runs to its steps, pauses when the loop is left, and reports every loss", async () => {
      const trainer = await api.Trainer.create(data);
      const losses = [];
      for await (const slice of trainer) {
        losses.push(...slice.losses);
        assert.deepEqual([slice.step, slice.steps], [losses.length, 8]);
        assert.equal(trainer.completedSteps, slice.step);
      }
      assert.deepEqual(losses, [...Float32Array.from({ length: 8 }, (_, index) => 1 / (index + 1))]);
      assert.deepEqual([...(await trainer.steps(2))], [...Float32Array.of(1 / 9, 1 / 10)]);
      assert.equal(trainer.options.timeSampling, "low-variance");
      assert.equal(trainer.idealLoss, 0.25);
      assert.equal(trainer.parameterCount, 5);
      assert.deepEqual([trainer.warnings, (await trainer.model()).warnings], [["too much signal"], []]);
    });

    test("an aborted training keeps the completed steps", async () => {
      const trainer = await api.Trainer.create(data, { steps: 1e9 });
      const controller = new AbortController();
      const cancelled = trainer.steps(1e7, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 60);
      await assert.rejects(cancelled, /enough/);
      assert.ok(trainer.completedSteps > 0 && trainer.completedSteps < 1e7);
      const aborted = await api.Trainer.create(data, { signal: AbortSignal.abort(new Error("never")) });
      await assert.rejects(async () => {
        for await (const _ of aborted);
      }, /never/);
    });

    test("divergence reports the losses before it, keeps the last good weights and resumes with a smaller rate", async () => {
      const trainer = await api.Trainer.create(data, { learningRate: 2, steps: 6 });
      const losses = [];
      await assert.rejects(async () => {
        for await (const slice of trainer) losses.push(...slice.losses);
      }, refused(/training diverged/, "diverged"));
      assert.equal(losses.length, 3);
      assert.equal(trainer.completedSteps, 2);
      assert.equal((await trainer.model()).kind, "learned");
      await assert.rejects(trainer.steps(1), { code: "diverged" });
      await trainer.setLearningRate(0.5);
      assert.equal(trainer.options.learningRate, 0.5);
      for await (const { step } of trainer) assert.ok(step <= 6);
      assert.equal(trainer.completedSteps, 6);
      await assert.rejects(trainer.setLearningRate(-1), refused(/learningRate must be a positive number/));
    });

    test("a training can be saved and restored, and its model can use either weights", async () => {
      const trainer = await api.Trainer.create(data);
      await trainer.steps(3);
      const restored = await api.Trainer.restore(await trainer.save());
      assert.equal(restored.completedSteps, 3);
      assert.equal((await trainer.model("current")).kind, "current");
      trainer.free();
      trainer.free();
      await assert.rejects(async () => trainer.save(), refused(/this trainer was freed/, "freed"));
      await assert.rejects(api.Trainer.create(data, { width: 0 }), refused(/width must be between 1 and 4096/));
      await assert.rejects(api.Trainer.create(data, { device: "cpu" }), refused(/device must be/));
      await assert.rejects(trainer.steps(0.5), refused(/count must be a whole number/));
    });
  });
}
