/** The model in use: opened on the chosen device, shared by the labs, kept until another takes its place. */

import { choice } from "./address.js";
import { Devices } from "./devices.js";
import { PlacedError } from "./problems.js";
import { SHIPPED_MODELS, shippedModel } from "./shipped-models.js";

/** Stands in a link for a folder of the sender's disk, which no link can carry. */
export const FOLDER_MODEL = "folder";
/** As the Hub's ids are: the slash tells them from all other names that a link may give a model. */
const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
const NAMES = [...SHIPPED_MODELS.map(({ name }) => name), FOLDER_MODEL];

/** The part of every lab's settings that says which model it shows, and where that computes. */
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

/** Whether this error means that the worker or the GPU is lost, and with it the model: the next `obtain` loads it again. */
export function losesModel(error) {
  return error.place !== "device" && ["worker", "crashed", "device"].includes((error.cause ?? error).code);
}

/** Height and width of a model's samples. */
export function sizeOf({ sampleSize }) {
  return typeof sampleSize === "number" ? [sampleSize, sampleSize] : sampleSize;
}

/** The classes that can be drawn: all but the null class. */
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
  /** Settles when the loading that was asked for last is over. */
  #loading = Promise.resolve();

  /**
   * @param tweedie  the package's worker entry
   * @param {import("./shipped-files.js").ShippedFiles} files  of shipped models
   */
  constructor(tweedie, files) {
    this.#tweedie = tweedie;
    this.#devices = new Devices(tweedie);
    this.#files = files;
  }

  /** The pipeline that was loaded last, or null. */
  get pipeline() {
    return this.#loaded?.pipeline ?? null;
  }

  /** The settings `{ model, device }` of the model that is loaded or being loaded, or null. */
  get chosen() {
    return this.#chosen;
  }

  /** Takes a folder of the user's, to be loaded under the name "folder". */
  offerFolder(files) {
    this.#folder = files;
  }

  /** Lets go of a pipeline that was lost with its worker. */
  forget() {
    this.#loaded = null;
    this.#chosen = null;
    this.#devices.forget();
  }

  /**
   * The model that these settings ask for, loaded if need be. The one before it is freed only once the new one is
   * there, so that a failed or cancelled download loses nothing.
   * @param {{ model: string, device: string }} settings
   * @param {{ signal: AbortSignal, progress: import("./progress.js").Progress }} options  shows what the loading does
   * @returns {Promise<{ pipeline: object, device: object, bytes: number }>}
   * @throws {PlacedError} beside "device" or "model"
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

  /** Whether the current pipeline is the one that these settings ask for. */
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
    // The shipped models are small: the CPU has drawn the first pictures before a GPU is ready.
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
    if (this.#folder === null) throw new Error("Choose a folder, or drop one on the page; a link cannot carry it.");
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
