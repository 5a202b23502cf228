import { freedError } from "./errors.js";

/** An object of the WebAssembly module, until it is freed. */
export class Host {
  #what;
  #wasm;

  constructor(what, wasm, deviceKind) {
    this.#what = what;
    this.#wasm = wasm;
    this.deviceKind = deviceKind;
  }

  get wasm() {
    if (this.#wasm === undefined) throw freedError(this.#what);
    return this.#wasm;
  }

  free() {
    this.#wasm?.free();
    this.#wasm = undefined;
  }
}
