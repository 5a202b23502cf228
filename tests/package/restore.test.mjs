// Restoring and synchronising over fake bindings: once on the calling thread, once through a worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bundleOverFakes, FLAT, text } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const CONTENTS = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [path, text(body)]));
const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

const OPERATOR = { name: "inpaint", mask: Uint8Array.of(1, 0, 1, 0) };
const refused = (message, code = "invalid-option") => ({ name: "TweedieError", code, message });
const first = (run) => run[Symbol.asyncIterator]().next();

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, () => {
    let api;
    let pipeline;
    before(async () => {
      api = await import(address(entry));
      pipeline = await api.Pipeline.fromPretrained(CONTENTS);
    });

    test("methods and operators are listed", async () => {
      const { methods, operators } = await api.restorers();
      assert.deepEqual([methods[0].name, operators[0].name], ["dps", "inpaint"]);
    });

    test("an observation has values and a shape", async () => {
      const { values, shape } = await pipeline.observe(Float32Array.of(1, 2, 3, 4), { operator: OPERATOR });
      assert.deepEqual([values, shape], [Float32Array.of(1, 0, 3, 0), [1, 1, 2, 2]]);
    });

    test("a restoration is a sampling with residual, mean and standard deviation", async () => {
      const run = pipeline.restore(Float32Array.of(1, 0, 3, 0), { operator: OPERATOR, steps: 2, batch: 3 });
      assert.ok(run instanceof api.Restoration && run instanceof api.Sampling);
      await assert.rejects(run.residual(), refused(/^residual must be asked for after the first step/));
      for await (const _ of run);
      assert.deepEqual([run.steps, run.completedSteps, run.batch], [2, 2, 3]);
      assert.deepEqual(await run.residual(), Float32Array.of(0.5, 0.5, 0.5));
      assert.deepEqual(await run.mean(), Float32Array.of(1, 0, 3, 0));
      assert.deepEqual(await run.std(), new Float32Array(4));
      assert.deepEqual(await run.noisy(), Float32Array.of(2, 0, 0, 0));
    });

    test("a cancelled restoration leaves the answers as far as they came, and a freed one nothing", async () => {
      const controller = new AbortController();
      const run = pipeline.restore(new Float32Array(4), { operator: OPERATOR, steps: 4, signal: controller.signal });
      await assert.rejects(async () => {
        for await (const { step } of run) if (step === 2) controller.abort(new Error("enough"));
      }, /enough/);
      assert.equal(run.completedSteps, 2);
      assert.deepEqual(await run.residual(), Float32Array.of(0.5));
      run.free();
      run.free();
      await assert.rejects(async () => run.residual(), refused(/^this restoration was freed/, "freed"));
    });

    test("the pixels of a canvas have its own size", async () => {
      globalThis.ImageData ??= class {
        constructor(data, width, height) {
          Object.assign(this, { data, width, height });
        }
      };
      const run = pipeline.synchronise({ views: [{ classLabel: 7 }], width: 6, steps: 1 });
      assert.ok(run instanceof api.Sampling);
      for await (const _ of run);
      const { data, width, height } = await run.imageData();
      assert.deepEqual([width, height, data.length, data[0]], [6, 2, 48, 7]);
    });

    test("bad arguments are refused with their name", async () => {
      await assert.rejects(pipeline.observe([1], { operator: OPERATOR }), refused(/^images must be a Float32Array/));
      await assert.rejects(pipeline.observe(new Float32Array(4), { operator: OPERATOR, noise: -1 }), refused(/^noise must be at least 0/));
      await assert.rejects(async () => first(pipeline.restore([1], { operator: OPERATOR })), refused(/^observation must be a Float32Array/));
      await assert.rejects(async () => first(pipeline.restore(new Float32Array(4))), refused(/^operator must be/));
      await assert.rejects(async () => first(pipeline.restore(new Float32Array(4), { operator: OPERATOR, signal: 1 })), refused(/^signal must be/));
      await assert.rejects(async () => first(pipeline.synchronise({ views: [] })), refused(/^views must/));
      await assert.rejects(async () => first(pipeline.synchronise(null)), refused(/^options must be an object/));
    });

    const MEANT = [
      [{ jump_length: 10 }, /no option jump_length; did you mean jumpLength\?/],
      [{ jump_n_sample: 10 }, /did you mean jumpSamples\?/],
      [{ mask_image: 1 }, /did you mean operator: \{ name: "inpaint", mask \}\?/],
      [{ sampler: "RePaintScheduler" }, /no sampler "RePaintScheduler"; did you mean pipeline\.restore\(observation, \{ method: "repaint"/],
      [{ method: "RePaint" }, /no method "RePaint"; did you mean repaint\?/],
      [{ method: "ΠGDM" }, /did you mean pigdm\?/],
      [{ method: "DDRM" }, /did you mean ddrm\?/],
      [{ operator: { name: "gray" } }, /no operator "gray"; did you mean grey\?/],
      [{ operator: { name: "motion_blur", length: 3, angle: 0 } }, /did you mean motion-blur\?/],
    ];
    for (const [wrong, message] of MEANT) {
      test(`${JSON.stringify(wrong)} gets a suggestion`, async () => {
        await assert.rejects(async () => first(pipeline.restore(new Float32Array(4), { operator: OPERATOR, ...wrong })), refused(message));
      });
    }

    test("their own names are taken", async () => {
      for (const method of ["dps", "pigdm", "ddrm", "repaint", "replacement"]) {
        const run = pipeline.restore(new Float32Array(4), { operator: OPERATOR, method });
        assert.equal((await first(run)).value.step, 1);
        run.free();
      }
    });
  });
}
