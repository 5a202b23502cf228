// The public interface with fake bindings: once on the calling thread, once through a worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { crate } from "../../src/web/js/build.mjs";
import { STUCK, TRAP } from "./fake_bindings.js";
import { bundleOverFakes, EMPTY_MODULE, FLAT, serveFor, text } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const CONTENTS = Object.fromEntries(Object.entries(FLAT).map(([path, body]) => [path, text(body)]));
const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, () => {
    let api;
    before(async () => (api = await import(address(entry))));

    /** A run of four steps. */
    async function started(options) {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      return pipeline.sample(options);
    }

    test("a failed init can be retried, and concurrent calls share one", async (t) => {
      const server = await serveFor(t, { "whole.wasm": EMPTY_MODULE });
      const broken = { code: "module", message: /tweedie_cpu_bg\.wasm could not be loaded: .*broken\.wasm returned HTTP 404/ };
      await assert.rejects(api.init({ modules: { cpu: `${server.url}broken.wasm` } }), broken);
      for (const options of [{ modulePath: "x" }, { modules: { gpu: "x" } }, { modules: null }, { timeout: 0 }, { onProgress: 1 }])
        await assert.rejects(api.init(options), { code: "invalid-option" });
      const reports = [];
      const onProgress = (report) => reports.push(report);
      await Promise.all([api.init({ modules: { cpu: `${server.url}whole.wasm` }, onProgress }), api.init()]);
      await api.init();
      assert.deepEqual(reports.at(-1), { file: "tweedie_cpu_bg.wasm", loaded: 8, total: 8 });
    });

    test("devices describe themselves, and errors are TweedieErrors", async () => {
      const device = await api.openDevice();
      assert.equal(device.kind, "cpu");
      assert.equal(device.description, "CPU (this environment does not support WebGPU)");
      await assert.rejects(api.openDevice("webgpu"), (error) => {
        assert.ok(error instanceof api.TweedieError && error instanceof Error);
        assert.equal(error.code, "device");
        return /not support WebGPU/.test(error.message);
      });
      await assert.rejects(api.openDevice("tpu"), { code: "invalid-option", option: "device", expected: "one of auto, webgpu, cpu", value: '"tpu"' });
    });

    test("a pipeline's properties remain readable after free()", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS, { device: await api.openDevice("cpu") });
      pipeline.free();
      pipeline.free();
      assert.deepEqual(
        { ...pipeline },
        {
          sampleSize: 2,
          channels: 1,
          parameterCount: 11,
          labels: ["zero", "one"],
          classCount: 3,
          nullClassLabel: 2,
          schedulerConfig: { num_train_timesteps: 1000 },
          schedulerDefaults: { sampler: "ddim", options: { ddim: { eta: 0 } } },
          alphasCumprod: Float64Array.of(0.9, 0.5),
          warnings: [],
        },
      );
      const late = async () => pipeline.sample().noisy();
      await assert.rejects(late, { code: "freed", message: /this pipeline was freed/ });
    });

    test("the samplers are listed", async () => {
      const [{ name, title, evaluations }] = await api.samplers();
      assert.deepEqual([name, title, evaluations], ["ddpm", "DDPM", 1]);
    });

    const METHODS = {
      encode: "images", decode: "latents", invert: "images", logLikelihood: "images", variationalBound: "images",
    };

    test("images and latents are converted by runs", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS, { device: await api.openDevice("cpu") });
      for (const [method, input] of Object.entries(METHODS)) {
        const start = (values, options) => pipeline[method](values, options);
        const run = start(new Float32Array(3), { steps: 2 });
        const seen = [];
        for await (const { step, steps } of run) seen.push([step, steps]);
        assert.deepEqual(seen, [[1, 2], [2, 2]], method);
        assert.deepEqual([run.steps, run.completedSteps, run.batch], [2, 2, 3]);
        const first = (run) => run[Symbol.asyncIterator]().next();
        await assert.rejects(async () => first(start(new Float32Array(3), { stepps: 2 })), { code: "invalid-option" });
        const message = new RegExp(`^${input} must be a Float32Array`);
        await assert.rejects(async () => first(start([1, 2])), { code: "invalid-option", message });
        const aborted = start(new Float32Array(3), { signal: AbortSignal.abort(new Error("enough")) });
        await assert.rejects(first(aborted), /enough/);
        const freed = start(new Float32Array(3));
        freed.free();
        await assert.rejects(first(freed), { code: "freed" });
      }
    });

    test("encoding, decoding and inversion return a Sampling", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      for (const method of ["encode", "decode", "invert"]) {
        const run = pipeline[method](new Float32Array(3));
        for await (const _ of run);
        assert.ok(run instanceof api.Sampling);
        assert.deepEqual([...(await run.noisy())], [2, 0, 0, 0]);
      }
    });

    test("a likelihood is available at the end of its run", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      const run = pipeline.logLikelihood(new Float32Array(1));
      assert.ok(run instanceof api.Likelihood);
      await assert.rejects(run.nats(), { code: "not-ready", message: /^nats is available after the last step/ });
      for await (const _ of run);
      assert.deepEqual(await run.nats(), Float32Array.of(-70));
      assert.deepEqual(await run.bitsPerDimension(), Float32Array.of(7));
      run.free();
      await assert.rejects(run.nats(), { code: "freed", message: /this likelihood was freed/ });
    });

    test("a bound provides its terms during the run, and their sum at the end", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      const run = pipeline.variationalBound(new Float32Array(1), { steps: 3 });
      assert.ok(run instanceof api.VariationalBound);
      assert.deepEqual(await run.prior(), Float32Array.of(0.5));
      assert.deepEqual(await run.timesteps(), Float64Array.of(2, 1, 0));
      for await (const { step } of run) {
        assert.equal((await run.terms()).length, Math.min(step, 2));
        if (step < 3) await assert.rejects(run.decoder(), { code: "not-ready" });
      }
      assert.deepEqual(await run.decoder(), Float32Array.of(2));
      assert.deepEqual(await run.bitsPerDimension(), Float32Array.of(4.5));
    });

    test("latents are interpolated", async () => {
      const between = await api.slerp(Float32Array.of(1, 3), Float32Array.of(3, 1), 0.25);
      assert.deepEqual(between, Float32Array.of(1.5, 2.5));
      const refused = (...values) => assert.rejects(api.slerp(...values), { code: "invalid-option" });
      await refused([1], Float32Array.of(1), 0.5);
      await refused(Float32Array.of(1), Float32Array.of(1, 2), 0.5);
    });

    test("checkpoints load from the network with progress, and from files", async (t) => {
      const server = await serveFor(t, FLAT);
      const reports = [];
      await api.Pipeline.fromPretrained(server.url, { onProgress: (report) => reports.push(report) });
      assert.deepEqual(reports.at(-1), { file: "diffusion_pytorch_model.safetensors", loaded: 7, total: 7, overall: { loaded: 11, total: 11 } });
      const files = Object.entries(FLAT).map(([path, body]) =>
        Object.assign(new File([body], path), { webkitRelativePath: `mnist/${path}` }),
      );
      assert.equal((await api.Pipeline.fromPretrained(files)).parameterCount, 11);
      assert.equal(CONTENTS["config.json"].length, 2, "the caller keeps the arrays");
    });

    test("loading errors keep their code and message", async (t) => {
      const server = await serveFor(t, {});
      const load = (...values) => api.Pipeline.fromPretrained(...values);
      await assert.rejects(load(server.url), {
        name: "TweedieError",
        code: "missing-file",
        message: /has no config\.json/,
      });
      await assert.rejects(load("nonsense"), { code: "invalid-option", message: /^source must be/ });
      await assert.rejects(load(CONTENTS, { devise: 1 }), {
        code: "invalid-option",
        message: /no option devise/,
      });
      await assert.rejects(load(CONTENTS, { device: {} }), {
        code: "invalid-option",
        message: /^device must be/,
      });
      await assert.rejects(load(CONTENTS, { onProgress: 1 }), {
        code: "invalid-option",
        message: /^onProgress must be/,
      });
      await assert.rejects(load(CONTENTS, { signal: {} }), {
        code: "invalid-option",
        message: /^signal must be/,
      });
    });

    test("aborting a load rejects with the reason and ends the transfer", async (t) => {
      let closed;
      const endless = (request, response) => {
        response.writeHead(200, { "content-length": 1_000_000 });
        response.write("x");
        closed = new Promise((resolve) => request.once("close", resolve));
      };
      const server = await serveFor(t, { ...FLAT, "diffusion_pytorch_model.safetensors": endless });
      const controller = new AbortController();
      const reason = new Error("enough");
      const onProgress = ({ file }) => file.endsWith("safetensors") && controller.abort(reason);
      await assert.rejects(
        api.Pipeline.fromPretrained(server.url, { signal: controller.signal, onProgress }),
        (error) => error === reason,
      );
      await closed;
    });

    test("an error of onProgress rejects the load", async (t) => {
      const server = await serveFor(t, FLAT);
      const mine = new Error("mine");
      const onProgress = () => {
        throw mine;
      };
      await assert.rejects(
        api.Pipeline.fromPretrained(server.url, { onProgress }),
        (error) => error === mine,
      );
    });

    test("a run reports every step and then its results", async () => {
      const sampling = await started({ batch: 1 });
      const steps = [];
      for await (const progress of sampling) steps.push(progress);
      assert.deepEqual(
        steps.map(({ step }) => step),
        [1, 2, 3, 4],
      );
      assert.deepEqual(steps[0], { step: 1, steps: 4, timestep: 999 });
      assert.deepEqual([sampling.steps, sampling.completedSteps, sampling.batch], [4, 4, 1]);
      assert.deepEqual(await sampling.noisy(), Float32Array.of(4, 0, 0, 0));
      assert.deepEqual(await sampling.clean(), Float32Array.of(0, 4, 0, 0));
      assert.deepEqual(await sampling.images(), new Uint8ClampedArray(16).fill(4));
      assert.deepEqual(await sampling.images("clean"), new Uint8ClampedArray(16).fill(255));
      await assert.rejects(sampling.images("both"), { code: "invalid-option" });
    });

    /** A canvas that notes what is drawn on it. */
    function fakeCanvas() {
      const drawn = [];
      const putImageData = ({ data, width, height }, x, y) => drawn.push([data[0], width, height, x, y]);
      return { drawn, getContext: (kind) => (kind === "2d" ? { putImageData } : null) };
    }

    test("image sources of the web are accepted", async (t) => {
      globalThis.ImageData = class {
        constructor(data, width, height) {
          Object.assign(this, { data, width, height });
        }
      };
      t.after(() => delete globalThis.ImageData);
      const sampling = await started({ batch: 3 });
      for await (const _ of sampling);
      const { data, width, height } = await sampling.imageData(1);
      assert.deepEqual([data, width, height], [new Uint8ClampedArray(16).fill(5), 2, 2]);
      assert.equal((await sampling.imageData(0, { which: "clean" })).data[0], 255);
      for (const index of [3, -1, 0.5, "0"]) await assert.rejects(sampling.imageData(index), { code: "invalid-option", message: /^index must be a whole number from 0 to 2/ });

      const grid = fakeCanvas();
      await sampling.draw(grid);
      assert.deepEqual([grid.width, grid.height], [4, 4]);
      assert.deepEqual(grid.drawn, [[4, 2, 2, 0, 0], [5, 2, 2, 2, 0], [6, 2, 2, 0, 2]]);
      const row = fakeCanvas();
      await sampling.draw(row, { columns: 3, which: "clean" });
      assert.deepEqual([row.width, row.height, row.drawn.length], [6, 2, 3]);
      const one = fakeCanvas();
      await sampling.draw(one, { index: 2 });
      assert.deepEqual([one.width, one.height, one.drawn], [2, 2, [[6, 2, 2, 0, 0]]]);
      for (const canvas of [null, {}, { getContext: () => null }]) await assert.rejects(sampling.draw(canvas), { code: "invalid-option", message: /^canvas must be/ });
      await assert.rejects(sampling.draw(fakeCanvas(), { columns: 0 }), { code: "invalid-option" });
    });

    test("images of the model's size are converted without a canvas", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS, { device: await api.openDevice("cpu") });
      const picture = (...pixels) => ({ data: Uint8ClampedArray.from(pixels.flat()), width: 2, height: 2 });
      const [black, white, red, clear] = [[0, 0, 0, 255], [255, 255, 255, 255], [255, 0, 0, 255], [0, 0, 0, 0]];
      const images = await pipeline.toImages([picture(black, white, red, clear), picture(white, white, white, white)]);
      assert.deepEqual([...images].map((value) => value.toFixed(3)), ["-1.000", "1.000", "-0.402", "1.000", "1.000", "1.000", "1.000", "1.000"]);
      await assert.rejects(pipeline.toImages([]), { code: "invalid-option", message: /at least one image/ });
      await assert.rejects(pipeline.toImages(new Blob()), { code: "unsupported", message: /Node\.js does not have it/ });
    });

    test("names of diffusers get a suggestion", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      const meant = (options, message) => assert.rejects(async () => pipeline.sample(options).noisy(), { name: "TweedieError", code: "invalid-option", message });
      await meant({ num_inference_steps: 20 }, /^there is no option num_inference_steps; did you mean steps\?$/);
      await meant({ guidance_scale: 3 }, /did you mean guidanceScale\?$/);
      await meant({ use_karras_sigmas: true }, /did you mean spacing: "karras"\?$/);
      await meant({ sampler: "DDIMScheduler" }, /^there is no sampler "DDIMScheduler"; did you mean ddim\?$/);
      await meant({ sampler: "DPMSolverMultistepScheduler" }, /did you mean dpm-solver\+\+\?$/);
      await meant({ sampler: "DDIM" }, /did you mean ddim\?$/);
      const loading = { use_auth_token: "token", cache_dir: "cache" };
      for (const [option, name] of Object.entries(loading))
        await assert.rejects(api.Pipeline.fromPretrained(CONTENTS, { [option]: "x" }), { code: "invalid-option", message: new RegExp(`^there is no option ${option}; did you mean ${name}`) });
    });

    test("the version is the package's", async () => assert.equal(api.version, (await crate()).version));

    test("leaving the loop pauses; iterating again goes on", async () => {
      const sampling = await started();
      for await (const { step } of sampling) if (step === 2) break;
      assert.equal((await sampling.noisy())[0], 2);
      const rest = [];
      for await (const { step } of sampling) rest.push(step);
      assert.deepEqual(rest, [3, 4]);
    });

    test("an abort is thrown before the next step, and the state is kept", async () => {
      const controller = new AbortController();
      const sampling = await started({ signal: controller.signal });
      const reason = new Error("enough");
      let steps = 0;
      const iterate = async () => {
        for await (const { step } of sampling) {
          steps += 1;
          if (step === 2) controller.abort(reason);
        }
      };
      await assert.rejects(iterate, (error) => error === reason);
      assert.equal(steps, 2);
      assert.equal((await sampling.noisy())[0], 2);
    });

    test("other tasks run between the steps", async () => {
      const sampling = await started({ steps: 50 });
      let turns = 0;
      let timer = setImmediate(function turn() {
        turns += 1;
        timer = setImmediate(turn);
      });
      for await (const _ of sampling);
      clearImmediate(timer);
      assert.ok(turns >= 25, `${turns} turns`);
    });

    test("invalid options are reported at the latest when the run is awaited", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      for (const use of [(run) => run.noisy(), (run) => run[Symbol.asyncIterator]().next()]) {
        await assert.rejects(async () => use(pipeline.sample({ eta: NaN })), {
          name: "TweedieError",
          code: "invalid-option",
          message: /eta/,
        });
      }
      assert.throws(() => pipeline.sample({ signal: 1 }), { code: "invalid-option" });
    });

    test("freed runs throw, free() is idempotent, and pending reads resolve", async () => {
      const sampling = await started();
      const pending = sampling.noisy();
      sampling.free();
      sampling.free();
      assert.equal((await pending).length, 4);
      await assert.rejects(sampling.noisy(), { code: "freed", message: /this sampling was freed/ });
      await assert.rejects(sampling[Symbol.asyncIterator]().next(), { code: "freed" });
    });

    test("freed or failed objects leave nothing in the module", async () => {
      // A worker of its own, where nothing that other tests left is being freed meanwhile.
      const { Pipeline, samplers } = entry === "worker.js" ? await import(`${address(entry)}?memory`) : api;
      const live = async () => (await samplers())[0].live;
      const start = await live();
      const pipeline = await Pipeline.fromPretrained(CONTENTS);
      const sampling = pipeline.sample();
      await sampling.noisy();
      assert.equal(await live(), start + 2);
      await assert.rejects(Pipeline.fromPretrained({ "config.json": text("{}") }), { code: "missing-file" });
      sampling.free();
      pipeline.free();
      for (let i = 0; i < 20 && (await live()) !== start; i += 1);
      assert.equal(await live(), start);
    });

    test("a run outlives its pipeline", async () => {
      const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
      const sampling = pipeline.sample();
      pipeline.free();
      for await (const _ of sampling);
      assert.equal((await sampling.noisy())[0], 4);
    });
  });
}

