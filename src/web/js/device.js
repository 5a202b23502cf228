// Devices: each belongs to one of the two modules, and so does everything that is made on it.
import { findAdapter } from "./adapter.js";
import { invalidOption, TweedieError } from "./errors.js";
import { cpuModule, webgpuModule } from "./module.js";

/** A device that was opened. */
class Device {
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

/** Opens the device that computes: with "auto" WebGPU where the browser has a GPU, else the CPU. */
export async function openDevice(kind = "auto") {
  switch (kind) {
    case "cpu":
      return openCpu("CPU");
    case "webgpu":
      return openWebgpu(await findAdapter());
    case "auto":
      return openAny();
    default:
      throw invalidOption("device", "one of auto, webgpu, cpu", kind);
  }
}

async function openAny() {
  const adapter = await findAdapter();
  if (adapter.refusal !== undefined) return openCpu(`CPU (${adapter.refusal})`);
  if (adapter.isSoftware) return openCpu(`CPU (the browser's only adapter is software: ${adapter.description})`);
  try {
    return await openWebgpu(adapter);
  } catch (error) {
    return openCpu(`CPU (${error.message})`);
  }
}

async function openCpu(description) {
  const bindings = await cpuModule();
  return new Device(description, bindings, await bindings.openDevice("cpu"));
}

async function openWebgpu({ refusal, description }) {
  if (refusal !== undefined) throw new TweedieError("device", `WebGPU cannot be used: ${refusal}`);
  const bindings = await webgpuModule();
  return new Device(description, bindings, await bindings.openDevice("webgpu"));
}
