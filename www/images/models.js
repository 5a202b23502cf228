/** The model in use: opened on the chosen device, kept until another takes its place. */

import { PlacedError } from "./problems.js";
import { modelOrigin } from "./settings.js";

const SHIPPED_FOLDER = "./models/mnist";

export class Models {
  #tweedie;
  #loaded = null;
  #folder = null;

  /** @param tweedie  the package's worker entry */
  constructor(tweedie) {
    this.#tweedie = tweedie;
  }

  /** What was loaded last: `{ pipeline, device, bytes }`, or null. */
  get current() {
    return this.#loaded;
  }

  /** Whether the current pipeline is the one that these settings ask for. */
  holds({ model, device }) {
    const loaded = this.#loaded;
    return loaded?.model === model && loaded.kind === device && loaded.folder === this.#folderOf(model);
  }

  /** Takes a folder of the user's, to be loaded under the name "folder". */
  offerFolder(files) {
    this.#folder = files;
  }

  /** Lets go of a pipeline that was lost with its worker. */
  forget() {
    this.#loaded = null;
  }

  /**
   * Opens the device of that kind.
   * @throws {PlacedError} beside "device"
   */
  async open(kind) {
    try {
      return await this.#tweedie.openDevice(kind);
    } catch (error) {
      throw new PlacedError("device", error);
    }
  }

  /**
   * Loads the pipeline that the settings ask for, to be the current one. The one before it is freed only once the
   * new one is there, so that a failed or cancelled download loses nothing.
   * @throws {PlacedError} beside "model"
   */
  async load({ model, device: kind }, { device, signal, onProgress }) {
    const sizes = new Map();
    const progress = ({ file, loaded, total }) => {
      sizes.set(file, { loaded, total });
      onProgress(summed(sizes));
    };
    const folder = this.#folderOf(model);
    try {
      const pipeline = await this.#tweedie.Pipeline.fromPretrained(this.#sourceOf(model), { device, signal, onProgress: progress });
      this.#loaded?.pipeline.free();
      this.#loaded = { model, kind, folder, pipeline, device, bytes: summed(sizes).loaded };
    } catch (error) {
      throw signal.aborted ? error : new PlacedError("model", error);
    }
  }

  #sourceOf(model) {
    if (modelOrigin(model) !== "folder") return modelOrigin(model) === "shipped" ? SHIPPED_FOLDER : model;
    if (this.#folder === null) throw new Error("Choose a folder, or drop one on the page; a link cannot carry it.");
    return this.#folder;
  }

  #folderOf(model) {
    return modelOrigin(model) === "folder" ? this.#folder : null;
  }
}

function summed(sizes) {
  const all = [...sizes.values()];
  const total = all.every((size) => size.total > 0) ? all.reduce((sum, size) => sum + size.total, 0) : 0;
  return { loaded: all.reduce((sum, size) => sum + size.loaded, 0), total };
}
