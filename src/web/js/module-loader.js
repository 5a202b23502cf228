import { absolute } from "./source-address.js";
import { TweedieError } from "./errors.js";
import { bodyOf, declaredLength, request } from "./http.js";
import { givenFor } from "./module-sources.js";
import { Progress } from "./progress.js";
import { mismatch, remedy } from "./remedies.js";
import { unsigned } from "./signature.js";

/** What every WebAssembly module begins with. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** How browsers say that a content security policy forbids to compile. */
const FORBIDDEN = /unsafe-eval|content security policy|blocked by csp/i;

/** A WebAssembly module, which is instantiated once; a failed attempt can be repeated. */
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
   * @param {() => string} address where it is if `init` was not told otherwise
   */
  constructor(name, instantiate, bindings, address) {
    this.#name = name;
    this.#instantiate = instantiate;
    this.#bindings = bindings;
    this.#address = address;
  }

  /**
   * Loads the module if need be and returns its bindings.
   * @param {Function} [onProgress] told of the download, also of one that runs already
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

  /** What the bindings can instantiate: a download becomes a response whose bytes were looked at. */
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
    // Servers often send another type, with which browsers refuse to compile while they download.
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

/** What is wrong with the file that was downloaded. */
class Refusal extends Error {}
