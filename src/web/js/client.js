// The "tweedie/worker" entry: the API of the main entry, computed in a Web Worker.
import { proxy, transfer } from "comlink";
import "./carry.js";
import "./carry-response.js";
import { contentsByPath } from "./contents.js";
import { cpuAddress } from "./cpu-address.js";
import { densityOver } from "./density.js";
import { invalidOption, TweedieError } from "./errors.js";
import { DEFAULT_TIMEOUT } from "./http.js";
import { checkModuleOptions } from "./module-sources.js";
import { checkDeviceKind, checkFunction, checkLoadingOptions, checkSignal, checkSlerp, refuseUnknown } from "./options.js";
import { canvasSidesOf, imagesOf, sidesOf } from "./pictures.js";
import { checkArray, isA, ownFields, plainOptions } from "./plain.js";
import { remotePoints } from "./points-remote.js";
import { Likelihood, PointSampling, Restoration, Sampling, VariationalBound } from "./remote-run.js";
import { Handle, Session } from "./session.js";
import { absolute, absoluteAddress } from "./source-address.js";
import { version } from "./version.js";
import { webgpuAddress } from "./webgpu-address.js";
import { openWorker } from "./worker-start.js";

export { clearCache, isCached, usage } from "./cached.js";
export { version };
export { Likelihood, PointSampling, Restoration, Sampling, TweedieError, VariationalBound };

/** The running worker and the promise of its module; empty before `init` and after a failure. */
let current;

/** Starts the worker and loads the WebAssembly module in it, once. */
export async function init(options) {
  const { worker, ...moduleOptions } = ownFields(options);
  await running(worker, checkModuleOptions(moduleOptions));
}

/** Stops the worker. Its state is lost, its memory is released, and pending calls reject. */
export function terminate() {
  current?.session.end("was stopped by terminate()");
}

async function running(worker, options = {}) {
  current ??= start(worker, options);
  const { session, ready } = current;
  await ready;
  return session;
}

function start(worker, { onProgress, timeout = DEFAULT_TIMEOUT, modules = {} }) {
  const forget = () => {
    if (current === started) current = undefined;
  };
  const session = new Session(openWorker(worker), forget);
  const ready = load(session, { modules, timeout, onProgress });
  const started = { session, ready };
  ready.catch((error) => session.fail(error.message));
  return started;
}

async function load(session, { modules, timeout, onProgress }) {
  await session.greet(version, timeout);
  const cpu = await portable(modules.cpu, cpuAddress);
  const webgpu = await portable(modules.webgpu, webgpuAddress);
  await session.answer(() => session.service.init(cpu, webgpu, timeout, carried(onProgress)));
}

/** Converts a module source to a form that can be sent. The worker script does not know the addresses of the modules. */
async function portable(given, address) {
  const source = (await given) ?? known(address);
  if (typeof source === "string" || isA(source, URL)) return absolute(source, "modules").href;
  return isA(source, Request) ? source.url : source;
}

/** An address, or undefined if the bundle does not know it, which only matters if the module is needed. */
function known(address) {
  try {
    return address();
  } catch {
    return undefined;
  }
}

/** A callback of the caller that the worker can call. */
const carried = (callback) => callback && proxy((...values) => callback(...values));

/** Opens a compute device in the worker. */
export async function openDevice(kind = "auto", options) {
  checkDeviceKind(kind);
  const { onProgress, ...rest } = ownFields(options);
  refuseUnknown(rest, ["onProgress"]);
  checkFunction("onProgress", onProgress);
  const session = await running();
  const handle = new Handle(
    session,
    "device",
    session.answer(() => session.service.openDevice(kind, carried(onProgress))),
  );
  const { kind: opened, description } = await handle.call("facts");
  return new Device(handle, opened, description);
}

/** Metadata of each sampler: name, paper, options. */
export async function samplers() {
  const session = await running();
  return session.answer(() => session.service.samplers());
}

/** Metadata of the methods and operators of `Pipeline.restore`. */
export async function restorers() {
  const session = await running();
  return session.answer(() => session.service.restorers());
}

/** Interpolates between two latents along the sphere. */
export async function slerp(from, to, t) {
  checkSlerp(from, to, t);
  const session = await running();
  return session.answer(() => session.service.slerp(from, to, t));
}

