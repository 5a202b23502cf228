import { openDevice } from "./device.js";
import { partsOf } from "./device-parts.js";
import { CRASHED, freedError, guarded } from "./errors.js";
import { PIPELINE_FACTS } from "./facts.js";
import { checkpointFiles } from "./layout.js";
import { checkLoadingOptions, checkSignal } from "./options.js";
import { refuseForeignNames } from "./names.js";
import { canvasSidesOf, imagesOf, sidesOf } from "./pictures.js";
import { checkArray, ownFields, plainOptions } from "./plain.js";
import { Likelihood, Restoration, Sampling, VariationalBound } from "./run.js";
import { openSource } from "./source.js";

/** Error codes caused by the contents of a checkpoint's files. */
const BAD_FILES = ["malformed-file", "missing-tensor", "unused-tensors", "tensor-shape"];

/** A network with its scheduler, ready to sample. */
export class Pipeline {
  #wasm;
  #deviceKind;

  constructor(wasm, deviceKind) {
    this.#wasm = wasm;
    this.#deviceKind = deviceKind;
    for (const fact of PIPELINE_FACTS)
      Object.defineProperty(this, fact, { value: wasm[fact], enumerable: true });
  }

  /** Loads a checkpoint and creates its network on the device. */
  static async fromPretrained(source, options) {
    const given = ownFields(options);
    checkLoadingOptions(given);
    const { device = await openDevice(), ...reading } = given;
    const parts = partsOf(device);
    for (;;) {
      const opened = await openSource(source, reading);
      try {
        const files = await collect(parts.bindings.CheckpointFiles, opened, reading.signal);
        const pipeline = guarded(() => new Pipeline(new parts.bindings.WasmPipeline(files, parts.wasm), device.kind));
        await opened.keep();
        return pipeline;
      } catch (error) {
        // Cached files may be corrupt, so the load is repeated once from the server.
        if (!(BAD_FILES.includes(error?.code) && (await opened.discard()))) throw error;
      } finally {
        opened.close();
      }
    }
  }

  /** Converts image sources to the values of the model. */
  async toImages(source) {
    return imagesOf(source, this);
  }

  /** Creates a run; nothing is computed before its first step. */
  sample(options) {
    return this.#start(Sampling, "sample", {}, options);
  }

  /** Encodes images to latents along the probability-flow ODE. */
  encode(images, options) {
    return this.#start(Sampling, "encode", { images }, options);
  }

  /** Decodes latents to images along the probability-flow ODE. */
  decode(latents, options) {
    return this.#start(Sampling, "decode", { latents }, options);
  }

  /** Encodes images to latents by DDIM inversion. */
  invert(images, options) {
    return this.#start(Sampling, "invert", { images }, options);
  }

  /** Computes the log-likelihood of images. */
  logLikelihood(images, options) {
    return this.#start(Likelihood, "logLikelihood", { images }, options);
  }

  /** Computes the variational bound of images, term by term. */
  variationalBound(images, options) {
    return this.#start(VariationalBound, "variationalBound", { images }, options);
  }

  /** Applies an operator to images, and adds noise. */
  async observe(images, options) {
    const settings = plainOptions(options);
    refuseForeignNames(settings);
    checkArray("images", images, Float32Array);
    return guarded(() => this.#live().observe(images, settings));
  }

  /** Samples images that fit an observation. */
  restore(observation, options) {
    return this.#start(Restoration, "restore", { observation }, options);
  }

  /** Samples images that are seen through several views at once. */
  synchronise(options) {
    return this.#start(Sampling, "synchronise", {}, options, canvasSidesOf(this, options));
  }

  #start(Run, method, input, options, sides = sidesOf(this)) {
    const { signal, ...settings } = plainOptions(options, ["signal"]);
    checkSignal(signal);
    refuseForeignNames(settings);
    for (const [name, values] of Object.entries(input)) checkArray(name, values, Float32Array);
    const run = guarded(() => this.#live()[method](...Object.values(input), settings));
    return new Run(run, this.#deviceKind, signal, sides);
  }

  free() {
    this.#wasm?.free();
    this.#wasm = undefined;
  }

  #live() {
    if (this.#wasm === undefined) throw freedError("pipeline");
    return this.#wasm;
  }
}

if (Symbol.dispose) Pipeline.prototype[Symbol.dispose] = Pipeline.prototype.free;

/** Moves a checkpoint into the module file by file, so that JavaScript holds only one file at a time. */
async function collect(CheckpointFiles, source, signal) {
  const files = new CheckpointFiles();
  try {
    for await (const { path, bytes } of checkpointFiles(source)) guarded(() => files.add(path, bytes));
    signal?.throwIfAborted();
    return files;
  } catch (error) {
    if (error?.code !== CRASHED) files.free();
    throw error;
  }
}
