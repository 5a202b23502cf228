// Calls the package with invalid arguments. Every call must return quickly or fail with an error of the package,
// and the module must work afterwards. To run it by hand, after ./build.sh and ln -sfn ../pkg node_modules/tweedie:
//
//   node tests/package/fuzz.mjs [tweedie/worker] [seconds] [seed] [one case of it]
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { WebWorker } from "./web_worker.mjs";

const ROOT = new URL("../../", import.meta.url);
/** Milliseconds after which a call counts as a hang. */
const PATIENCE = 60_000;
/** Error codes of a dead module or worker. */
const DEAD = ["crashed", "worker"];

/** Mulberry32: uniform numbers in [0, 1) from a seed. */
function uniforms(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function detached(array) {
  structuredClone(array, { transfer: [array.buffer] });
  return array;
}

function cyclic() {
  const object = { count: 3 };
  object.self = object;
  return object;
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const thrower = () => {
  throw new RangeError("not today");
};

/** Values that are nearly always invalid, created for each call. */
const HOSTILE = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => NaN,
  () => Infinity,
  () => 1e300,
  () => 1e-300,
  () => 2 ** 32,
  () => 1e6,
  () => 10n,
  () => "",
  () => "clean",
  () => "\u{1f600}".repeat(1000),
  () => Symbol("symbol"),
  () => () => 1,
  () => class {},
  () => [],
  () => [1, 2, "three"],
  () => [[[[]]]],
  () => ({}),
  () => ({ length: 1e15 }),
  () => ({ length: 4_294_967_295 }),
  () => new Array(4_294_967_295),
  () => ({ valueOf: thrower, toString: thrower }),
  () => ({ get kind() { throw new Error("a getter"); }, get 0() { throw new Error("a getter"); }, length: 1 }),
  () => new Proxy({}, { get: thrower, ownKeys: thrower, getPrototypeOf: thrower }),
  () => new Proxy(new Float32Array(4), {}),
  revoked,
  cyclic,
  () => Object.create(null),
  () => Object.create(Float32Array.prototype),
  () => new Date(),
  () => new Map([[1, 2]]),
  () => Promise.resolve(1),
  () => new Error("an error"),
  () => new ArrayBuffer(8),
  () => new DataView(new ArrayBuffer(8)),
  () => new Float32Array(0),
  () => new Float32Array(6).fill(0.5),
  () => new Float32Array(3).fill(NaN),
  () => detached(new Float32Array(6)),
  () => detached(new Float64Array(6)),
  () => detached(new Uint8Array(6)),
  () => new Float64Array(4).fill(0.25),
  () => new BigInt64Array(2),
  () => new Uint8Array([0, 255, 123]),
  () => new Float32Array(new SharedArrayBuffer(16)),
  () => AbortSignal.abort(),
  () => ({ throwIfAborted() {} }),
];

/** A call with arguments that are sometimes replaced. */
class Caller {
  constructor(random) {
    this.random = random;
  }

  one(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** The value, or a hostile one. */
  of(value) {
    return this.random() < 0.25 ? this.one(HOSTILE)() : value;
  }

  /** Options of which some are replaced, or all of them. */
  options(options) {
    if (this.random() < 0.1) return this.one(HOSTILE)();
    const changed = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, this.of(value)]));
    if (this.random() < 0.1) changed[this.one(["stpes", "signal", "count", "device", "steps"])] = this.one(HOSTILE)();
    if (this.random() < 0.05) Object.defineProperty(changed, "seed", { enumerable: true, get: thrower });
    return changed;
  }
}

const POINTS = () => Float32Array.of(0, 1, -1, 0.5, 1, -1.5);
const IMAGES = () => new Float32Array(3 * 8 * 8);
const MASK = () => Uint8Array.from({ length: 8 * 8 }, (_, index) => index % 2);

