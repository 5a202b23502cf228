// Replaces tweedie_cpu.js and tweedie_webgpu.js: the same classes, with a few numbers instead of a network.
/** Seeds of failing runs: one traps at its first step, the other never finishes. */
export const TRAP = 666;
export const STUCK = 13;

/** The contents of a file that cannot be read. */
export const BROKEN = "damaged";

/** Which of the two modules this copy simulates. */
const isWebgpu = false;

const state = { instantiations: 0, live: 0 };

export default async function init(options) {
  const source = options.module_or_path;
  // Like the real ones, they compile what arrives.
  await (source instanceof Response ? WebAssembly.compileStreaming(source) : WebAssembly.compile(source));
  state.instantiations += 1;
  if (state.instantiations > 1) throw new Error("instantiated twice");
}

export class WasmDevice {
  constructor(kind) {
    this.kind = kind;
  }
}

export async function openDevice(kind) {
  if (state.instantiations === 0) throw new Error("not instantiated");
  return new WasmDevice(kind);
}

export function samplers() {
  // The number of live objects is here because it is the only way to look into a worker's module.
  return [{ name: "ddpm", title: "DDPM", noise: "each-step", evaluations: 1, options: {}, live: state.live }];
}

export const restorers = () => ({
  methods: [{ name: "dps", title: "DPS", options: {} }],
  operators: [{ name: "inpaint", title: "Mask", options: {} }],
});

export async function slerp(from, to, t) {
  if (from.length !== to.length) throw tweedieError("invalid-option", "to must be as long as from");
  return from.map((value, index) => value + t * (to[index] - value));
}

class Counted {
  constructor() {
    state.live += 1;
  }

  free() {
    if (this.freed) throw new Error("null pointer passed to rust");
    this.freed = true;
    state.live -= 1;
  }
}

export class CheckpointFiles extends Counted {
  files = {};

  add(path, bytes) {
    this.files[path] = bytes.slice();
  }
}

export class WasmPipeline extends Counted {
  constructor(files, device) {
    files.free();
    super();
    if (!files.files["config.json"] && !files.files["unet/config.json"])
      throw tweedieError("missing-file", "no config.json");
    if (Object.values(files.files).some((bytes) => new TextDecoder().decode(bytes) === BROKEN))
      throw tweedieError("malformed-file", "the weights cannot be read");
    if (!(device instanceof WasmDevice)) throw new Error("expected instance of WasmDevice");
    this.device = device;
    this.files = files.files;
    this.parameterCount = Object.values(files.files).reduce((sum, bytes) => sum + bytes.length, 0);
  }

  sampleSize = isWebgpu ? 4 : 2;
  channels = 1;
  labels = ["zero", "one"];
  classCount = 3;
  nullClassLabel = 2;
  schedulerConfig = { num_train_timesteps: 1000 };
  schedulerDefaults = { sampler: "ddim", options: { ddim: { eta: 0 } } };
  alphasCumprod = Float64Array.of(0.9, 0.5);
  warnings = [];

  sample(options) {
    if (options.signal) throw new Error("a signal must not reach the module");
    if (Number.isNaN(options.eta))
      throw tweedieError("invalid-option", "eta must be between 0 and 1, got NaN");
    return new WasmSampling(options);
  }
}

class WasmRun extends Counted {
  completedSteps = 0;

  constructor({ steps = 4, batch = 1, seed = 0 }) {
    super();
    Object.assign(this, { steps, batch, seed });
  }

  step() {
    if (this.seed === TRAP) throw new WebAssembly.RuntimeError("unreachable");
    if (this.completedSteps === this.steps) return undefined;
    this.completedSteps += 1;
    return { step: this.completedSteps, steps: this.steps, timestep: 1000 - this.completedSteps };
  }

  async settled() {}

  atEnd(name, ...values) {
    if (this.completedSteps < this.steps) throw tweedieError("not-ready", `${name} is available after the last step, but step ${this.completedSteps} of ${this.steps} was the last so far`);
    return Float32Array.of(...values);
  }
}

class WasmLikelihood extends WasmRun {
  async nats() {
    return this.atEnd("nats", -70);
  }

