// Devices: each belongs to one of the two modules, and so does everything that is made on it.
import { invalidOption } from "./errors.js";
import { cpuModule } from "./module.js";

/** A device that was opened. */
export class Device {
  #bindings;
  #wasm;

  constructor(description, bindings, wasm) {
    Object.assign(this, { kind: wasm.kind, description });
    this.#bindings = bindings;
    this.#wasm = wasm;
    Object.freeze(this);
  }

  /** The bindings of the device's module, and the device there. */
  static parts(device) {
    if (!(typeof device === "object" && device !== null && #wasm in device))
      throw invalidOption("device", "what openDevice() of this entry of the package resolved to", device);
    return { bindings: device.#bindings, wasm: device.#wasm };
  }
}

/** The bindings of a device's module, and the device there. */
export const partsOf = Device.parts;

/** Opens the CPU. */
export async function openCpu(description = "CPU") {
  const bindings = await cpuModule();
  return new Device(description, bindings, await bindings.openDevice("cpu"));
}
