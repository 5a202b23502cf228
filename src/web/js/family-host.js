// Trains generative models of points on the thread that runs the WebAssembly module.
import { guarded } from "./errors.js";
import { Host } from "./host.js";
import { nextTask } from "./run.js";

/** Milliseconds of training between returns to the event loop. */
const SLICE = 20;

export class FamilyHost extends Host {
  constructor(wasm) {
    super("trainer", wasm, "cpu");
  }

  facts() {
    return guarded(() => this.wasm.facts());
  }

  /** Trains for one short slice of time, `most` steps at most. */
  async slice(most) {
    const { wasm } = this;
    const end = performance.now() + SLICE;
    const steps = [];
    try {
      do steps.push(guarded(() => wasm.step()));
      while (steps.length < most && performance.now() < end);
    } catch (error) {
      // Return the losses before the divergence first; the next slice fails again immediately.
      if (steps.length === 0 || error.code !== "diverged") throw error;
    }
    await nextTask();
    return { losses: byName(steps), completedSteps: this.wasm.completedSteps };
  }

  sample(options) {
    return guarded(() => this.wasm.sample(options));
  }

  logDensity(points) {
    return guarded(() => this.wasm.logDensity(points));
  }

  bound(points, options) {
    return guarded(() => this.wasm.bound(points, options));
  }

  encode(points) {
    return guarded(() => this.wasm.encode(points));
  }

  decode(latents) {
    return guarded(() => this.wasm.decode(latents));
  }

  score(points) {
    return guarded(() => this.wasm.score(points));
  }

  energy(points) {
    return guarded(() => this.wasm.energy(points));
  }

  field(name, points) {
    return guarded(() => this.wasm.field(name, points));
  }

  scaleLearningRates(factor) {
    guarded(() => this.wasm.scaleLearningRates(factor));
    return this.facts();
  }

  save() {
    return guarded(() => this.wasm.save());
  }

  toSafetensors() {
    return guarded(() => this.wasm.toSafetensors());
  }
}

/** The loss of each step, by name; NaN if a step does not have the loss. */
function byName(steps) {
  const names = new Set(steps.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => [name, Float32Array.from(steps, (losses) => losses[name] ?? NaN)]));
}
