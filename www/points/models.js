/** The models of points in this tab, shared by the labs: the networks that were trained, and what the labs are about. */

import { DATA_FIELDS } from "./settings.js";
import { Store } from "./store.js";
import { Dataset } from "./dataset.js";
import { Training } from "./training.js";

export class PointModels {
  #tweedie;
  #opening = null;
  #restoring = null;
  #chosen = null;

  /** What the lab of points is about. */
  dataset;
  /** @type {Store}  null before `open` */
  store = null;
  /** @type {Training}  null before `open` */
  training = null;

  /** @param tweedie  the package */
  constructor(tweedie) {
    this.#tweedie = tweedie;
    this.dataset = new Dataset(tweedie);
  }

  /** What a lab has chosen to be about, by the names of `DATA_FIELDS`; nothing before. */
  get chosen() {
    return this.#chosen ?? {};
  }

  /** Takes what a lab is about, for the others to follow. */
  choose(settings) {
    this.#chosen = Object.fromEntries(DATA_FIELDS.map((name) => [name, settings[name]]));
  }

  /** Opens what this browser keeps of the tab. */
  open() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open() {
    this.store = await Store.open();
    this.training = new Training(this.#tweedie, this.store);
    if (this.store.kept.own !== undefined) this.dataset.restoreOwn(this.store.kept.own);
  }

  /**
   * Brings back the network that this tab had trained before it was reloaded, once.
   * @throws {Error} again for each lab that asks
   */
  async restore() {
    await this.open();
    this.#restoring ??= this.training.restore();
    await this.#restoring;
  }

  /** Lets go of everything that was lost with the worker. */
  lose() {
    this.dataset.forget();
    this.training?.lose();
  }
}
