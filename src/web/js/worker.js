// The worker's side of the "tweedie/worker" entry: hands out objects that the page holds through Comlink.
import { expose, finalizer, proxy, releaseProxy, transfer } from "comlink";
import "./carry.js";
import { LocalDensity } from "./density.js";
import { init, openDensity, openDevice, samplers } from "./module.js";
import { PIPELINE_FACTS } from "./facts.js";
import { Pipeline } from "./pipeline.js";

/** Picks what is worth sending along once, instead of a round trip for each. */
function pick(object, names) {
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}

class RemoteDevice {
  #device;

  constructor(device) {
    this.#device = device;
  }

  facts() {
    return pick(this.#device, ["kind", "description"]);
  }

  async fromPretrained(source, options, signal, onProgress) {
    let lastReport;
    const report = onProgress && ((progress) => (lastReport = onProgress(progress)));
    try {
      const pipeline = await Pipeline.fromPretrained(source, {
        ...options,
        device: this.#device,
        signal,
        onProgress: report,
      });
      return proxy(new RemotePipeline(pipeline));
    } finally {
      await lastReport; // so that no report comes after the result
      onProgress?.[releaseProxy]();
    }
  }
}

class RemotePipeline {
  #pipeline;

  constructor(pipeline) {
    this.#pipeline = pipeline;
  }

  facts() {
    return pick(this.#pipeline, PIPELINE_FACTS);
  }

  sample(options) {
    return proxy(new RemoteSampling(this.#pipeline.sample(options)));
  }

  encode(images, options) {
    return proxy(new RemoteSampling(this.#pipeline.encode(images, options)));
  }

  decode(latents, options) {
    return proxy(new RemoteSampling(this.#pipeline.decode(latents, options)));
  }

  [finalizer]() {
    this.#pipeline.free();
  }
}

class RemoteSampling {
  #sampling;
  #steps;

  constructor(sampling) {
    this.#sampling = sampling;
    this.#steps = sampling[Symbol.asyncIterator]();
  }

  facts() {
    return pick(this.#sampling, ["steps", "completedSteps", "batch"]);
  }

  /** Takes one step; undefined when none is left. */
  async step() {
    try {
      return (await this.#steps.next()).value;
    } catch (error) {
      // A generator that threw is at its end; the run may go on.
      this.#steps = this.#sampling[Symbol.asyncIterator]();
      throw error;
    }
  }

  async noisy() {
    return moved(await this.#sampling.noisy());
  }

  async clean() {
    return moved(await this.#sampling.clean());
  }

  async images(which) {
    return moved(await this.#sampling.images(which));
  }

  [finalizer]() {
    this.#sampling.free();
  }
}

class RemoteDensity extends LocalDensity {
  async call(method, ...values) {
    return movedAll(await super.call(method, ...values));
  }

  [finalizer]() {
    this.free();
  }
}

/** The arrays of an answer change hands. */
function movedAll(answer) {
  const parts = ArrayBuffer.isView(answer) ? [answer] : Object.values(answer);
  return transfer(answer, parts.filter((part) => ArrayBuffer.isView(part)).map(({ buffer }) => buffer));
}

/** The array changes hands instead of being copied. */
function moved(array) {
  return transfer(array, [array.buffer]);
}

expose({
  init,
  samplers,
  openDensity: async (description) => proxy(await openDensity(description, RemoteDensity)),
  openDevice: async (kind) => proxy(new RemoteDevice(await openDevice(kind))),
});
