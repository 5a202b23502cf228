// Point models and training on the thread of the WebAssembly module: the calling thread or the worker.
import { guarded } from "./errors.js";
import { FamilyHost } from "./family-host.js";
import { Host } from "./host.js";
import { cpuModule } from "./module.js";
import { refuseForeignNames } from "./names.js";
import { nextTask, PointDensity, PointSampling } from "./run.js";

/** Milliseconds of training after which pending events are handled. */
const SLICE = 20;

/** Calls a function that takes and returns plain data. */
export async function callModule(name, ...values) {
  const bindings = await cpuModule();
  return guarded(() => bindings[name](...values));
}

/** Constructors by name, for a device. */
export const HOSTS = {
  ideal: ({ bindings, wasm }, points, schedule) =>
    new ModelHost(guarded(() => bindings.WasmPointModel.ideal(points, schedule, wasm)), wasm.kind),
  mixture: ({ bindings, wasm }, mixture, schedule) =>
    new ModelHost(guarded(() => bindings.WasmPointModel.mixture(mixture, schedule, wasm)), wasm.kind),
  fromSafetensors: ({ bindings, wasm }, bytes) =>
    new ModelHost(guarded(() => bindings.WasmPointModel.fromSafetensors(bytes, wasm)), wasm.kind),
  trainer: ({ bindings, wasm }, points, options) =>
    new TrainerHost(guarded(() => new bindings.WasmTrainer(points, options, wasm)), wasm.kind),
  restoredTrainer: ({ bindings, wasm }, state) =>
    new TrainerHost(guarded(() => bindings.WasmTrainer.restore(state, wasm)), wasm.kind),
  familyTrainer: ({ bindings }, points, options) => new FamilyHost(guarded(() => new bindings.WasmFamilyTrainer(points, options))),
  restoredFamilyTrainer: ({ bindings }, state) => new FamilyHost(guarded(() => bindings.WasmFamilyTrainer.restore(state))),
};

class ModelHost extends Host {
  constructor(wasm, deviceKind) {
    super("model", wasm, deviceKind);
  }

  facts() {
    const { kind, dimensions, timesteps, parameterCount, warnings } = this.wasm;
    return { kind, dimensions, timesteps, parameterCount, warnings };
  }

  sample(options, signal) {
    refuseForeignNames(options);
    return new PointSampling(guarded(() => this.wasm.sample(options)), this.deviceKind, signal);
  }

  encode(points, options, signal) {
    return new PointSampling(guarded(() => this.wasm.encode(points, options)), this.deviceKind, signal);
  }

  decode(latents, options, signal) {
    return new PointSampling(guarded(() => this.wasm.decode(latents, options)), this.deviceKind, signal);
  }

  logDensity(points, options, signal) {
    return new PointDensity(guarded(() => this.wasm.logDensity(points, options)), this.deviceKind, signal);
  }

  paths(points, options) {
    return guarded(() => this.wasm.paths(points, options));
  }

  field(points, options) {
    return guarded(() => this.wasm.field(points, options));
  }

  closedLogDensity(points, options) {
    return guarded(() => this.wasm.closedLogDensity(points, options));
  }

  toSafetensors() {
    return guarded(() => this.wasm.toSafetensors());
  }
}

class TrainerHost extends Host {
  #idealLoss;

  constructor(wasm, deviceKind) {
    super("trainer", wasm, deviceKind);
    this.#idealLoss = guarded(() => wasm.idealLoss());
  }

  facts() {
    const { options, parameterCount, completedSteps, warnings } = this.wasm;
    const timeSampling = options.timeSampling.replace("_", "-");
    return { options: { ...options, timeSampling }, parameterCount, completedSteps, warnings, idealLoss: this.#idealLoss };
  }

  /** Trains for one time slice, at most `most` steps. */
  async slice(most) {
    const { wasm } = this;
    const end = performance.now() + SLICE;
    let learningRate;
    let steps = 0;
    try {
      do {
        ({ learningRate } = wasm);
        guarded(() => wasm.step());
        steps += 1;
      } while (steps < most && performance.now() < end);
    } catch (error) {
      // The losses before the error are returned first; the next slice fails immediately.
      if (steps === 0 || error.code !== "diverged") throw error;
    }
    const losses = await wasm.losses();
    if (this.deviceKind === "cpu") await nextTask();
    return { losses, learningRate, completedSteps: this.wasm.completedSteps };
  }

  setLearningRate(rate) {
    guarded(() => this.wasm.setLearningRate(rate));
    return this.facts();
  }

  model(weights) {
    return new ModelHost(guarded(() => this.wasm.model(weights)), this.deviceKind);
  }

  save() {
    return guarded(() => this.wasm.save());
  }
}
