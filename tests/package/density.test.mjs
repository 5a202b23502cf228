// `Density` with fake bindings: once on the calling thread, once through a worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { STUCK, TRAP } from "./fake_bindings.js";
import { bundleOverFakes } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, () => {
    let Density, TweedieError;
    before(async () => ({ Density, TweedieError } = await import(address(entry))));

    test("each kind reaches the module with its parameters by name", async () => {
      const described = async (density) => (await density.summary()).description;
      assert.deepEqual(await described(Density.normal(1, 2)), { kind: "normal", mean: 1, sd: 2 });
      assert.deepEqual(await described(Density.triangular(0, 1, 2)), { kind: "triangular", low: 0, mode: 1, high: 2 });
      assert.deepEqual(await described(Density.power(2, 3)), { kind: "power", exponent: 2, high: 3 });
      const components = [{ weight: 1, mean: 0, sd: 1 }];
      assert.deepEqual(await described(Density.mixture(components)), { kind: "mixture", components });
      assert.deepEqual(await described(Density.formula("x", 0, 1)), { kind: "formula", source: "x", low: 0, high: 1 });
      const [values, weights] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
      assert.deepEqual(await described(Density.discrete([1, 2], new Float32Array([3, 4]))), { kind: "discrete", values, weights });
    });

    test("lists are copied when the density is made", async () => {
      const knots = [0, 1];
      const density = Density.piecewiseLinear(knots, [1, 1]);
      knots[1] = 9;
      assert.deepEqual((await density.summary()).description.knots, Float64Array.of(0, 1));
    });

    test("invalid parameters are reported at the first await, with the column of a formula", async () => {
      const density = Density.formula("1 +", 0, 1);
      for (const call of [density.summary(), density.sample()])
        await assert.rejects(call, (error) => {
          assert.ok(error instanceof TweedieError);
          assert.deepEqual([error.code, error.column], ["formula", 4]);
          return /column 4/.test(error.message);
        });
      await assert.rejects(Density.normal(0, NaN).cdf([0]), { code: "invalid-option" });
    });

    test("functions are evaluated in bulk, and the caller's arrays are kept", async () => {
      const density = Density.power(1, 1);
      const xs = Float64Array.of(0, 0.5, 1);
      assert.deepEqual(await density.density(xs), Float64Array.of(0, 1, 2));
      assert.deepEqual(await density.cdf([0.5]), Float64Array.of(0.25));
      assert.deepEqual(await density.inverseCdf([0.25]), Float64Array.of(0.5));
      assert.equal(xs.length, 3);
      await assert.rejects(density.density(3), { code: "invalid-option", message: /^xs must be a list of numbers/ });
      await assert.rejects(density.test("abc"), { code: "invalid-option", message: /^samples must be/ });
    });

    test("samples are complete and in order for any number of chunks", async () => {
      const samples = await Density.uniform(0, 1).sample({ count: 1_000_000, seed: 3 });
      assert.equal(samples.length, 1_000_000);
      assert.ok(samples.every((sample, index) => sample === index + 3));
    });

    test("a given array is filled, and in the worker it is transferred", async () => {
      const into = new Float64Array(70_000);
      const { buffer } = into;
      const density = Density.uniform(0, 1);
      const samples = await density.sample({ into, seed: 2 });
      assert.equal(samples === into, entry === "index.node.js");
      assert.equal(buffer.detached ?? buffer.byteLength === 0, entry === "worker.js");
      assert.equal(samples.length, 70_000);
      assert.ok(samples.every((sample, index) => sample === index + 2));
      await assert.rejects(density.sample({ into: [1] }), { code: "invalid-option", message: /^into must be/ });
      const both = density.sample({ into: new Float64Array(2), count: 2 });
      await assert.rejects(both, { code: "invalid-option", message: /^count must be omitted/ });
    });

    test("visualisation data are complete, and a proposal is returned as given", async () => {
      const density = Density.normal(0, 1);
      const { u, x } = await density.inverseTransform({ count: 2 });
      assert.deepEqual([u, x], [new Float64Array(2), Float64Array.of(1, 1)]);
      const { accepted, isAccepted, c } = await density.rejection({ c: 2 });
      assert.deepEqual([accepted, isAccepted, c], [Float64Array.of(1), Uint8Array.of(0, 1), 2]);
      const { proposal, height, breaks } = await density.envelope({ proposal: "laplace", xs: [0, 1] });
      assert.deepEqual([proposal, height, breaks], ["laplace", Float64Array.of(1, 2), [[0, 1]]]);
      assert.deepEqual(await density.test(new Float32Array(5)), { count: 5 });
    });

    test("an abort is handled between chunks, also before the first, and leaves no run behind", async () => {
      const density = Density.uniform(0, 1);
      const controller = new AbortController();
      const reason = new Error("enough");
      const sampling = density.sample({ count: 10_000_000, seed: STUCK, signal: controller.signal });
      setTimeout(() => controller.abort(reason), 60);
      await assert.rejects(sampling, (error) => error === reason);
      await assert.rejects(density.sample({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
      await assert.rejects(density.sample({ signal: 1 }), { code: "invalid-option", message: /^signal must be/ });
      const { mean: before } = await density.summary();
      await density.sample({ signal: new AbortController().signal });
      assert.equal((await density.summary()).mean, before);
    });

    test("invalid options leave the density usable", async () => {
      const density = Density.uniform(0, 1);
      await assert.rejects(density.sample({ count: 0 }), { code: "invalid-option", message: /^count must be/ });
      assert.deepEqual(await density.sample(), Float64Array.of(0));
    });

    test("a freed density is released after pending calls, and then throws", async () => {
      const kept = Density.uniform(0, 1);
      const { mean: live } = await kept.summary();
      const density = Density.uniform(0, 1);
      const sampling = density.sample({ count: 100_000 });
      await density.summary();
      density.free();
      density.free();
      assert.equal((await sampling).length, 100_000);
      await assert.rejects(density.summary(), { code: "freed", message: /this density was freed/ });
      // The worker hears of it a little later.
      for (let turn = 0; turn < 50 && (await kept.summary()).mean > live; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal((await kept.summary()).mean, live);
    });

    test("if the module stops, the error says so", async () => {
      const codes = entry === "index.node.js" ? "crashed" : "worker";
      await assert.rejects(Density.uniform(0, 1).sample({ seed: TRAP }), { code: codes });
    });
  });
}