describe("the main entry", () => {
  test("a trap becomes a descriptive error", async () => {
    const { Pipeline } = await import(address("index.node.js"));
    const run = (await Pipeline.fromPretrained(CONTENTS)).sample({ seed: TRAP });
    await assert.rejects(run[Symbol.asyncIterator]().next(), {
      name: "TweedieError",
      code: "crashed",
      message: /unreachable/,
    });
  });
});

describe("a worker that dies", () => {
  let api;
  before(async () => (api = await import(address("worker.js"))));

  test("a trap ends the worker, pending calls reject, and the next call starts anew", async () => {
    const pipeline = await api.Pipeline.fromPretrained(CONTENTS);
    const workers = WebWorker.count;
    const stuck = pipeline.sample({ seed: STUCK });
    const pending = stuck.noisy();
    const broken = pipeline.sample({ seed: TRAP })[Symbol.asyncIterator]().next();
    await assert.rejects(Promise.all([broken, assert.rejects(pending, { code: "worker" })]), {
      name: "TweedieError",
      code: "worker",
      message: /init\(\) starts a new one/,
    });
    await assert.rejects(stuck.clean(), { code: "worker" });
    assert.equal((await api.Pipeline.fromPretrained(CONTENTS)).parameterCount, 11);
    assert.equal(WebWorker.count, workers);
  });

  test("a worker whose script fails rejects init, and another one can be passed", async () => {
    const fresh = await import(`${address("worker.js")}?second`);
    const missing = () => new WebWorker(address("missing.js"));
    await assert.rejects(fresh.init({ worker: missing }), { name: "TweedieError", code: "worker" });
    await fresh.init({ worker: new WebWorker(address("worker-script.js")) });
    assert.equal((await fresh.openDevice("cpu")).kind, "cpu");
  });
});
