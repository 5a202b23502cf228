// Points of the main entry, computed on the calling thread.
import { openCpu, partsOf } from "./device-parts.js";
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

export const { FamilyTrainer, PointData, PointModel, Trainer, datasets, families, scheduleCurves, forward, forwardPaths, distance } = pointsOver({
  call: callModule,
  async hold(name, given, ...values) {
    // Small networks spend more time on GPU kernel launches than on computing.
    const device = given ?? (await openCpu());
    return new LocalHolder(HOSTS[name](partsOf(device), ...values));
  },
});
