import { findAdapter } from "./adapter.js";
import { Device, openCpu } from "./device-parts.js";
import { TweedieError } from "./errors.js";
import { checkDeviceKind, checkFunction, refuseUnknown } from "./options.js";
import { ownFields } from "./plain.js";

/** Opens a compute device: with "auto", WebGPU if the browser has a GPU, otherwise the CPU. */
export async function openDevice(kind = "auto", options) {
  checkDeviceKind(kind);
  const { onProgress, ...rest } = ownFields(options);
  refuseUnknown(rest, ["onProgress"]);
  checkFunction("onProgress", onProgress);
  switch (kind) {
    case "cpu":
      return openCpu();
    case "webgpu":
      return openWebgpu(await findAdapter(), onProgress);
    default:
      return openAny(onProgress);
  }
}

async function openAny(onProgress) {
  const adapter = await findAdapter();
  if (adapter.refusal !== undefined) return openCpu(`CPU (${adapter.refusal})`);
  if (adapter.isSoftware) return openCpu(`CPU (the browser's only adapter is software: ${adapter.description})`);
  try {
    return await openWebgpu(adapter, onProgress);
  } catch (error) {
    return openCpu(`CPU (${error.message})`);
  }
}

async function openWebgpu({ refusal, description }, onProgress) {
  if (refusal !== undefined) throw new TweedieError("device", `WebGPU cannot be used: ${refusal}`);
  const { webgpuModule } = await import("./module-webgpu.js");
  const bindings = await webgpuModule(onProgress);
  return new Device(description, bindings, await bindings.openDevice("webgpu"));
}