/** The cases by name; each creates its own objects. */
const CALLS = {
  async density(api, caller) {
    const { Density } = api;
    const density = caller.one([
      () => Density.uniform(caller.of(0), caller.of(1)),
      () => Density.normal(caller.of(0), caller.of(1)),
      () => Density.exponential(caller.of(1)),
      () => Density.laplace(caller.of(0), caller.of(1)),
      () => Density.triangular(caller.of(0), caller.of(1), caller.of(2)),
      () => Density.cauchy(caller.of(0), caller.of(1)),
      () => Density.power(caller.of(2), caller.of(2)),
      () => Density.mixture(caller.of([caller.options({ weight: 1, mean: 0, sd: 1 }), caller.of({ weight: 2, mean: 3, sd: 0.5 })])),
      () => Density.piecewiseLinear(caller.of([0, 1, 2]), caller.of([0, 1, 0])),
      () => Density.formula(caller.of("exp(-x^2)"), caller.of(-3), caller.of(3)),
      () => Density.discrete(caller.of([1, 2, 5]), caller.of(Float64Array.of(1, 2, 1))),
    ])();
    try {
      await caller.one([
        () => density.summary(),
        () => density.density(caller.of([0, 1])),
        () => density.cdf(caller.of(Float64Array.of(0, 1))),
        () => density.inverseCdf(caller.of([0.1, 0.5])),
        () => density.sample(caller.options({ count: 10, seed: 1 })),
        () => density.sample(caller.options({ into: new Float64Array(5) })),
        () => density.sample(caller.options({ method: "rejection", proposal: caller.one(["normal", "laplace", "uniform"]), count: 10, c: 2 })),
        () => density.inverseTransform(caller.options({ count: 3 })),
        () => density.rejection(caller.options({ proposal: caller.options({ kind: "uniform", low: -2, high: 3 }), count: 3, c: 4 })),
        () => density.envelope(caller.options({ proposal: "normal", xs: [0, 1] })),
        () => density.test(caller.of([0.1, 0.2, 0.7])),
      ])();
    } finally {
      density.free();
    }
  },

  async pointData(api, caller) {
    const { PointData } = api;
    const data = await caller.one([
      () => PointData.named(caller.of("rings"), caller.options({ count: 20, seed: 1 })),
      () => PointData.from(caller.of(POINTS())),
      () => PointData.fromCsv(caller.of("x,y\n1,2\n3,4\n")),
    ])();
    await data.split(caller.options({ fraction: 0.5, seed: 1 }));
    data.restore(caller.of(POINTS()));
  },

  async pointModel(api, caller) {
    const { PointData, PointModel } = api;
    const data = await PointData.from(POINTS());
    const schedule = () => caller.of(caller.one(["linear", "cosine", caller.options({ name: "linear", timesteps: 20, betaEnd: 0.1 })]));
    const mixture = () => caller.options({ means: [0, 0, 1, 1], spreads: [0.5, 0.25], weights: [1, 2], dimensions: 2 });
    const model = await caller.one([
      () => PointModel.ideal(caller.of(data), caller.options({ schedule: schedule(), of: "points" })),
      () => PointModel.mixture(caller.of(mixture()), caller.options({ schedule: schedule() })),
      () => PointModel.fromSafetensors(caller.of(api.model), caller.options({})),
    ])();
    const flow = { solver: "heun", steps: 3 };
    const finish = async (run) => {
      let steps = 0;
      for await (const _ of run) if (++steps === 50) break;
      await run.noisy();
      run.free();
    };
    try {
      await caller.one([
        () => finish(model.sample(caller.options({ sampler: "ddim", steps: 3, count: 4, seed: 1, initialNoise: caller.of(undefined) }))),
        () => finish(model.encode(caller.of(POINTS()), caller.options(flow))),
        () => finish(model.decode(caller.of(POINTS()), caller.options(flow))),
        () => model.paths(caller.of(POINTS()), caller.options({ from: 0, to: 10, ...flow })),
        () => model.field(caller.of(POINTS()), caller.options({ time: 5, quantity: "score" })),
        () => model.logDensity(caller.of(POINTS()), caller.options({ time: 0, method: caller.one(["flow", "closed-form"]) })),
        () => model.toSafetensors(),
      ])();
    } finally {
      model.free();
    }
  },

  async trainer(api, caller) {
    const { PointData, Trainer } = api;
    const data = await PointData.from(POINTS());
    const options = { width: 4, depth: 1, batch: 4, steps: 6, octaves: 0, schedule: "linear", learningRate: 1e-3, seed: 1 };
    const trainer = await caller.one([
      () => Trainer.create(caller.of(data), caller.options(options)),
      () => Trainer.restore(caller.of(api.state), caller.options({})),
    ])();
    try {
      const count = caller.of(2);
      await trainer.steps(typeof count === "number" && count > 100 ? 3 : count, caller.options({ signal: AbortSignal.timeout(300) }));
      await trainer.setLearningRate(caller.of(1e-3));
      (await trainer.model(caller.of("ema"))).free();
      await trainer.save();
    } finally {
      trainer.free();
    }
  },

  async functions(api, caller) {
    await caller.one([
      () => api.datasets(),
      () => api.samplers(),
      () => api.restorers(),
      () => api.init(caller.options({})),
      () => api.openDevice(caller.of("cpu")),
      () => api.slerp(caller.of(POINTS()), caller.of(POINTS()), caller.of(0.5)),
      () => api.scheduleCurves(caller.of(caller.options({ name: "linear", timesteps: 10 }))),
      () => api.forward(caller.of(POINTS()), caller.options({ time: 3, schedule: "cosine", seed: 1 })),
      () => api.forwardPaths(caller.of(POINTS()), caller.options({ times: caller.of([0, 1, 5]), schedule: "cosine" })),
      () => api.distance(caller.of(POINTS()), caller.of(POINTS()), caller.options({ metric: caller.one(["mmd", "sliced-wasserstein"]) })),
    ])();
  },

  async loading(api, caller) {
    const files = Object.fromEntries(Object.entries(api.files).map(([path, bytes]) => [path, caller.random() < 0.1 ? caller.of(bytes) : bytes.slice()]));
    const pipeline = await api.Pipeline.fromPretrained(caller.of(files), caller.options({ device: api.device, cache: false }));
    pipeline.free();
  },

  async observation({ pipeline }, caller) {
    const operator = caller.one([{ name: "downsample", factor: 2 }, { name: "crop", top: 0, left: 0, height: 1, width: 2 }, { name: "blur", sigma: 1 }, { name: "quantise", levels: 2 }]);
    await pipeline.observe(caller.of(IMAGES()), caller.options({ operator: caller.options(operator), noise: 0.1, seed: 1 }));
  },

  async pipeline(api, caller) {
    const { pipeline } = api;
    const run = caller.one([
      () => pipeline.sample(caller.options({ sampler: "ddim", steps: 2, batch: 1, seed: 1, classLabels: [1], guidanceInterval: caller.of(undefined) })),
      () => pipeline.sample(caller.options({ steps: 2, classLabels: 1, start: caller.options({ images: IMAGES(), strength: 0.5 }) })),
      () => pipeline.restore(caller.of(IMAGES()), caller.options({ operator: caller.options({ name: "inpaint", mask: caller.of(MASK()) }), method: caller.one(["dps", "pigdm", "ddrm", "repaint", "replacement"]), steps: 2, noise: 0.1, classLabels: 1 })),
      () => pipeline.synchronise(caller.options({ views: caller.of([{ transform: "rotate-180", classLabel: 1 }]), steps: 2, width: caller.of(8) })),
      () => pipeline.encode(caller.of(IMAGES()), caller.options({ steps: 2, classLabels: [1] })),
      () => pipeline.decode(caller.of(IMAGES()), caller.options({ steps: 2, classLabels: [1] })),
      () => pipeline.invert(caller.of(IMAGES()), caller.options({ steps: 2, classLabels: [1] })),
      () => pipeline.logLikelihood(caller.of(IMAGES()), caller.options({ steps: 1, classLabels: [1] })),
      () => pipeline.variationalBound(caller.of(IMAGES()), caller.options({ steps: 2, classLabels: [1] })),
    ])();
    try {
      let steps = 0;
      for await (const _ of run) if (++steps === 2) break;
      if (run.images) await caller.one([() => run.images(caller.of("noisy")), () => run.noisy(), () => run.clean()])();
      else await caller.one([() => run.bitsPerDimension(), () => (run.nats ?? run.prior).call(run)])();
    } finally {
      run.free();
    }
  },
};

