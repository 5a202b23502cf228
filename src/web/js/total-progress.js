/** Adds the total over all files of a checkpoint to the progress reports. */
export class TotalProgress {
  #onProgress;
  #files = new Map();
  #announced = 0;

  /** @param {(progress: object) => void} onProgress */
  constructor(onProgress) {
    this.#onProgress = onProgress;
  }

  /** Total bytes of the weights according to the index. */
  announce(bytes) {
    if (Number.isFinite(bytes) && bytes > 0) this.#announced = bytes;
  }

  report({ file, loaded, total }) {
    this.#files.set(file, { loaded, total });
    this.#onProgress({ file, loaded, total, overall: this.#overall() });
  }

  /** Removes a file that does not exist. */
  drop(file) {
    this.#files.delete(file);
  }

  /** The total is known once the weights, which come last, have started to download. */
  #overall() {
    const files = [...this.#files];
    const sum = (some, part) => some.reduce((bytes, [, file]) => bytes + file[part], 0);
    const loaded = sum(files, "loaded");
    const weights = files.filter(([name]) => name.endsWith(".safetensors"));
    const isKnown = (weights.length > 0 || this.#announced > 0) && files.every(([, { total }]) => total !== undefined);
    if (!isKnown) return { loaded, total: undefined };
    const ofWeights = sum(weights, "total");
    return { loaded, total: sum(files, "total") - ofWeights + Math.max(ofWeights, this.#announced) };
  }
}
