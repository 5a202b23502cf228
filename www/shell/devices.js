/** The devices of the page. With "auto" the CPU computes until the GPU and its larger module have arrived. */

import { showDevice } from "./device-badge.js";

export class Devices {
  #tweedie;
  /** What "auto" opens, on its way; null before it was asked for and after a failure. */
  #best = null;
  /** What "auto" opened; null before that. */
  #opened = null;

  /** @param tweedie  the package's worker entry */
  constructor(tweedie) {
    this.#tweedie = tweedie;
  }

  /**
   * Opens a device and shows it in the badge.
   * @param {"auto" | "webgpu" | "cpu"} kind
   * @param {{ atOnce: boolean }} options  whether "auto" gives the CPU while the GPU is still being opened
   */
  async open(kind, { atOnce }) {
    const device = kind === "auto" ? await this.#openBest(atOnce) : await this.#tweedie.openDevice(kind);
    this.show(device, kind);
    return device;
  }

  /** Shows in the badge what computes, and with "auto" why that is the CPU. */
  show(device, kind) {
    if (kind !== "auto" || device.kind === "webgpu" || this.#opened === null) showDevice(device);
    else if (this.#opened.kind === "cpu") showDevice(this.#opened);
    else showDevice({ kind: "cpu", description: `CPU (the next run takes ${this.#opened.description})` });
  }

  /** Whether `device` is still the one that `kind` means: "auto" changes from the CPU to the GPU once that is open. */
  isCurrent(device, kind) {
    return kind !== "auto" || this.#opened?.kind !== "webgpu" || device.kind === "webgpu";
  }

  /** Lets go of devices that were lost with their worker. */
  forget() {
    this.#best = this.#opened = null;
  }

  async #openBest(atOnce) {
    this.#best ??= this.#opening();
    if (!atOnce || this.#opened?.kind === "webgpu") return this.#best;
    const cpu = await this.#tweedie.openDevice("cpu");
    // A failure is that of the next opening.
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
