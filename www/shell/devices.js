/** The devices of the page. With "auto" the CPU is used until the GPU and its larger module are loaded. */

import { showDevice } from "./device-badge.js";

export class Devices {
  #tweedie;
  /** Promise of the device that "auto" opens; null before the first request and after a failure. */
  #best = null;
  /** The device that "auto" opened, or null. */
  #opened = null;

  /** @param tweedie  the package's worker entry */
  constructor(tweedie) {
    this.#tweedie = tweedie;
  }

  /**
   * Opens a device and shows it in the badge.
   * @param {"auto" | "webgpu" | "cpu"} kind
   * @param {{ atOnce: boolean }} options  whether "auto" returns the CPU while the GPU is still opening
   */
  async open(kind, { atOnce }) {
    const device = kind === "auto" ? await this.#openBest(atOnce) : await this.#tweedie.openDevice(kind);
    this.show(device, kind);
    return device;
  }

  /** Shows the device in the badge and, with "auto", why it is the CPU. */
  show(device, kind) {
    if (kind !== "auto" || device.kind === "webgpu" || this.#opened === null) showDevice(device);
    else if (this.#opened.kind === "cpu") showDevice(this.#opened);
    else showDevice({ kind: "cpu", description: `CPU (the next run uses ${this.#opened.description})` });
  }

  /** Whether `device` is still the right one for `kind`: "auto" switches from the CPU to the GPU once it is open. */
  isCurrent(device, kind) {
    return kind !== "auto" || this.#opened?.kind !== "webgpu" || device.kind === "webgpu";
  }

  /** Drops devices that were lost with their worker. */
  forget() {
    this.#best = this.#opened = null;
  }

  async #openBest(atOnce) {
    this.#best ??= this.#opening();
    if (!atOnce || this.#opened?.kind === "webgpu") return this.#best;
    const cpu = await this.#tweedie.openDevice("cpu");
    // A failure is reported by the next call.
    this.#best.then(() => this.show(cpu, "auto"), () => {});
    return cpu;
  }

  #opening() {
    const best = this.#tweedie.openDevice("auto");
    const isCurrent = () => this.#best === best;
    best.then((device) => isCurrent() && (this.#opened = device), () => isCurrent() && (this.#best = null));
    return best;
  }
}
