/** The point models of this tab, shared by the labs: data set, trained networks and stored state. */

import { DATA_FIELDS } from "./settings.js";
import { Store } from "./store.js";
import { Dataset } from "./dataset.js";
import { Training } from "./training.js";

export class PointModels {
  #tweedie;
  #opening = null;
  #restoring = null;
  #chosen = null;

  /** The data set of the points lab. */
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

  /** The data settings that a lab chose last, by the names of `DATA_FIELDS`; empty before. */
  get chosen() {
    return this.#chosen ?? {};
  }

  /** Records the data settings of a lab, for the other labs. */
  choose(settings) {
    this.#chosen = Object.fromEntries(DATA_FIELDS.map((name) => [name, settings[name]]));
  }

  /** Opens the stored state of this tab. */
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
   * Restores the network that was trained in this tab before a reload, once.
   * @throws {Error} the same error on every call
   */
  async restore() {
    await this.open();
    this.#restoring ??= this.training.restore();
    await this.#restoring;
  }

  /** Drops everything that was lost with the worker. */
  lose() {
    this.dataset.forget();
    this.training?.lose();
  }
}
