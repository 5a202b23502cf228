import { absolute } from "./source-address.js";
import { TweedieError } from "./errors.js";
import { bodyOf, declaredLength, request } from "./http.js";
import { givenFor } from "./module-sources.js";
import { Progress } from "./progress.js";
import { mismatch, remedy } from "./remedies.js";
import { unsigned } from "./signature.js";

/** The first bytes of every WebAssembly module. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** Messages of browsers when a content security policy forbids compilation. */
const FORBIDDEN = /unsafe-eval|content security policy|blocked by csp/i;

/** A WebAssembly module that is instantiated once; a failed attempt can be repeated. */
export class Module {
  #name;
  #instantiate;
  #bindings;
  #address;
  #loading;
  #listeners = new Set();

  /**
   * @param {"cpu" | "webgpu"} name
   * @param {Function} instantiate of the bindings
   * @param bindings
   * @param {() => string} address default address
   */
  constructor(name, instantiate, bindings, address) {
    this.#name = name;
    this.#instantiate = instantiate;
    this.#bindings = bindings;
    this.#address = address;
  }

  /**
   * Loads the module if necessary and returns its bindings.
   * @param {Function} [onProgress] called with the progress of the download, even if it is already running
   */
  async load(onProgress) {
    if (onProgress) this.#listeners.add(onProgress);
    if (!this.#loading) {
      this.#loading = this.#start();
      this.#loading.catch(() => (this.#loading = undefined));
    }
    try {
      return await this.#loading;
    } finally {
      this.#listeners.delete(onProgress);
    }
  }

  get #file() {
    return `tweedie_${this.#name}_bg.wasm`;
  }

  async #start() {
    const { source, timeout } = givenFor(this.#name);
    try {
      await this.#instantiate({ module_or_path: await this.#open(await source, timeout) });
    } catch (error) {
      throw this.#explained(error);
    }
    return this.#bindings;
  }

  /** A source that the bindings can instantiate; the first bytes of a download are checked. */
  async #open(source = this.#address(), timeout) {
    if (source instanceof Response) return this.#checked(source, source.url || "the response", timeout);
    const url = source instanceof Request ? source.url : source;
    if (typeof url !== "string" && !(url instanceof URL)) return source;
    const address = absolute(url, "modules").href;
    return this.#checked(await request(source instanceof Request ? source : address, { timeout }), unsigned(address), timeout);
  }

  async #checked(response, where, timeout) {
    const option = `modules: { ${this.#name}: address }`;
    const refused = mismatch(response, where);
    if (refused) throw new Refusal(`${refused} ${remedy(where, this.#file, option)}`);
    const progress = new Progress(this.#file, declaredLength(response), (report) => {
      for (const listener of this.#listeners) listener(report);
    });
    const chunks = bodyOf(response, { timeout });
    const { value: first = new Uint8Array() } = await chunks.next();
    if (!MAGIC.every((byte, index) => first[index] === byte)) {
      await chunks.return();
      throw new Refusal(`${where} is not a WebAssembly module. ${remedy(where, this.#file, option)}`);
    }
    progress.add(first.byteLength);
    const rest = new ReadableStream({
      start: (controller) => controller.enqueue(first),
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) {
          progress.end();
          return controller.close();
        }
        progress.add(value.byteLength);
        controller.enqueue(value);
      },
      cancel: () => chunks.return(),
    });
    // Browsers refuse to compile a stream with the wrong media type, which many servers send.
    return new Response(rest, { headers: { "content-type": "application/wasm" } });
  }

  #explained(error) {
    if (error.code === "module") return error;
    return new TweedieError("module", `the module ${this.#file} could not be loaded: ${explanation(error)}`, { cause: error });
  }
}

function explanation({ name, message }) {
  if (FORBIDDEN.test(message) && name !== "TweedieError")
    return `the content security policy forbids it; add 'wasm-unsafe-eval' to its script-src (${message})`;
  return message;
}

/** Describes what is wrong with the downloaded file. */
class Refusal extends Error {}