  async bitsPerDimension() {
    return this.atEnd("bitsPerDimension", 7);
  }
}

class WasmBound extends WasmRun {
  async prior() {
    return Float32Array.of(0.5);
  }

  async terms() {
    return Float32Array.from({ length: Math.min(this.completedSteps, this.steps - 1) }, () => 1);
  }

  async decoder() {
    return this.atEnd("decoder", 2);
  }

  timesteps() {
    return Float64Array.from({ length: this.steps }, (_, index) => this.steps - 1 - index);
  }

  async bitsPerDimension() {
    return this.atEnd("bitsPerDimension", 1.5 + this.steps);
  }
}

class WasmSampling extends WasmRun {
  async noisy() {
    await new Promise((resolve) => this.seed === STUCK || setTimeout(resolve, 5));
    return Float32Array.of(this.completedSteps, 0, 0, 0);
  }

  async clean() {
    return Float32Array.of(0, this.completedSteps, 0, 0);
  }

  async images(which) {
    if (which !== "noisy" && which !== "clean")
      throw tweedieError("invalid-option", `which must be noisy or clean, got ${which}`);
    // Each image is one grey.
    return Uint8ClampedArray.from({ length: 16 * this.batch }, (_, index) => (which === "clean" ? 255 : this.completedSteps + Math.floor(index / 16)));
  }
}

/** Restores by returning the observation; the residual falls as 1/step. */
class WasmRestoration extends WasmSampling {
  constructor(observation, options) {
    super(options);
    this.observation = observation;
  }

  async residual() {
    if (this.completedSteps === 0) throw tweedieError("invalid-option", "residual must be asked for after the first step");
    return new Float32Array(this.batch).fill(1 / this.completedSteps);
  }

  async mean() {
    return this.observation.slice();
  }

  async std() {
    return this.observation.map(() => 0);
  }
}

Object.assign(WasmPipeline.prototype, {
  async observe(images, { operator, noise = 0 }) {
    if (!(noise >= 0)) throw tweedieError("invalid-option", `noise must be at least 0, got ${noise}`);
    return { values: images.map((value, index) => value * operator.mask[index]), shape: [1, 1, 2, 2] };
  },

  restore(observation, options) {
    if (options.signal) throw new Error("a signal must not reach the module");
    if (options.operator === undefined) throw tweedieError("invalid-option", "operator must be given");
    return new WasmRestoration(observation, options);
  },

  /** Each view is a grey of its class. */
  synchronise({ views, height = this.sampleSize, width = this.sampleSize, ...options }) {
    if (!(views?.length > 0)) throw tweedieError("invalid-option", "views must have at least one view");
    const run = new WasmSampling(options);
    run.images = async () => new Uint8ClampedArray(4 * height * width).fill(views[0].classLabel);
    return run;
  },
});

/** What the runs of a pipeline over given values do here: note what they were given. */
for (const [method, Run] of Object.entries({
  encode: WasmSampling,
  decode: WasmSampling,
  invert: WasmSampling,
  logLikelihood: WasmLikelihood,
  variationalBound: WasmBound,
})) {
  WasmPipeline.prototype[method] = (values, { steps = 2, ...rest }) => {
    if (Object.keys(rest).length > 0) throw tweedieError("invalid-option", `no option ${Object.keys(rest)}`);
    return new Run({ steps, batch: values.length });
  };
}

/** A density on [0, 1] whose samples count up from the seed. */
export class WasmDensity extends Counted {
  constructor(description) {
    if (description.source === "1 +")
      throw Object.assign(tweedieError("formula", "the formula is wrong at column 4"), { column: 4 });
    if (Object.values(description).some(Number.isNaN)) throw tweedieError("invalid-option", "a number is NaN");
    super();
    this.description = description;
  }

  summary() {
    return { kind: this.description.kind, description: this.description, mean: state.live };
  }

  density(xs) {
    return xs.map((x) => 2 * x);
  }

  cdf(xs) {
    return xs.map((x) => x * x);
  }

  inverseCdf(us) {
    return us.map(Math.sqrt);
  }

