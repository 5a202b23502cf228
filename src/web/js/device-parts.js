// Devices. Each belongs to one of the two modules, and so do all objects created on it.
import { invalidOption } from "./errors.js";
import { cpuModule } from "./module.js";

/** An open device. */
export class Device {
  #bindings;
  #wasm;

  constructor(description, bindings, wasm) {
    Object.assign(this, { kind: wasm.kind, description });
    this.#bindings = bindings;
    this.#wasm = wasm;
    Object.freeze(this);
  }

  /** The bindings of the device's module, and the device in it. */
  static parts(device) {
    if (!(typeof device === "object" && device !== null && #wasm in device))
      throw invalidOption("device", "a device from openDevice() of the same package entry", device);
    return { bindings: device.#bindings, wasm: device.#wasm };
  }
}

/** The bindings of a device's module, and the device in it. */
export const partsOf = Device.parts;

/** Opens the CPU. */
export async function openCpu(description = "CPU") {
  const bindings = await cpuModule();
  return new Device(description, bindings, await bindings.openDevice("cpu"));
}
