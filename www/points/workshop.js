/** What the buttons of training do. */

import { TRAINING } from "./settings.js";
import { scheduleOf } from "./weights.js";

export class Workshop {
  #bench;
  #panel;
  #complaints;
  #form;
  #onNetwork;
  #onSchedule;

  /**
   * @param {import("./bench.js").Bench} bench
   * @param {import("./train-panel.js").TrainPanel} panel
   * @param {import("./complaints.js").Complaints} complaints
   * @param {HTMLFormElement} form
   * @param {object} on
   * @param {() => Promise<void>} on.network  called when there is another network, or none any more
   * @param {(name: string) => void} on.schedule  chooses the noise schedule that weights were trained on
   */
  constructor(bench, panel, complaints, form, on) {
    this.#bench = bench;
    this.#panel = panel;
    this.#complaints = complaints;
    this.#form = form;
    this.#onNetwork = on.network;
    this.#onSchedule = on.schedule;
  }

  /** Trains on the data of the settings, or goes on with what was paused. */
  async start() {
    const { subject, settings, training } = this.#bench;
    await this.#complaints.attempt("run", async () => {
      this.#complaints.clear("weights", ...TRAINING);
      await subject.take(settings);
      this.#panel.begin();
      const key = subject.keyOf(settings);
      await training.start(key, subject.data, settings);
      // The drawing may have been changed meanwhile.
      training.release((key) => subject.isSuperseded(key));
      this.#panel.end(training.runOf(key));
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
    const { subject, settings, training } = this.#bench;
    await training.forget(subject.keyOf(settings));
    this.#panel.end(null);
    await this.#onNetwork();
  }

  async download() {
    await this.#complaints.attempt("weights", () => this.#panel.download(this.#bench.settings.data));
  }

  /** Takes the weights of a file in the place of the network. */
  async upload(file) {
    await this.#complaints.attempt("weights", async () => {
      const { tweedie, subject, settings, training } = this.#bench;
      const model = await tweedie.PointModel.fromSafetensors(new Uint8Array(await file.arrayBuffer()));
      const schedule = await scheduleOf(model, (name) => subject.curves(name));
      if (schedule === null) throw new Error("These weights were trained on a noise schedule that is none of this page’s");
      if (schedule !== settings.schedule) this.#onSchedule(schedule);
      this.#panel.end(await training.take(subject.keyOf(settings), model));
    });
    await this.#onNetwork();
  }

  /** Brings back the training that this tab had before a reload. */
  async restore() {
    await this.#complaints.attempt("weights", () => this.#bench.models.restore());
    this.#panel.end(this.#bench.run);
  }
}