  inverseTransform({ count = 1 }) {
    return { u: new Float64Array(count), x: new Float64Array(count).fill(1) };
  }

  rejection(options) {
    return new WasmRejection(options);
  }

  envelope({ xs = new Float64Array(), proposal }) {
    return { proposal, height: xs.map((x) => x + 1), breaks: [[0, 1]] };
  }

  test(samples) {
    return { count: samples.length };
  }

  sampler({ count = 1, seed = 0, ...rest }) {
    if (rest.signal) throw new Error("a signal must not reach the module");
    if (count === 0) throw tweedieError("invalid-option", "count must be between 1 and 100000000, got 0");
    return new WasmDensitySampler(count, seed);
  }
}

class WasmDensitySampler extends Counted {
  #next;

  constructor(count, seed) {
    super();
    this.count = count;
    this.seed = seed;
    this.#next = seed;
  }

  fill(samples) {
    if (this.seed === TRAP) throw new WebAssembly.RuntimeError("unreachable");
    // So long that the events of a waiting abort get their turn.
    const end = performance.now() + (this.seed === STUCK ? 40 : 0);
    while (performance.now() < end);
    for (let index = 0; index < samples.length; index++) samples[index] = this.#next++;
    return samples.length;
  }
}

class WasmRejection extends Counted {
  #steps = 0;

  constructor({ seed = 0, c }) {
    super();
    Object.assign(this, { seed, c });
  }

  step() {
    this.#steps += 1;
    const end = performance.now() + (this.seed === STUCK ? 40 : 0);
    while (performance.now() < end);
    return this.seed !== STUCK && this.#steps === 2;
  }

  result() {
    return { accepted: Float64Array.of(1), isAccepted: Uint8Array.of(0, 1), c: this.c };
  }
}

/** Points: data are drawn by counting, training divides the loss by two, and a step beyond the tenth diverges. */
export const pointDatasets = () => [{ name: "rings", title: "Rings", description: "Circles.", isMixture: false }];

export function drawPointData(name, { count = 2, seed = 0 } = {}) {
  if (name !== "rings") throw tweedieError("invalid-option", `name must be one of rings, got "${name}"`);
  const points = Float32Array.from({ length: 2 * count }, (_, index) => index + seed);
  const mixture = seed === 7 ? { means: [0, 0], spreads: [1], weights: [1], dimensions: 2 } : null;
  return { name, points, mean: [1, 2], scale: 3, mixture };
}

export const pointDataFrom = (points) => ({ name: null, points, mean: [0, 0], scale: 1, mixture: null });

export function pointDataFromCsv(text) {
  if (text === "") throw tweedieError("malformed-file", "the CSV cannot be read: it needs at least two points, but has none");
  return pointDataFrom(Float32Array.from(text.split(/[,\n]/), Number));
}

export const splitPoints = (points) => [points.slice(2), points.slice(0, 2)];
export const scheduleCurves = (schedule) => ({ timesteps: schedule === "linear" ? 1000 : 1 });
export const forwardPoints = (points, { time }) => points.map((x) => x + time);
export const forwardPathsOfPoints = (points, { times }) => ({ times: Float64Array.from(times), positions: points });
export const distanceOfPoints = (a, b) => Math.abs(a[0] - b[0]);

export class WasmPointModel extends Counted {
  dimensions = 2;
  timesteps = 1000;
  parameterCount = 0;
  warnings = [];

  constructor(kind, device) {
    super();
    Object.assign(this, { kind, device });
  }

  static ideal(points, schedule, device) {
    if (schedule === "sine") throw tweedieError("invalid-option", 'schedule must be one of linear, got "sine"');
    return new WasmPointModel("ideal", device);
  }

  static mixture = (mixture, schedule, device) => new WasmPointModel("ideal", device);
  static fromSafetensors = (bytes, device) => new WasmPointModel("learned", device);

  sample({ signal, sampler, count = 1, ...options }) {
    if (signal) throw new Error("a signal must not reach the module");
    if (sampler === "psychic") throw tweedieError("invalid-option", "sampler must be one of ddim");
    return new WasmSampling({ ...options, batch: count });
  }

