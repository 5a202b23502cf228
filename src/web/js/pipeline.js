import { openDevice } from "./device.js";
import { partsOf } from "./device-parts.js";
import { CRASHED, freedError, guarded } from "./errors.js";
import { PIPELINE_FACTS } from "./facts.js";
import { checkpointFiles } from "./layout.js";
import { checkLoadingOptions, checkSignal } from "./options.js";
import { refuseForeignNames } from "./names.js";
import { imagesOf, sidesOf } from "./pictures.js";
import { checkArray, ownFields, plainOptions } from "./plain.js";
import { Likelihood, Sampling, VariationalBound } from "./run.js";
import { openSource } from "./source.js";

/** Errors by the contents of a checkpoint's files. */
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

  /** Reads a checkpoint and builds its network on the device. */
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
        // What was cached may be at fault; the server's own files get one chance, since none is cached then.
        if (!(BAD_FILES.includes(error?.code) && (await opened.discard()))) throw error;
      } finally {
        opened.close();
      }
    }
  }

  /** Turns pictures into the numbers that the model takes. */
  async toImages(source) {
    return imagesOf(source, this);
  }

  /** Starts a run; nothing is computed before its first step. */
  sample(options) {
    return this.#start(Sampling, "sample", {}, options);
  }

  /** Takes images along the probability-flow ODE to latents. */
  encode(images, options) {
    return this.#start(Sampling, "encode", { images }, options);
  }

  /** Takes latents along the probability-flow ODE to images. */
  decode(latents, options) {
    return this.#start(Sampling, "decode", { latents }, options);
  }

  /** Takes images to latents by DDIM inversion. */
  invert(images, options) {
    return this.#start(Sampling, "invert", { images }, options);
  }

  /** Finds the log-likelihood of images. */
  logLikelihood(images, options) {
    return this.#start(Likelihood, "logLikelihood", { images }, options);
  }

  /** Finds the variational bound of images, term by term. */
  variationalBound(images, options) {
    return this.#start(VariationalBound, "variationalBound", { images }, options);
  }

  #start(Run, method, input, options) {
    const { signal, ...settings } = plainOptions(options, ["signal"]);
    checkSignal(signal);
    refuseForeignNames(settings);
    for (const [name, values] of Object.entries(input)) checkArray(name, values, Float32Array);
    const run = guarded(() => this.#live()[method](...Object.values(input), settings));
    return new Run(run, this.#deviceKind, signal, sidesOf(this));
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

/** Moves a checkpoint into the module file by file, so that JavaScript holds one of them at a time. */
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
