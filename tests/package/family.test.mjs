// The family of generative models over fake bindings: once on the calling thread, once through a worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bundleOverFakes } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

const refused = (message, code = "invalid-option") => ({ name: "TweedieError", code, message });

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, () => {
    let api;
    let data;
    before(async () => {
      api = await import(address(entry));
      data = await api.PointData.named("rings", { count: 3 });
    });

    const gan = (options) => api.Trainer.create(data, { model: "gan", ...options });

    test("the models are listed with presets and defaults", async () => {
      assert.deepEqual(await api.families(), [{ name: "gan", presets: ["works"], options: { steps: 6 } }]);
    });

    test("a model trains by iteration, and says what it is", async () => {
      const trainer = await gan();
      assert.ok(trainer instanceof api.FamilyTrainer);
      assert.deepEqual([trainer.model, trainer.parameterCount, trainer.trainableCount, trainer.evaluations, trainer.fields], ["gan", 7, 5, 1, ["discriminator"]]);
      assert.deepEqual([trainer.capabilities.sample, trainer.capabilities.logDensity], [true, false]);
      const generator = [];
      for await (const { step, steps, losses } of trainer) {
        generator.push(...losses.generator);
        assert.deepEqual([step, steps], [generator.length, 6]);
      }
      assert.deepEqual(generator, [1, 2, 3, 4, 5, 6]);
      assert.equal(trainer.completedSteps, 6);
    });

    test("steps returns the losses by name, NaN where a step has none", async () => {
      const trainer = await gan();
      const { generator, penalty } = await trainer.steps(4);
      assert.deepEqual([[...generator], [...penalty]], [[1, 2, 3, 4], [NaN, NaN, 1, 1]]);
      assert.deepEqual(await trainer.steps(0), {});
    });

    test("queries take points and data", async () => {
      const trainer = await gan();
      assert.deepEqual([...(await trainer.sample({ count: 1, seed: 5 }))], [5, 5]);
      assert.deepEqual([...(await trainer.field("discriminator", Float32Array.of(1, 2)))], [2, 4]);
      assert.equal((await trainer.field("discriminator", data)).length, 6);
      assert.deepEqual([...(await trainer.decode(Float32Array.of(1, 2)))], [2, 3]);
    });

    test("what a model cannot compute is named", async () => {
      const trainer = await gan();
      await assert.rejects(trainer.logDensity(data), refused(/gan has no log-density/, "no-capability"));
    });

    test("it is saved, restored and freed", async () => {
      const trainer = await gan();
      await trainer.steps(2);
      const restored = await api.FamilyTrainer.restore(await trainer.save());
      assert.equal(restored.completedSteps, 2);
      restored.free();
      await assert.rejects(async () => restored.sample(), refused(/this trainer was freed/, "freed"));
    });

    test("a diverged training returns to its last good weights and continues at a smaller rate", async () => {
      const trainer = await gan({ diverges: true });
      await assert.rejects(async () => {
        for await (const _ of trainer);
      }, refused(/diverged/, "diverged"));
      assert.equal(trainer.completedSteps, 2);
      await trainer.scaleLearningRates(0.1);
      await trainer.steps(2);
      assert.equal(trainer.completedSteps, 4);
    });

    test("bad arguments are refused with their name", async () => {
      await assert.rejects(api.Trainer.create(data, { model: "oracle" }), refused(/model must be one of gan/));
      await assert.rejects(gan({ device: await api.openDevice("cpu") }), refused(/device must be left out/));
      await assert.rejects(gan({ signal: 1 }), refused(/signal must be/));
      const trainer = await gan();
      await assert.rejects(trainer.steps(-1), refused(/count must be a whole number/));
      await assert.rejects(trainer.field(3, data), refused(/name must be a string/));
      await assert.rejects(trainer.encode([1, 2]), refused(/points must be a Float32Array/));
      await assert.rejects(api.FamilyTrainer.restore([1]), refused(/state must be a Uint8Array/));
      const aborted = await gan({ signal: AbortSignal.abort(new Error("enough")) });
      await assert.rejects(async () => {
        for await (const _ of aborted);
      }, /enough/);
    });
  });
}
