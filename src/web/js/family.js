import { invalidOption } from "./errors.js";
import { checkSignal, refuseRest } from "./options.js";
import { checkArray, plainOptions } from "./plain.js";

/** Maximum number of steps per call; the losses of all of them are kept in memory. */
const MAX_STEPS = 1e6;

/**
 * The class `FamilyTrainer`: a generative model of points that is trained a few steps at a time.
 * @param {(name: string, ...values: unknown[]) => Promise<object>} hold  creates an object that runs the computations,
 *   see `points.js`
 * @param {(name: string, points: unknown) => Float32Array} numbers  extracts the coordinates of points, which may be a
 *   data set
 */
export function familyTrainerOver(hold, numbers) {
  class FamilyTrainer {
    #holder;
    #signal;
    #facts;

    constructor(holder, facts, signal) {
      this.#holder = holder;
      this.#facts = facts;
      this.#signal = signal;
    }

    static async #of(holder, signal) {
      return new FamilyTrainer(holder, await holder.call("facts"), signal);
    }

    /** Creates a trainer; `settings` includes the name of the model. */
    static async create(points, settings, signal) {
      checkSignal(signal);
      return FamilyTrainer.#of(await hold("familyTrainer", undefined, points, settings), signal);
    }

    /** Restores a trainer from the state that `save` returned. */
    static async restore(state, options) {
      const { signal, ...rest } = plainOptions(options, ["signal"]);
      refuseRest(rest, "signal");
      checkSignal(signal);
      return FamilyTrainer.#of(await hold("restoredFamilyTrainer", undefined, checkArray("state", state, Uint8Array)), signal);
    }

    get model() {
      return this.#facts.model;
    }

    get options() {
      return this.#facts.options;
    }

    get parameterCount() {
      return this.#facts.parameterCount;
    }

    get trainableCount() {
      return this.#facts.trainableCount;
    }

    get totalSteps() {
      return this.#facts.totalSteps;
    }

    get completedSteps() {
      return this.#facts.completedSteps;
    }

    get evaluations() {
      return this.#facts.evaluations;
    }

    get capabilities() {
      return this.#facts.capabilities;
    }

    get fields() {
      return this.#facts.fields;
    }

    /** Trains until `totalSteps`. Leave the loop to pause, iterate again to continue. */
    async *[Symbol.asyncIterator]() {
      const steps = this.totalSteps;
      while (this.completedSteps < steps) {
        this.#signal?.throwIfAborted();
        const losses = await this.#slice(steps - this.completedSteps);
        yield { step: this.completedSteps, steps, losses };
      }
    }

    /** Runs `count` steps and returns the losses of each step. */
    async steps(count, options) {
      const { signal, ...rest } = plainOptions(options, ["signal"]);
      refuseRest(rest, "signal");
      checkSignal(signal);
      if (!Number.isInteger(count) || count < 0 || count > MAX_STEPS)
        throw invalidOption("count", `a whole number from 0 to ${MAX_STEPS}`, count);
      const all = {};
      for (let done = 0; done < count; ) {
        signal?.throwIfAborted();
        const before = this.completedSteps;
        const losses = await this.#slice(count - done);
        for (const [name, values] of Object.entries(losses)) (all[name] ??= new Float32Array(count).fill(NaN)).set(values, done);
        done += this.completedSteps - before;
      }
      return all;
    }

    /** Trains for one short slice of time, `most` steps at most. */
    async #slice(most) {
      try {
        const { losses, completedSteps } = await this.#holder.call("slice", most);
        this.#facts = { ...this.#facts, completedSteps };
        return losses;
      } catch (error) {
        // After a divergence, the last snapshot has been restored; update `completedSteps` and the other facts.
        if (error?.code === "diverged") this.#facts = await this.#holder.call("facts");
        throw error;
      }
    }

    /** Draws samples. */
    async sample(options) {
      return this.#holder.call("sample", plainOptions(options));
    }

    /** The log-density at each of the points. */
    async logDensity(points) {
      return this.#holder.call("logDensity", numbers("points", points));
    }

    /** A lower bound on the log-density at each of the points. */
    async bound(points, options) {
      return this.#holder.call("bound", numbers("points", points), plainOptions(options));
    }

    /** Encodes points to latents. */
    async encode(points) {
      return this.#holder.call("encode", numbers("points", points));
    }

    /** Decodes latents to points. */
    async decode(latents) {
      return this.#holder.call("decode", numbers("latents", latents));
    }

    /** The score at each of the points. */
    async score(points) {
      return this.#holder.call("score", numbers("points", points));
    }

    /** The energy of each of the points. */
    async energy(points) {
      return this.#holder.call("energy", numbers("points", points));
    }

    /** The values at points of an additional function, given by name. */
    async field(name, points) {
      if (typeof name !== "string") throw invalidOption("name", "a string", name);
      return this.#holder.call("field", name, numbers("points", points));
    }

    /** Resumes after a divergence, with all learning rates multiplied by `factor`. */
    async scaleLearningRates(factor) {
      if (typeof factor !== "number") throw invalidOption("factor", "a number", factor);
      this.#facts = await this.#holder.call("scaleLearningRates", factor);
    }

    /** The complete state, including the data. */
    async save() {
      return this.#holder.call("save");
    }

    /** The averaged weights in safetensors format. */
    async toSafetensors() {
      return this.#holder.call("toSafetensors");
    }

    free() {
      this.#holder.free();
    }
  }

  if (Symbol.dispose) FamilyTrainer.prototype[Symbol.dispose] = FamilyTrainer.prototype.free;
  return FamilyTrainer;
}