const read = async (path) => new Uint8Array(await readFile(new URL(path, ROOT)));

/** Opens what the calls need. */
async function prepared(entry) {
  globalThis.Worker ??= WebWorker;
  const api = { ...(await import(entry)) };
  await api.init({ modules: { cpu: await read("pkg/tweedie_cpu_bg.wasm") } });
  const folder = "tests/fixtures/unet/class_labels/";
  api.files = {
    "config.json": await read(`${folder}config.json`),
    "diffusion_pytorch_model.safetensors": await read(`${folder}diffusion_pytorch_model.safetensors`),
    "scheduler_config.json": new TextEncoder().encode('{"_class_name": "DDIMScheduler"}'),
  };
  api.device = await api.openDevice("cpu");
  api.pipeline = await api.Pipeline.fromPretrained(api.files, { device: api.device });
  const trainer = await api.Trainer.create(await api.PointData.from(POINTS()), { width: 4, depth: 1, batch: 4, steps: 4, octaves: 0 });
  api.state = await trainer.save();
  api.model = await (await trainer.model()).toSafetensors();
  return api;
}

/** Describes an unacceptable failure; undefined if the failure is acceptable. */
function failureOf(error) {
  if (["AbortError", "TimeoutError"].includes(error?.name)) return undefined;
  if (error?.name !== "TweedieError" || typeof error.code !== "string") return `throws ${error?.stack ?? String(error)}`;
  if (DEAD.includes(error.code)) return `kills: ${error.message}`;
  return undefined;
}

