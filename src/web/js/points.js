import { invalidOption } from "./errors.js";
import { familyTrainerOver } from "./family.js";
import { checkFunction, checkSignal, refuseRest } from "./options.js";
import { checkArray, isA, plain, plainOptions } from "./plain.js";
import { checkNumbers, pointDataOver } from "./point-data.js";

/** Maximum number of steps per call, because all losses are returned. */
const MAX_STEPS = 1e7;

/**
 * The points API for one of the entries: on the calling thread (`points-local.js`) or in the worker (`points-remote.js`).
 *
 * @typedef {object} Holder a reference to an object in the module
 * @property {(method: string, ...values: unknown[]) => Promise<any>} call calls a method that returns plain data
 * @property {(method: string, ...values: unknown[]) => Promise<Holder>} derive calls a method that returns another such object
 * @property {(kind: string, method: string, values: unknown[], signal?: AbortSignal) => object} start starts a run
 * @property {() => void} free releases its memory
 *
 * @param {object} entry
 * @param {(name: string, ...values: unknown[]) => Promise<any>} entry.call a function of the WebAssembly module
 * @param {(name: string, device: unknown, ...values: unknown[]) => Promise<Holder>} entry.hold creates an object in the module
 */
export function pointsOver({ call, hold }) {
  const PointData = pointDataOver(call);

  /** The values of points or of a data set. */
  const numbers = (name, points) => (isA(points, PointData) ? points.points : checkNumbers(name, points));

  const FamilyTrainer = familyTrainerOver(hold, numbers);

  const checkData = (data) => {
    if (!isA(data, PointData)) throw invalidOption("data", "a PointData of the same package entry", data);
    return data;
  };

  /** A point model: a trained network or the ideal denoiser. */
  class PointModel {
    #holder;

    constructor(holder, facts) {
      this.#holder = holder;
      for (const [fact, value] of Object.entries(facts))
        Object.defineProperty(this, fact, { value, enumerable: true });
    }

    static async #of(holder) {
      return new PointModel(holder, await holder.call("facts"));
    }

    /** The ideal denoiser of the points or of their distribution. */
    static async ideal(data, options) {
      const { schedule, of = "points", device, ...rest } = plainOptions(options, ["device"]);
      refuseRest(rest, "schedule, of, device");
      if (of === "points") return PointModel.#of(await hold("ideal", device, checkData(data).points, schedule));
      if (of !== "distribution") throw invalidOption("of", "points or distribution", of);
      const { mixture, name } = checkData(data);
      if (mixture === null) throw invalidOption("of", "points, because the distribution of these data is not a mixture", `distribution of ${name ?? "given points"}`);
      return PointModel.mixture(mixture, { schedule, device });
    }

    /** The ideal denoiser of a mixture of Gaussians. */
    static async mixture(mixture, options) {
      const { schedule, device, ...rest } = plainOptions(options, ["device"]);
      refuseRest(rest, "schedule, device");
      return PointModel.#of(await hold("mixture", device, plain("mixture", mixture), schedule));
    }

    /** Loads the result of `toSafetensors`. */
    static async fromSafetensors(bytes, options) {
      const { device, ...rest } = plainOptions(options, ["device"]);
      refuseRest(rest, "device");
      return PointModel.#of(await hold("fromSafetensors", device, checkBytes("bytes", bytes)));
    }

    /** The model of a trainer. */
    static async ofTrainer(trainer, weights) {
      return PointModel.#of(await trainer.derive("model", plain("weights", weights)));
    }

    /** Creates a run; nothing is computed before its first step. */
    sample(options) {
      return this.#start("sample", [], options);
    }

    /** Encodes points to latents along the probability-flow ODE. */
    encode(points, options) {
      return this.#start("encode", [numbers("points", points)], options);
    }

    /** Decodes latents to points along the probability-flow ODE. */
    decode(latents, options) {
      return this.#start("decode", [numbers("latents", latents)], options);
    }

    #start(method, input, options) {
      const { signal, ...settings } = plainOptions(options, ["signal"]);
      checkSignal(signal);
      return this.#holder.start("PointSampling", method, [...input, settings], signal);
    }

    /** Paths of points along the probability-flow ODE from one time to another. */
    async paths(points, options) {
      return this.#holder.call("paths", numbers("points", points), plainOptions(options));
    }

    /** One quantity at each of the points. */
    async field(points, options) {
      return this.#holder.call("field", numbers("points", points), plainOptions(options));
    }

    /** The log-density at each of the points. */
    async logDensity(points, options) {
      const given = plainOptions(options, ["signal", "onProgress"]);
      const { method = this.kind === "ideal" ? "closed-form" : "flow", signal, onProgress, ...settings } = given;
      checkSignal(signal);
      checkFunction("onProgress", onProgress);
      signal?.throwIfAborted();
      const values = [numbers("points", points), settings];
      if (method === "closed-form") return this.#holder.call("closedLogDensity", ...values);
      if (method !== "flow") throw invalidOption("method", "closed-form or flow", method);
      const run = this.#holder.start("PointDensity", "logDensity", values, signal);
      try {
        for await (const progress of run) onProgress?.(progress);
        return await run.nats();
      } finally {
        run.free();
      }
    }

    /** Weights and configuration of a learned model. */
    async toSafetensors() {
      return this.#holder.call("toSafetensors");
    }

    free() {
      this.#holder.free();
    }
  }

  /** Trains a network on points, a few steps at a time. */
  class Trainer {
    #holder;
    #signal;
    #facts;

    constructor(holder, facts, signal) {
      this.#holder = holder;
      this.#facts = facts;
      this.#signal = signal;
    }

    static async #of(holder, signal) {
      return new Trainer(holder, await holder.call("facts"), signal);
    }

    static async create(data, options) {
      const { device, signal, ...settings } = plainOptions(options, ["device", "signal"]);
      checkSignal(signal);
      const { points } = checkData(data);
      if (settings.model === undefined) return Trainer.#of(await hold("trainer", device, points, settings), signal);
      if (device !== undefined) throw invalidOption("device", "left out: the models of the family train on the CPU", device);
      return FamilyTrainer.create(points, settings, signal);
    }

    /** Restores a trainer from `save`. */
    static async restore(state, options) {
      const { device, signal, ...rest } = plainOptions(options, ["device", "signal"]);
      refuseRest(rest, "device, signal");
      checkSignal(signal);
      return Trainer.#of(await hold("restoredTrainer", device, checkBytes("state", state)), signal);
    }

    get options() {
      return this.#facts.options;
    }

    get parameterCount() {
      return this.#facts.parameterCount;
    }

    get warnings() {
      return this.#facts.warnings;
    }

    get idealLoss() {
      return this.#facts.idealLoss;
    }

    get completedSteps() {
      return this.#facts.completedSteps;
    }

    /** Trains until `options.steps`. Leaving the loop pauses the training; iterate again to continue. */
    async *[Symbol.asyncIterator]() {
      const { steps } = this.options;
      while (this.completedSteps < steps) {
        this.#signal?.throwIfAborted();
        const { losses, learningRate } = await this.#slice(steps - this.completedSteps);
        yield { step: this.completedSteps, steps, losses, learningRate };
      }
    }

    /** Runs a number of steps and returns the loss of each. */
    async steps(count, options) {
      const { signal, ...rest } = plainOptions(options, ["signal"]);
      refuseRest(rest, "signal");
      checkSignal(signal);
      if (!Number.isInteger(count) || count < 0 || count > MAX_STEPS)
        throw invalidOption("count", `a whole number from 0 to ${MAX_STEPS}`, count);
      const all = new Float32Array(count);
      for (let done = 0; done < count; ) {
        signal?.throwIfAborted();
        const { losses } = await this.#slice(count - done);
        all.set(losses, done);
        done += losses.length;
      }
      return all;
    }

    /** Runs at most `most` steps. */
    async #slice(most) {
      try {
        const slice = await this.#holder.call("slice", most);
        this.#facts = { ...this.#facts, completedSteps: slice.completedSteps };
        return slice;
      } catch (error) {
        // After divergence the trainer has restored its last good weights.
        if (error?.code === "diverged") this.#facts = await this.#holder.call("facts");
        throw error;
      }
    }

    /** Sets the learning rate, also after divergence. */
    async setLearningRate(learningRate) {
      if (typeof learningRate !== "number") throw invalidOption("learningRate", "a number", learningRate);
      this.#facts = await this.#holder.call("setLearningRate", learningRate);
    }

    /** A copy of the current network. */
    async model(weights) {
      return PointModel.ofTrainer(this.#holder, weights);
    }

    /** The complete state. */
    async save() {
      return this.#holder.call("save");
    }

    free() {
      this.#holder.free();
    }
  }

  for (const Freed of [PointModel, Trainer]) {
    if (Symbol.dispose) Freed.prototype[Symbol.dispose] = Freed.prototype.free;
  }

  return {
    PointData,
    PointModel,
    Trainer,
    FamilyTrainer,
    /** All models that `Trainer.create` trains by name. */
    families: async () => call("families"),
    /** Lists the built-in data sets. */
    datasets: async () => call("pointDatasets"),
    /** The curves of a noise schedule. */
    scheduleCurves: async (schedule) => call("scheduleCurves", plain("schedule", schedule)),
    /** Noisy points at one time. */
    forward: async (points, options) => call("forwardPoints", numbers("points", points), plainOptions(options)),
    /** Paths of the forward Markov chain. */
    forwardPaths: async (points, options) => call("forwardPathsOfPoints", numbers("points", points), plainOptions(options)),
    /** The distance between two sets of points. */
    distance: async (a, b, options) => call("distanceOfPoints", numbers("a", a), numbers("b", b), plainOptions(options)),
  };
}

function checkBytes(name, bytes) {
  return checkArray(name, bytes, Uint8Array);
}
