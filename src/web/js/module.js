// The two WebAssembly modules of the package: a small one, which computes on the CPU, and one with WebGPU, which is
// loaded only when a GPU is opened.
import instantiateCpu, * as cpu from "./tweedie_cpu.js";
import instantiateWebgpu, * as webgpu from "./tweedie_webgpu.js";
import { invalidOption, TweedieError } from "./errors.js";
import { givenModules } from "./options.js";

/** A WebAssembly module, which is instantiated once; a failed attempt can be repeated. */
class Module {
  #file;
  #instantiate;
  #bindings;
  #loading;
  /** Where to load it from, if not from beside the bindings. */
  source;

  constructor(file, instantiate, bindings) {
    this.#file = file;
    this.#instantiate = instantiate;
    this.#bindings = bindings;
  }

  /** Loads the module if need be and returns its bindings. */
  load() {
    if (!this.#loading) {
      this.#loading = this.#start();
      this.#loading.catch(() => (this.#loading = undefined));
    }
    return this.#loading;
  }

  async #start() {
    const { source } = this;
    try {
      await this.#instantiate(source === undefined ? undefined : { module_or_path: source });
    } catch (cause) {
      throw new TweedieError("module", `the module ${this.#file} could not be loaded (${cause.message}): ${remedy(cause)}`, { cause });
    }
    return this.#bindings;
  }
}

function remedy(cause) {
  if (/unsafe-eval/.test(cause.message)) return "the page's content security policy must allow 'wasm-unsafe-eval'";
  return "try again if the network failed; a bundler that does not copy the file needs its address in init({ modules }), and Vite needs optimizeDeps: { exclude: [\"tweedie\"] }";
}

const MODULES = {
  cpu: new Module("tweedie_cpu_bg.wasm", instantiateCpu, cpu),
  webgpu: new Module("tweedie_webgpu_bg.wasm", instantiateWebgpu, webgpu),
};

/** Loads the small module, once. */
export async function init(options = {}) {
  for (const [name, source] of Object.entries(givenModules(options))) MODULES[name].source = source;
  await MODULES.cpu.load();
}

/** The bindings of the small module, which has everything that needs no GPU. */
export const cpuModule = () => MODULES.cpu.load();

/** The bindings of the module with WebGPU. */
export const webgpuModule = () => MODULES.webgpu.load();

/** Metadata of each sampler. */
export async function samplers() {
  return (await cpuModule()).samplers();
}

/** Interpolates between two latents along the sphere. */
export async function slerp(from, to, t) {
  for (const [name, values] of Object.entries({ from, to })) {
    if (!(values instanceof Float32Array)) throw invalidOption(name, "a Float32Array", values);
  }
  const { slerp } = await cpuModule();
  return slerp(from, to, Number(t));
}
