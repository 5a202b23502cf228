/** The files of shipped models, which the page fetches all at once and before the engine is there to ask for them. */

import { shippedModel } from "./shipped-models.js";

const FILES = ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json", "unet/diffusion_pytorch_model.safetensors"];

export class ShippedFiles {
  #downloads;
  #begun = new Map();

  /** @param downloads  counts what arrives */
  constructor(downloads) {
    this.#downloads = downloads;
  }

  /** Begins to fetch the model of that name, if it is a shipped one. */
  begin(name) {
    const folder = shippedModel(name)?.folder;
    if (folder !== undefined && !this.#begun.has(folder)) this.#begun.set(folder, this.#downloads.folder(folder, FILES));
  }

  /**
   * What the package reads a shipped model from: the contents of its files if their download was begun, else its folder's address.
   * They are handed out once, since the package copies them.
   */
  async take(folder) {
    const begun = this.#begun.get(folder);
    this.#begun.delete(folder);
    return (await begun) ?? folder;
  }
}
