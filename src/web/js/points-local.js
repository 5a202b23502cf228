// Points of the main entry: everything runs on the thread that calls it.
import { WasmDevice } from "./tweedie_wasm.js";
import { invalidOption } from "./errors.js";
import { init, openDevice } from "./module.js";
import { pointsOver } from "./points.js";
import { callModule, HOSTS } from "./points-host.js";

class LocalHolder {
  #host;

  constructor(host) {
    this.#host = host;
  }

  async call(method, ...values) {
    return this.#host[method](...values);
  }

  async derive(method, ...values) {
    return new LocalHolder(this.#host[method](...values));
  }

  start(_kind, method, values, signal) {
    return this.#host[method](...values, signal);
  }

  free() {
    this.#host.free();
  }
}

export const { PointData, PointModel, Trainer, datasets, scheduleCurves, forward, forwardPaths, distance } = pointsOver({
  async call(name, ...values) {
    await init();
    return callModule(name, ...values);
  },
  async hold(name, given, ...values) {
    await init();
    // Small networks wait for a GPU's launches more than they compute.
    const device = given ?? (await openDevice("cpu"));
    if (!(device instanceof WasmDevice))
      throw invalidOption("device", "what openDevice() of this entry of the package resolved to", device);
    return new LocalHolder(HOSTS[name](device, ...values));
  },
});
