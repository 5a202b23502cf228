/** What the buttons of training do. */

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
   * @param {() => Promise<void>} on.network  called when there is another network, or none any more
   * @param {(name: string) => void} on.schedule  chooses the noise schedule that weights were trained on
   */
  constructor(workspace, trainPanel, controlErrors, form, on) {
    this.#workspace = workspace;
    this.#trainPanel = trainPanel;
    this.#controlErrors = controlErrors;
    this.#form = form;
    this.#onNetwork = on.network;
    this.#onSchedule = on.schedule;
  }

  /** Trains on the data of the settings, or goes on with what was paused. */
  async start() {
    const { dataset, settings, training } = this.#workspace;
    await this.#controlErrors.attempt("run", async () => {
      this.#controlErrors.clear("weights", ...TRAINING);
      await dataset.take(settings);
      this.#trainPanel.begin();
      const key = dataset.keyOf(settings);
      await training.start(key, dataset.data, settings);
      // The drawing may have been changed meanwhile.
      training.release((key) => dataset.isSuperseded(key));
      this.#trainPanel.end(training.runOf(key));
      // What could not follow every change of the network shows it as it has become.
      await this.#onNetwork();
    });
  }

  /** Leads to a control that has an unusable value, even in a closed fold. */
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

  /** Takes the weights of a file in the place of the network. */
  async upload(file) {
    await this.#controlErrors.attempt("weights", async () => {
      const { tweedie, dataset, settings, training } = this.#workspace;
      const model = await tweedie.PointModel.fromSafetensors(new Uint8Array(await file.arrayBuffer()));
      const schedule = await scheduleOf(model, (name) => dataset.curves(name));
      if (schedule === null) throw new Error("These weights were trained on a noise schedule that is none of this page’s");
      if (schedule !== settings.schedule) this.#onSchedule(schedule);
      this.#trainPanel.end(await training.take(dataset.keyOf(settings), model));
    });
    await this.#onNetwork();
  }

  /** Brings back the training that this tab had before a reload. */
  async restore() {
    await this.#controlErrors.attempt("weights", () => this.#workspace.models.restore());
    this.#trainPanel.end(this.#workspace.run);
  }
}
