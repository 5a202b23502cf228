// The worker side of the "tweedie/worker" entry: provides objects that the page uses through Comlink.
import { expose, finalizer, proxy, releaseProxy, transfer } from "comlink";
import "./carry.js";
import "./carry-response.js";
import { LocalDensity, openDensity } from "./density-local.js";
import { PIPELINE_FACTS } from "./facts.js";
import { openDevice } from "./device.js";
import { partsOf } from "./device-parts.js";
import { init, restorers, samplers, slerp } from "./module.js";
import { Pipeline } from "./pipeline.js";
import { callModule, HOSTS } from "./points-host.js";
import { RUN_FACTS } from "./run-kinds.js";
import { version } from "./version.js";

/** Collects properties to send together, instead of one round trip each. */
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

  /** Creates an object of the points API. */
  hold(name, ...values) {
    return proxy(new RemoteHost(HOSTS[name](partsOf(this.#device), ...values)));
  }

  async fromPretrained(source, options, signal, ...callbacks) {
    const [onProgress, onWarning, fetch] = callbacks;
    const reports = new Reports();
    try {
      const pipeline = await Pipeline.fromPretrained(source, {
        ...options,
        device: this.#device,
        signal,
        onProgress: reports.through(onProgress),
        onWarning: reports.through(onWarning),
        fetch: fetch && ((url, { signal, ...init }) => fetch(url, portableInit(init), signal)),
      });
      return proxy(new RemotePipeline(pipeline));
    } finally {
      await reports.arrived(); // so that no report arrives after the result
      for (const callback of callbacks) callback?.[releaseProxy]();
    }
  }
}

/** Calls callbacks of the page. */
class Reports {
  #last;

  through(callback) {
    return callback && ((value) => (this.#last = callback(value)));
  }

  async arrived() {
    await this.#last;
  }
}

/** Headers cannot be sent, but their entries can. */
const portableInit = ({ headers, ...init }) => ({ ...init, headers: [...new Headers(headers)] });

/** Runs `body` with a callback of the page, and releases it afterwards. */
async function reporting(onProgress, body) {
  const reports = new Reports();
  try {
    return await body(reports.through(onProgress));
  } finally {
    await reports.arrived();
    onProgress?.[releaseProxy]();
  }
}

class RemoteHost {
  #host;

  constructor(host) {
    this.#host = host;
  }

  /** Calls a method that returns plain data. */
  async read(method, ...values) {
    return movedAll(await this.#host[method](...values));
  }

  /** Calls a method that returns another object. */
  derive(method, ...values) {
    return proxy(new RemoteHost(this.#host[method](...values)));
  }

  start(method, ...values) {
    return proxy(new RemoteRun(this.#host[method](...values)));
  }

  [finalizer]() {
    this.#host.free();
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

  /** Starts a run. */
  start(method, ...values) {
    return proxy(new RemoteRun(this.#pipeline[method](...values)));
  }

  async observe(images, options) {
    return movedAll(await this.#pipeline.observe(images, options));
  }

  [finalizer]() {
    this.#pipeline.free();
  }
}

class RemoteRun {
  #run;
  #steps;

  constructor(run) {
    this.#run = run;
    this.#steps = run[Symbol.asyncIterator]();
  }

  facts() {
    return pick(this.#run, RUN_FACTS);
  }

  /** Runs one step; undefined if none is left. */
  async step() {
    try {
      return (await this.#steps.next()).value;
    } catch (error) {
      // A generator that threw has ended, but the run may continue.
      this.#steps = this.#run[Symbol.asyncIterator]();
      throw error;
    }
  }

  /** Reads a result; the array is transferred instead of copied. */
  async read(name, ...values) {
    const array = await this.#run[name](...values);
    return transfer(array, [array.buffer]);
  }

  [finalizer]() {
    this.#run.free();
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

/** Transfers the arrays of a result. */
function movedAll(answer) {
  if (typeof answer !== "object") return answer;
  const parts = ArrayBuffer.isView(answer) ? [answer] : Object.values(answer);
  return transfer(answer, parts.filter((part) => ArrayBuffer.isView(part)).map(({ buffer }) => buffer));
}

expose({
  version: () => version,
  init: (cpu, webgpu, timeout, onProgress) => reporting(onProgress, (onProgress) => init({ modules: { cpu, webgpu }, timeout, onProgress })),
  restorers,
  samplers,
  slerp,
  points: async (name, ...values) => movedAll(await callModule(name, ...values)),
  openDensity: async (description) => proxy(await openDensity(description, RemoteDensity)),
  openDevice: (kind, onProgress) => reporting(onProgress, async (onProgress) => proxy(new RemoteDevice(await openDevice(kind, { onProgress })))),
});