/** A one-dimensional distribution, computed in the worker. */
export const Density = densityOver(async (description) => {
  const session = await running();
  const remote = session.answer(() => session.service.openDensity(description));
  const handle = new Handle(session, "density", remote);
  await remote;
  return { call: (...values) => handle.call("call", ...values.map(handedOver)), free: () => handle.free() };
});

/** A caller's array to be filled is transferred; all other arrays are copies made by this package. */
function handedOver(value) {
  const isOwned = value instanceof Float64Array && value.buffer instanceof ArrayBuffer;
  return isOwned ? transfer(value, [value.buffer]) : value;
}

class Device {
  #handle;

  constructor(handle, kind, description) {
    this.#handle = handle;
    this.kind = kind;
    this.description = description;
  }

  /** The device in the worker. */
  static handle(device) {
    if (!isA(device, Device))
      throw invalidOption("device", "a device from openDevice() of the same package entry", device);
    return device.#handle;
  }
}

export const { FamilyTrainer, PointData, PointModel, Trainer, datasets, families, scheduleCurves, forward, forwardPaths, distance } = remotePoints(
  running,
  async (device) => Device.handle(device ?? (await openDevice("cpu"))),
);

/** A network with its scheduler, in the worker. */
export class Pipeline {
  #handle;

  constructor(handle, facts) {
    this.#handle = handle;
    for (const [fact, value] of Object.entries(facts))
      Object.defineProperty(this, fact, { value, enumerable: true });
  }

  /** Loads a checkpoint and creates its network in the worker. */
  static async fromPretrained(source, options) {
    const given = ownFields(options);
    checkLoadingOptions(given);
    const { device = await openDevice(), signal, onProgress, onWarning, fetch, headers, endpoint, ...others } = given;
    const reading = plainOptions(others);
    if (endpoint !== undefined) reading.endpoint = absoluteAddress(endpoint);
    if (headers !== undefined) reading.headers = [...new Headers(headers)];
    const load = (abort, report) =>
      loadRemote(Device.handle(device), portableSource(source), reading, abort, report, onWarning, fetch && withSignal(fetch));
    return cancellable(load, signal, onProgress);
  }

  /** Converts image sources to the values of the model. */
  async toImages(source) {
    return imagesOf(source, this);
  }

  /** Creates a run. Invalid options are reported at the first `await` on the result. */
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
    return this.#handle.call("observe", checkArray("images", images, Float32Array), plainOptions(options));
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
    for (const [name, values] of Object.entries(input)) checkArray(name, values, Float32Array);
    return new Run(this.#handle, signal, method, sides, ...Object.values(input), settings);
  }

  free() {
    this.#handle.free();
  }
}

async function loadRemote(device, source, reading, abort, ...callbacks) {
  const remote = device.call("fromPretrained", source, reading, abort, ...callbacks.map(carried));
  const handle = new Handle(device.session, "pipeline", remote);
  await remote;
  return new Pipeline(handle, await handle.call("facts"));
}

/** A `fetch` with a signal that is sent along. */
const withSignal = (fetch) => (url, init, signal) => fetch(url, { ...init, signal });

/** Relative addresses refer to the page. Files are sent with their paths, because a File loses its path. */
function portableSource(source) {
  if (typeof source === "string" || isA(source, URL)) return absoluteAddress(String(source));
  return Object.fromEntries(contentsByPath(source));
}

/** Runs `load` with a separate signal, which is aborted by the caller's signal or a failing `onProgress`. */
async function cancellable(load, signal, onProgress) {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  signal?.addEventListener("abort", forward, { once: true });
  try {
    const pipeline = await load(controller.signal, onProgress && reporter(onProgress, controller));
    if (controller.signal.aborted) pipeline.free();
    controller.signal.throwIfAborted();
    return pipeline;
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    signal?.removeEventListener("abort", forward);
    controller.abort(); // closes the channel to the worker
  }
}

function reporter(onProgress, controller) {
  return (progress) => {
    try {
      if (!controller.signal.aborted) onProgress(progress);
    } catch (error) {
      controller.abort(error);
    }
  };
}

if (Symbol.dispose) Pipeline.prototype[Symbol.dispose] = Pipeline.prototype.free;
