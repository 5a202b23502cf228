/** Actions of the training buttons. */

import { TRAINING } from "./settings.js";
import { scheduleOf } from "./weights.js";

export class TrainControls {
  #workspace;
  #trainPanel;
  #controlErrors;
  #form;
  #onNetwork;
  #onSchedule;

  /**
   * @param {import("./workspace.js").Workspace} workspace
   * @param {import("./train-panel.js").TrainPanel} panel
   * @param {import("./control-errors.js").ControlErrors} controlErrors
   * @param {HTMLFormElement} form
   * @param {object} on
   * @param {() => Promise<void>} on.network  called when the network has changed or was deleted
   * @param {(name: string) => void} on.schedule  selects the noise schedule that the weights were trained with
   */
  constructor(workspace, trainPanel, controlErrors, form, on) {
    this.#workspace = workspace;
    this.#trainPanel = trainPanel;
    this.#controlErrors = controlErrors;
    this.#form = form;
    this.#onNetwork = on.network;
    this.#onSchedule = on.schedule;
  }

  /** Trains on the data of the settings, or resumes a paused training. */
  async start() {
    const { dataset, settings, training } = this.#workspace;
    await this.#controlErrors.attempt("run", async () => {
      this.#controlErrors.clear("weights", ...TRAINING);
      await dataset.take(settings);
      this.#trainPanel.begin();
      const key = dataset.keyOf(settings);
      await training.start(key, dataset.data, settings);
      // The drawing may have changed in the meantime.
      training.release((key) => dataset.isSuperseded(key));
      this.#trainPanel.end(training.runOf(key));
      // Views that skipped updates now show the final network.
      await this.#onNetwork();
    });
  }

  /** Moves the focus to a control with an invalid value, and opens its section. */
  leadTo(name) {
    const control = this.#form.elements[name];
    const fold = control.closest?.("details");
    if (fold) fold.open = true;
    control.focus?.();
  }

  async forget() {
    const { dataset, settings, training } = this.#workspace;
    await training.forget(dataset.keyOf(settings));
    this.#trainPanel.end(null);
    await this.#onNetwork();
  }

  async download() {
    await this.#controlErrors.attempt("weights", () => this.#trainPanel.download(this.#workspace.settings.data));
  }

  /** Replaces the network with the weights of a file. */
  async upload(file) {
    await this.#controlErrors.attempt("weights", async () => {
      const { tweedie, dataset, settings, training } = this.#workspace;
      const model = await tweedie.PointModel.fromSafetensors(new Uint8Array(await file.arrayBuffer()));
      const schedule = await scheduleOf(model, (name) => dataset.curves(name));
      if (schedule === null) throw new Error("These weights were trained with a noise schedule that this page does not support");
      if (schedule !== settings.schedule) this.#onSchedule(schedule);
      this.#trainPanel.end(await training.take(dataset.keyOf(settings), model));
    });
    await this.#onNetwork();
  }

  /** Restores the training of this tab after a reload. */
  async restore() {
    await this.#controlErrors.attempt("weights", () => this.#workspace.models.restore());
    this.#trainPanel.end(this.#workspace.run);
  }
}
