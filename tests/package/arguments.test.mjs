// Invalid arguments, with fake bindings: each is an error that names the argument, in both entries.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { STUCK } from "./fake_bindings.js";
import { bundleOverFakes, FLAT, text } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const CONTENTS = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [path, text(body)]));
const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

const thrower = () => {
  throw new RangeError("not today");
};

function detached(array) {
  structuredClone(array, { transfer: [array.buffer] });
  return array;
}

function cyclic() {
  const object = {};
  return Object.assign(object, { self: object });
}

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const refused = (message) => ({ name: "TweedieError", code: "invalid-option", message });
const images = () => new Float32Array(4);

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, () => {
    let api, pipeline, data;
    before(async () => {
      api = await import(address(entry));
      pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      data = await api.PointData.from(images());
    });

    test("every call rejects options that are not a plain object", async () => {
      const { Density, PointData, PointModel, Trainer } = api;
      const model = await PointModel.ideal(data);
      const trainer = await Trainer.create(data, {});
      const calls = {
        init: (options) => api.init(options),
        fromPretrained: (options) => api.Pipeline.fromPretrained(CONTENTS, options),
        sample: async (options) => pipeline.sample(options).noisy(),
        encode: async (options) => pipeline.encode(images(), options).noisy(),
        invert: async (options) => pipeline.invert(images(), options).noisy(),
        logLikelihood: async (options) => pipeline.logLikelihood(images(), options).nats(),
        named: (options) => PointData.named("rings", options),
        split: (options) => data.split(options),
        ideal: (options) => PointModel.ideal(data, options),
        mixture: (options) => PointModel.mixture({}, options),
        paths: (options) => model.paths(images(), options),
        logDensity: (options) => model.logDensity(images(), options),
        create: (options) => Trainer.create(data, options),
        steps: (options) => trainer.steps(1, options),
        forward: (options) => api.forward(images(), options),
        distance: (options) => api.distance(images(), images(), options),
        ...Object.fromEntries(
          ["sample", "inverseTransform", "rejection", "envelope"].map((name) => [`density.${name}`, (options) => Density.normal(0, 1)[name](options)]),
        ),
      };
      for (const [name, call] of Object.entries(calls)) {
        for (const options of [null, 3, "steps", () => {}, Symbol("s")])
          await assert.rejects(async () => call(options), refused(/^options must be an object, got /), name);
        const throwing = Object.defineProperty({}, "steps", { enumerable: true, get: thrower });
        await assert.rejects(async () => call(throwing), refused("steps cannot be read: not today"), name);
        await assert.rejects(async () => call(revoked()), refused(/^options cannot be read/), name);
      }
    });

    test("cyclic options, functions and detached memory are rejected by name", async () => {
      for (const [options, message] of [
        [{ start: cyclic() }, "start.self must be plain data, but contains itself"],
        [{ steps: 10n }, "steps must be plain data, got 10"],
        [{ steps: () => 3 }, "steps must be plain data, got a function"],
        [{ classLabels: [1, Symbol("two")] }, "classLabels[1] must be plain data, got Symbol(two)"],
        [{ classLabels: new Array(4_294_967_295) }, "classLabels must be a list of at most 1000000 values, got Array"],
        [{ initialNoise: detached(images()) }, "initialNoise must not be a transferred buffer"],
        [{ signal: {} }, "signal must be an AbortSignal, got Object"],
      ])
        await assert.rejects(async () => pipeline.sample(options).noisy(), refused(message));
    });

    test("arrays must have memory", async () => {
      const fakes = [null, undefined, [1, 2], "values", new Proxy(images(), {}), Object.create(Float32Array.prototype), new Float64Array(4)];
      for (const fake of fakes) {
        await assert.rejects(async () => pipeline.encode(fake).noisy(), refused(/^images must be a Float32Array, got /));
        await assert.rejects(async () => api.slerp(images(), fake, 0.5), refused(/^to must be a Float32Array, got /));
      }
      const gone = /must not be a transferred buffer/;
      await assert.rejects(async () => pipeline.encode(detached(images())).noisy(), refused(gone));
      await assert.rejects(api.Density.normal(0, 1).density(detached(new Float64Array(2))), refused(gone));
      await assert.rejects(api.Density.normal(0, 1).sample({ into: detached(new Float64Array(2)) }), refused(gone));
      await assert.rejects(api.Pipeline.fromPretrained({ "config.json": detached(new Uint8Array(2)) }), refused(gone));
    });

    test("lists of numbers must contain numbers", async () => {
      const normal = api.Density.normal(0, 1);
      for (const [list, message] of [
        [{ length: 1e15 }, "xs must be a list of numbers, got Object"],
        [[1, "two"], 'xs[1] must be a number, got "two"'],
        [[1, 2n], "xs[1] must be a number, got 2"],
        [[1, Symbol("two")], "xs[1] must be a number, got Symbol(two)"],
        [new BigInt64Array(1), "xs must be a list of numbers, got BigInt64Array"],
        [Object.defineProperty({ length: 1 }, 0, { get: thrower }), "xs cannot be read: not today"],
      ])
        await assert.rejects(normal.density(list), refused(message));
    });

    test("strings, numbers and callbacks must have their type", async () => {
      const run = pipeline.sample();
      for (const which of [0, null, "dirty", {}, Symbol("s")])
        await assert.rejects(run.images(which), refused(/^images must be noisy or clean, got /));
      await assert.rejects(api.openDevice(() => "cpu"), refused("device must be one of auto, webgpu, cpu, got a function"));
      await assert.rejects(api.slerp(images(), images(), 1n), refused("t must be a number, got 1"));
      await assert.rejects(api.PointData.named(Symbol("rings")), refused("name must be a string, got Symbol(rings)"));
      const trainer = await api.Trainer.create(data, {});
      await assert.rejects(trainer.setLearningRate("fast"), refused('learningRate must be a number, got "fast"'));
      const model = await api.PointModel.ideal(data);
      await assert.rejects(model.logDensity(images(), { onProgress: 3 }), refused("onProgress must be a function, got 3"));
      await assert.rejects(async () => api.Density.normal(() => 0, 1).sample(), refused("mean must be plain data, got a function"));
    });

    test("a source with endless files is rejected", async () => {
      const file = new File([], "file");
      const endless = { *[Symbol.iterator]() { for (;;) yield file; } };
      await assert.rejects(async () => api.Pipeline.fromPretrained(endless), refused(/^source must be a list of at most 100000 files/));
    });

    test("rejection that never accepts can be aborted", async () => {
      const reason = new Error("enough");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 60);
      const endless = api.Density.normal(0, 1).rejection({ seed: STUCK, signal: controller.signal });
      await assert.rejects(endless, (error) => error === reason);
    });
  });
}