async function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {string} entry of the package
 * @param {{ seconds?: number, first?: number, cases?: number, seed?: number }} options
 * @returns {Promise<{ cases: number, failures: string[] }>}
 */
export async function fuzz(entry, { seconds = Infinity, first = 0, cases = Infinity, seed = 0 }) {
  const api = await prepared(entry);
  const end = performance.now() + 1000 * seconds;
  const failures = new Set();
  let done = 0;
  for (; done < cases && performance.now() < end; done++) {
    const number = first + done;
    const caller = new Caller(uniforms(seed * 1_000_003 + number));
    const name = caller.one(Object.keys(CALLS));
    let wrong;
    try {
      await inTime(CALLS[name](api, caller));
    } catch (error) {
      wrong = failureOf(error);
    }
    if (wrong) failures.add(`${name}, case ${number} of seed ${seed}: ${wrong}`);
    if (wrong?.startsWith("kills") || wrong?.includes("no answer")) break;
  }
  // It all works as before.
  const [sample] = await inTime(api.Density.uniform(2, 3).sample());
  if (!(sample >= 2 && sample <= 3)) failures.add(`a sample of [2, 3] is ${sample}`);
  return { cases: done, failures: [...failures] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry = "tweedie", seconds = "60", seed = "0", one] = process.argv.slice(2);
  const alone = one === undefined ? {} : { first: Number(one), cases: 1 };
  const { cases, failures } = await fuzz(entry, { seconds: Number(seconds), seed: Number(seed), ...alone });
  console.log(`${entry}: ${cases} calls, ${failures.length} failures\n${failures.join("\n\n")}`);
  process.exit(failures.length > 0 ? 1 : 0);
}
