/** Shows the view of the current step, once its data are loaded. */

import { Activity } from "../shell/activity.js";
import { asSentence } from "../shell/problems.js";
import { DataView } from "./data-view.js";
import { ForwardView } from "./forward-view.js";
import { LookView } from "./look-view.js";
import { MarginalsView } from "./marginals-view.js";
import { Pad } from "./pad.js";
import { SampleView } from "./sample-view.js";
import { TrainView } from "./train-view.js";

const ONWARD = {
  data: "Next: add noise →", forward: "Next: train a network →", train: "Next: sample →", sample: "Next: look inside →",
  look: "Back to the data",
};
const NO_NETWORK = "No network is trained on these data yet, so the ideal denoiser is used.";

export class ViewPanel {
  #lab;
  #workspace;
  #controlErrors;
  #onData;
  #views;
  #view = null;
  #pad;
  #activity = new Activity(() => {});

  /**
   * @param {import("../shell/lab.js").Lab} lab
   * @param {import("./workspace.js").Workspace} workspace
   * @param {import("./control-errors.js").ControlErrors} controlErrors
   * @param {() => void} onData  called when the data of the settings are loaded or failed to load
   */
  constructor(lab, workspace, controlErrors, onData) {
    this.#lab = lab;
    this.#workspace = workspace;
    this.#controlErrors = controlErrors;
    this.#onData = onData;
    const forward = new ForwardView(workspace, lab.section);
    this.#views = {
      data: new DataView(workspace), forward, marginals: new MarginalsView(workspace, forward),
      train: new TrainView(workspace), sample: new SampleView(workspace), look: new LookView(workspace),
    };
    this.#pad = new Pad(lab.section, workspace.stage, workspace);
  }

  /** Computes and shows the view of the current step, or runs `task` instead. */
  async show(task) {
    await this.#activity.run((signal) => this.#controlErrors.attempt("picture", async () => {
      await this.#lab.turn(signal);
      signal.throwIfAborted();
      if (task !== undefined) return task(signal);
      this.#controlErrors.clear("data", "csv", "ideal");
      this.#arrange();
      if (!(await this.#hasData())) return;
      signal.throwIfAborted();
      await this.#view.show(signal);
    }, signal));
  }

  /** Measures the sample quality. */
  async measure() {
    await this.show(async (signal) => {
      await this.#take();
      await this.#workspace.quality.measure(signal);
    });
  }

  cancel() {
    this.#activity.cancel();
    this.#workspace.timeline.pause();
  }

  /** The view that is shown, or null. */
  get view() {
    return this.#view;
  }

  /** Called when the timeline has moved. */
  moved(position, by) {
    if (!this.#lab.shown) return this.#workspace.timeline.pause();
    this.#view?.moved?.(position, by);
    this.#workspace.stage.redraw();
  }

  /** Whether the timeline sets the time of the settings, rather than playing back a run. */
  get showsTime() {
    return this.#view === this.#views.forward || this.#view === this.#views.look;
  }

  /** Called during training when the network has changed; resolves when the view is updated. */
  async networkChanged(run) {
    if (!this.#lab.shown || run !== this.#workspace.run) return;
    this.#describeModels();
    // Errors of the view must not stop the training.
    await this.#controlErrors.attempt("picture", async () => this.#view?.networkChanged?.(run));
  }

  /** Shows the parts that belong to the step. */
  #arrange() {
    const { settings, part, timeline } = this.#workspace;
    const { step, dimensions } = settings;
    const view = this.#views[step === "forward" && dimensions === "1" ? "marginals" : step];
    if (view !== this.#view) this.#view?.hide?.();
    this.#view = view;
    timeline.pause();
    this.#workspace.say("");
    const { isDrawing } = this.#workspace;
    for (const id of ["timeline", "level"]) part(id).hidden = step === "train" || isDrawing;
    part("loss").hidden = step !== "train";
    part("schedules").hidden = step !== "forward";
    part("onward").textContent = ONWARD[step];
    const isProbed = ["sample", "look"].includes(step) && settings.probe === "on";
    this.#pad.offer(isDrawing ? "brush" : isProbed ? "probe" : null);
  }

  /** Loads the data of the settings. Without data, the stage shows a message or waits for a drawing. */
  async #hasData() {
    const { stage, brush, dataset } = this.#workspace;
    if (this.#workspace.isDrawing) brush.show();
    if (this.#workspace.isDrawing && dataset.isUndrawn) {
      this.#onData();
      return false;
    }
    try {
      await this.#take();
      return true;
    } catch (error) {
      const note = asSentence(error.message);
      if (!this.#workspace.isDrawing) stage.show([{ title: "", note, still: [], moving: [] }], note);
      throw error;
    }
  }

  /** Switches to the data of the settings, and pauses a training on other data. */
  async #take() {
    const { dataset, quality, settings, training } = this.#workspace;
    if (training.active !== null && training.active.key !== dataset.keyOf(settings)) training.pause();
    training.release((key) => dataset.isSuperseded(key));
    try {
      if (await dataset.take(settings)) quality.clear();
      this.#workspace.curves = await dataset.curves(settings.schedule);
    } finally {
      this.#describeModels();
      this.#onData();
    }
  }

  /** Updates the choice of models. */
  #describeModels() {
    const { hasNetwork, dataset, part } = this.#workspace;
    const hint = hasNetwork ? "" : NO_NETWORK;
    for (const id of ["model-hint", "whose-hint"]) if (part(id).textContent !== hint) part(id).textContent = hint;
    part("settings").querySelector('input[name="ideal"][value="distribution"]').disabled = !dataset.hasDistribution;
  }
}
