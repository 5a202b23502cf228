// Points of the worker entry: the page's references to objects in the worker.
import { PointDensity, PointSampling } from "./remote-run.js";
import { pointsOver } from "./points.js";
import { Handle } from "./session.js";

const RUNS = { PointSampling, PointDensity };

class RemoteHolder {
  #handle;

  constructor(handle) {
    this.#handle = handle;
  }

  /** The holder of an object in the worker, once it is created. */
  static async of(session, what, made) {
    const handle = new Handle(session, what, made);
    await made;
    return new RemoteHolder(handle);
  }

  call(method, ...values) {
    return this.#handle.call("read", method, ...values);
  }

  derive(method, ...values) {
    return RemoteHolder.of(this.#handle.session, method, this.#handle.call("derive", method, ...values));
  }

  start(kind, method, values, signal) {
    return new RUNS[kind](this.#handle, signal, method, undefined, ...values);
  }

  free() {
    this.#handle.free();
  }
}

/**
 * @param {() => Promise<Session>} running the session of the worker
 * @param {(device: unknown) => Promise<Handle>} deviceHandle the device in the worker; by default the CPU
 */
export function remotePoints(running, deviceHandle) {
  return pointsOver({
    async call(name, ...values) {
      const session = await running();
      return session.answer(() => session.service.points(name, ...values));
    },
    async hold(name, given, ...values) {
      const device = await deviceHandle(given);
      const what = name.toLowerCase().endsWith("trainer") ? "trainer" : "model";
      return RemoteHolder.of(device.session, what, device.call("hold", name, ...values));
    },
  });
}
