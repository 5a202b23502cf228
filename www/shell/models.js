/** The current model: opened on the chosen device, shared by the labs, and kept until another one replaces it. */

import { choice } from "./address.js";
import { Devices } from "./devices.js";
import { PlacedError } from "./problems.js";
import { SHIPPED_MODELS, shippedModel } from "./shipped-models.js";

/** Name of a local folder in a link, which cannot contain the folder itself. */
export const FOLDER_MODEL = "folder";
/** A Hub id, owner/name. No other model name has a slash. */
const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
const NAMES = [...SHIPPED_MODELS.map(({ name }) => name), FOLDER_MODEL];

/** The settings of every lab that select the model and the device. */
export const modelSchema = {
  model: {
    initial: SHIPPED_MODELS[0].name,
    expects: `one of ${NAMES.join(", ")}, or a Hub id of the form owner/name`,
    read: (text) => (NAMES.includes(text) || HUB_ID.test(text) ? text : undefined),
  },
  device: choice("auto", ["auto", "webgpu", "cpu"]),
};

/** The name of a shipped model, or "folder", or "hub". */
export const modelOrigin = (model) => (NAMES.includes(model) ? model : "hub");

/** Whether this error means that the worker or the GPU is lost, and the model with it. The next `obtain` loads the model again. */
export function losesModel(error) {
  return error.place !== "device" && ["worker", "crashed", "device"].includes((error.cause ?? error).code);
}

/** Height and width of a model's samples. */
export function sizeOf({ sampleSize }) {
  return typeof sampleSize === "number" ? [sampleSize, sampleSize] : sampleSize;
}

/** All class labels except the null class. */
export function classesOf({ classCount, nullClassLabel }) {
  return Array.from({ length: classCount }, (_, label) => label).filter((label) => label !== nullClassLabel);
}

export class Models {
  #tweedie;
  #devices;
  #files;
  /** `{ settings, folder, pipeline, device, bytes }`, or null. */
  #loaded = null;
  #chosen = null;
  #folder = null;
  /** Settles when the latest load has ended. */
  #loading = Promise.resolve();

  /**
   * @param tweedie  the package's worker entry
   * @param {import("./shipped-files.js").ShippedFiles} files  the files of the shipped models
   */
  constructor(tweedie, files) {
    this.#tweedie = tweedie;
    this.#devices = new Devices(tweedie);
    this.#files = files;
  }

  /** The loaded pipeline, or null. */
  get pipeline() {
    return this.#loaded?.pipeline ?? null;
  }

  /** The settings `{ model, device }` of the model that is loaded or loading, or null. */
  get chosen() {
    return this.#chosen;
  }

  /** Sets the local folder that is loaded under the name "folder". */
  offerFolder(files) {
    this.#folder = files;
  }

  /** Drops a pipeline that was lost with its worker. */
  forget() {
    this.#loaded = null;
    this.#chosen = null;
    this.#devices.forget();
  }

  /**
   * Returns the model of these settings, and loads it if necessary. The previous model is freed only after the new one is
   * loaded, so a failed or cancelled download loses nothing.
   * @param {{ model: string, device: string }} settings
   * @param {{ signal: AbortSignal, progress: import("./progress.js").Progress }} options  shows the progress of the load
   * @returns {Promise<{ pipeline: object, device: object, bytes: number }>}
   * @throws {PlacedError} at "device" or "model"
   */
  async obtain({ model, device }, options) {
    const before = this.#loading;
    const chosen = { model, device };
    this.#chosen = chosen;
    const obtained = (async () => {
      await before;
      if (!this.#holds(chosen)) await this.#load(chosen, options);
    })();
    this.#loading = obtained.catch(() => {
      if (this.#chosen === chosen) this.#chosen = this.#loaded?.settings ?? null;
    });
    await obtained;
    this.#devices.show(this.#loaded.device, device);
    return this.#loaded;
  }

  /** Whether the current pipeline matches these settings. */
  #holds({ model, device }) {
    const loaded = this.#loaded;
    return loaded?.settings.model === model && loaded.settings.device === device && loaded.folder === this.#folderOf(model) && this.#devices.isCurrent(loaded.device, device);
  }

  async #load(settings, { signal, progress }) {
    progress.begin("Opening the model…");
    const device = await this.#open(settings);
    signal.throwIfAborted();
    const sizes = new Map();
    const onProgress = ({ file, loaded, total }) => {
      sizes.set(file, { loaded, total });
      progress.downloaded(summed(sizes));
    };
    const folder = this.#folderOf(settings.model);
    try {
      const source = await this.#sourceOf(settings.model);
      signal.throwIfAborted();
      const pipeline = await this.#tweedie.Pipeline.fromPretrained(source, { device, signal, onProgress });
      this.#loaded?.pipeline.free();
      this.#loaded = { settings, folder, pipeline, device, bytes: summed(sizes).loaded };
    } catch (error) {
      throw signal.aborted ? error : new PlacedError("model", error);
    }
  }

  async #open({ model, device }) {
    // The shipped models are small: the CPU generates the first images before a GPU is ready.
    const atOnce = shippedModel(model) !== undefined;
    try {
      return await this.#devices.open(device, { atOnce });
    } catch (error) {
      throw new PlacedError("device", error);
    }
  }

  async #sourceOf(model) {
    const shipped = shippedModel(model);
    if (shipped !== undefined) return this.#files.take(shipped.folder);
    if (model !== FOLDER_MODEL) return model;
    if (this.#folder === null) throw new Error("Choose a folder or drop one on the page. A link cannot contain a folder.");
    return this.#folder;
  }

  #folderOf(model) {
    return model === FOLDER_MODEL ? this.#folder : null;
  }
}

function summed(sizes) {
  const all = [...sizes.values()];
  const total = all.every((size) => size.total > 0) ? all.reduce((sum, size) => sum + size.total, 0) : 0;
  return { loaded: all.reduce((sum, size) => sum + size.loaded, 0), total };
}
