/** Files of the shipped models, which the page fetches in parallel before the engine has started. */

import { shippedModel } from "./shipped-models.js";

const FILES = ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json", "unet/diffusion_pytorch_model.safetensors"];

export class ShippedFiles {
  #downloads;
  #begun = new Map();

  /** @param downloads  tracks the progress */
  constructor(downloads) {
    this.#downloads = downloads;
  }

  /** Starts to fetch the model of that name, if it is a shipped model. */
  begin(name) {
    const folder = shippedModel(name)?.folder;
    if (folder !== undefined && !this.#begun.has(folder)) this.#begun.set(folder, this.#downloads.folder(folder, FILES));
  }

  /**
   * Returns the source of a shipped model for the package: the contents of its files if they were fetched, else the folder's address.
   * The contents are returned only once, because the package copies them.
   */
  async take(folder) {
    const begun = this.#begun.get(folder);
    this.#begun.delete(folder);
    return (await begun) ?? folder;
  }
}