  encode = (points, { steps = 2 } = {}) => new WasmSampling({ steps, batch: points.length / 2 });
  decode = (points, { steps = 2 } = {}) => new WasmSampling({ steps, batch: points.length / 2 });
  logDensity = (points, { steps = 3 } = {}) => new WasmLikelihood({ steps, batch: points.length / 2 });
  paths = async (points, { from, to }) => ({ times: Float64Array.of(from, to), positions: points });
  field = async (points) => points.map((x) => -x);
  closedLogDensity = async () => Float32Array.of(-1);
  toSafetensors = async () => Uint8Array.of(1, 2, 3);
}

export class WasmTrainer extends Counted {
  completedSteps = 0;
  parameterCount = 5;
  warnings = ["too much signal"];
  idealLoss = () => 0.25;
  pending = [];

  constructor(points, options, device) {
    super();
    if (options.width === 0) throw tweedieError("invalid-option", "width must be between 1 and 4096, got 0");
    Object.assign(this, { device, learningRate: options.learningRate ?? 0.1 });
    this.options = { steps: 8, timeSampling: "low_variance", ...options };
  }

  static restore([steps], device) {
    const trainer = new WasmTrainer(new Float32Array(4), {}, device);
    trainer.completedSteps = steps;
    return trainer;
  }

  setLearningRate(rate) {
    if (!(rate > 0)) throw tweedieError("invalid-option", "learningRate must be a positive number");
    this.learningRate = rate;
    this.options = { ...this.options, learningRate: rate };
  }

  step() {
    if (this.learningRate > 1 && this.completedSteps >= 3) {
      this.completedSteps = 2;
      this.diverged = true;
    }
    if (this.diverged && this.learningRate > 1) throw tweedieError("diverged", "training diverged");
    this.completedSteps += 1;
    this.pending.push(1 / this.completedSteps);
  }

  losses = async () => Float32Array.from(this.pending.splice(0));
  model = (weights) => new WasmPointModel(weights === "current" ? "current" : "learned", this.device);
  save = async () => Uint8Array.of(this.completedSteps);
}

/** The models of the family: the loss of a step is its number, and from the third step on there is another one. */
export class WasmFamilyTrainer extends Counted {
  completedSteps = 0;

  constructor(points, options) {
    super();
    if (options.model !== "gan") throw tweedieError("invalid-option", "model must be one of gan");
    Object.assign(this, { points, options: { steps: 6, ...options } });
  }

  static restore([steps]) {
    const trainer = new WasmFamilyTrainer(new Float32Array(4), { model: "gan" });
    trainer.completedSteps = steps;
    return trainer;
  }

  facts() {
    const { completedSteps, options } = this;
    const capabilities = { sample: true, logDensity: false, bound: false, latents: true, score: false, energy: false };
    return { model: "gan", options, totalSteps: options.steps, parameterCount: 7, trainableCount: 5, completedSteps, evaluations: 1, capabilities, fields: ["discriminator"] };
  }

  step() {
    if (this.options.diverges && this.completedSteps === 3) {
      this.completedSteps = 2;
      this.diverged = true;
    }
    if (this.diverged) throw tweedieError("diverged", "training diverged");
    this.completedSteps += 1;
    return this.completedSteps < 3 ? { generator: this.completedSteps } : { generator: this.completedSteps, penalty: 1 };
  }

  sample = ({ count = 2, seed = 0 }) => Float32Array.from({ length: 2 * count }, () => seed);
  field = (name, points) => (name === "discriminator" ? points.map((x) => 2 * x) : this.logDensity());
  decode = (latents) => latents.map((z) => z + 1);
  save = () => Uint8Array.of(this.completedSteps);

  scaleLearningRates() {
    this.options = { ...this.options, diverges: false };
    this.diverged = false;
  }

  logDensity() {
    throw tweedieError("no-capability", "the model gan has no log-density");
  }
}

export const families = () => [{ name: "gan", presets: ["works"], options: { steps: 6 } }];

/** As Rust throws them: plain errors with a name and a code. */
function tweedieError(code, message) {
  return Object.assign(new Error(message), { name: "TweedieError", code });
}
