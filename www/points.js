/** The 2-D diffusion lab: data, forward process, training, sampling, and views of the model. */

import { copyLink, drawnSeed, offerFullScreen } from "./shell/actions.js";
import { showDevice, showNoDevice } from "./shell/device-badge.js";
import { sharePoints } from "./share/points.js";
import { Problems } from "./shell/problems.js";
import { Progress } from "./shell/progress.js";
import { dropUnknown, offerCommonOptions, offerSamplers } from "./shell/sampler-chips.js";
import { Workspace } from "./points/workspace.js";
import { ControlErrors } from "./points/control-errors.js";
import { DataPanel } from "./points/data-panel.js";
import { ViewPanel } from "./points/view-panel.js";
import { showFormulas } from "./points/formulas.js";
import { arrangeForm, drawingSettings, fillForm, missingFromLink, QUICK, readControl, schema, STEPS, TRAINING } from "./points/settings.js";
import { TrainPanel } from "./points/train-panel.js";
import { TrainControls } from "./points/train-controls.js";

const PREFIX = "points-";

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object, points: import("./points/models.js").PointModels }>} engine
 */
export async function mountPoints(lab, engine) {
  const points = new PointsLab(lab);
  delete lab.section.dataset.loading;
  try {
    await points.begin(await engine);
  } catch (error) {
    points.refuse(error);
  }
}

class PointsLab {
  #lab;
  #root;
  #part;
  #form;
  #settings;
  #problems;
  #progress;
  #controlErrors;
  /** Messages about invalid values, by the name of their control. */
  #unusable = {};
  /** Messages about invalid values in the link. */
  #misstated;
  #workspace;
  #models;
  #trainPanel;
  #trainControls;
  #viewPanel;
  #dataPanel;
  /** The Share menu, or null in browsers without popovers. */
  #share;

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#root = root;
    this.#part = (id) => root.querySelector(`#${PREFIX}${id}`);
    this.#form = this.#part("settings");
    this.#problems = new Problems(root, PREFIX);
    this.#progress = new Progress(root, PREFIX);
    const { settings, problems } = lab.read(schema);
    this.#settings = settings;
    this.#misstated = problems;
    lab.write(schema, settings);
    this.#share = sharePoints(lab, this.#part("enlarge"), { settings, workspace: () => this.#workspace, view: () => this.#viewPanel?.view ?? null });
    offerCommonOptions(this.#form);
    fillForm(this.#form, settings);
    showFormulas(this.#part("formulas"), settings);
    // Some controls of the form are outside of it. Edits before the engine has started apply to the first view.
    root.addEventListener("input", ({ target }) => target.form === this.#form && target.name !== "" && this.#edited(target.name));
    this.#progress.begin("Starting the engine…");
  }

  /** Restores the state of the tab, connects the controls to the engine, and shows the view. */
  async begin({ tweedie, points: models }) {
    this.#models = models;
    // Another lab may have chosen other data before this one was opened.
    Object.assign(this.#settings, models.chosen);
    models.choose(this.#settings);
    const [datasets, samplers] = await Promise.all([tweedie.datasets(), tweedie.samplers(), models.open()]);
    this.#assemble(tweedie);
    this.#workspace.samplers = samplers;
    for (const { name, title } of datasets) this.#workspace.titles.set(name, title);
    this.#offer(tweedie, datasets, samplers);
    this.#connect();
    this.#showOwn();
    if (!models.store.works) this.#part("weights-hint").textContent = "Files are in safetensors format. This browser does not let the page store data, so a reload deletes the training.";
    await tweedie.openDevice("cpu").then(showDevice, () => showNoDevice("No device"));
    await this.#trainControls.restore();
    this.#part("start").disabled = false;
    await this.#viewPanel.show();
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#progress.end("The engine did not start.");
    this.#problems.show("run", error.message);
  }

  /** Creates the parts of the lab and connects them. */
  #assemble(tweedie) {
    this.#workspace = new Workspace(this.#root, this.#settings, { tweedie, models: this.#models }, {
      move: (position, by) => this.#moved(position, by),
      drawn: () => this.#drawn(),
      point: (x, y) => this.#pointMoved(x, y),
      refresh: (task) => this.#viewPanel.show(task),
      isShown: (step) => this.#lab.shown && this.#settings.step === step,
    });
    this.#controlErrors = new ControlErrors(this.#problems, this.#part, () => this.#models.lose());
    this.#models.training.tell({
      busy: () => this.#trainPanel.showState(),
      slice: (run) => this.#trainPanel.slice(run),
      model: (run) => this.#viewPanel.networkChanged(run),
      device: showDevice,
      error: (error) => this.#controlErrors.show(error, "run"),
    });
    this.#trainPanel = new TrainPanel(this.#workspace, this.#progress);
    this.#trainControls = new TrainControls(this.#workspace, this.#trainPanel, this.#controlErrors, this.#form, {
      network: () => this.#viewPanel.show(),
      schedule: (name) => this.#set("schedule", name),
    });
    this.#viewPanel = new ViewPanel(this.#lab, this.#workspace, this.#controlErrors, () => this.#dataTaken());
    this.#dataPanel = new DataPanel(this.#part);
  }

  /** Fills the form with data sets and samplers, and with the settings. */
  #offer(tweedie, datasets, samplers) {
    this.#dataPanel.offer(tweedie, datasets);
    const unknown = dropUnknown(this.#settings, samplers, schema.samplers.initial);
    if (unknown !== "") this.#misstated.samplers = unknown;
    offerSamplers(this.#form, samplers, this.#settings);
    this.#lab.write(schema, this.#settings);
    fillForm(this.#form, this.#settings);
    this.#trainPanel.describe(this.#settings);
    for (const [name, sentence] of Object.entries(this.#misstated)) this.#controlErrors.tell(name, sentence, "run");
  }

  #connect() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#startOrPause();
    });
    // In full screen, Escape leaves it.
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#lab.shown && document.fullscreenElement === null && this.#cancel());
    this.#on("cancel", () => this.#cancel());
    this.#on("dice", () => this.#set("seed", drawnSeed()));
    this.#on("copy", () => this.#copyLink(this.#part("copy")));
    this.#on("copy-drawing", () => this.#copyLink(this.#part("copy-drawing")));
    this.#on("film-drawing", () => this.#share?.saveAnimation());
    this.#on("again", () => this.#set("step", "data"));
    this.#on("onward", () => this.#set("step", STEPS[(STEPS.indexOf(this.#settings.step) + 1) % STEPS.length]));
    this.#on("undo", () => this.#workspace.brush.undo());
    this.#on("clear", () => this.#workspace.brush.clear());
    this.#on("measure", () => this.#viewPanel.measure());
    this.#on("download", () => this.#trainControls.download());
    this.#on("upload", () => this.#part("upload-input").click());
    this.#on("reset", () => this.#trainControls.forget());
    this.#part("upload-input").addEventListener("change", ({ target }) => {
      const [file] = target.files;
      if (file !== undefined) this.#trainControls.upload(file);
      target.value = "";
    });
    offerFullScreen(this.#part("enlarge"), this.#part("stage"));
    this.#dataPanel.connectCsv(this.#root, (text) => this.#csv(text));
    this.#lab.addEventListener("show", () => this.#viewPanel.show());
  }

  #on(id, task) {
    this.#part(id).addEventListener("click", task);
  }

  // Settings.

  #set(name, value) {
    this.#form.elements[name].value = value;
    this.#edited(name);
  }

  #edited(name) {
    const problem = readControl(this.#form, this.#settings, name);
    this.#problems.showOnly({ [name]: problem }, [name]);
    if (problem !== "") return void (this.#unusable[name] = problem);
    delete this.#unusable[name];
    if (name === "word" && this.#workspace !== undefined) this.#workspace.brush.word = this.#settings.word;
    this.#write();
    if (name === "data" && this.#settings.data === "drawn") this.#showPad();
    showFormulas(this.#part("formulas"), this.#settings);
    if (this.#trainPanel === undefined) return;
    this.#models.choose(this.#settings);
    this.#trainPanel.describe(this.#settings);
    this.#trainPanel.showState();
    if (name === "metric" || name === "against") this.#workspace.quality.draw();
    else if (name === "x" || name === "y") this.#workspace.probe.update();
    else if (!TRAINING.includes(name)) this.#viewPanel.show();
  }

  /** Scrolls to the plot, where one draws, if it is above the window. */
  #showPad() {
    const stage = this.#part("stage");
    if (stage.getBoundingClientRect().top < 0) stage.scrollIntoView();
  }

  /** Writes the settings to the link, and the drawing with them. */
  #write() {
    if (this.#workspace !== undefined) Object.assign(this.#settings, drawingSettings(this.#settings.data, this.#workspace.brush.text));
    this.#lab.write(schema, this.#settings);
  }

  #copyLink(button) {
    const missing = missingFromLink(this.#settings, this.#workspace?.brush.text);
    copyLink(button, missing === undefined ? "Copied" : `Copied without ${missing}`);
  }

  #moved(position, by) {
    if (this.#viewPanel.showsTime || by === "hand") this.#settings.time = Number(position.toFixed(3));
    if (by === "hand") this.#lab.write(schema, this.#settings);
    this.#viewPanel.moved(position, by);
  }

  #pointMoved(x, y) {
    Object.assign(this.#settings, { x, y });
    for (const name of ["x", "y"]) this.#form.elements[name].value = this.#settings[name];
    arrangeForm(this.#form, this.#settings);
    this.#lab.write(schema, this.#settings);
  }

  // The user's own points.

  async #drawn() {
    const { brush } = this.#workspace;
    this.#models.dataset.offerDrawn(brush.points, brush.text);
    this.#models.store.keep({ own: this.#models.dataset.own });
    this.#form.elements.word.value = brush.text.word;
    this.#write();
    await this.#viewPanel.show();
  }

  async #csv(text) {
    this.#models.dataset.offerCsv(text);
    this.#models.store.keep({ own: this.#models.dataset.own });
    for (const [name, value] of [["data", "csv"], ["step", "data"]]) this.#settings[name] = this.#form.elements[name].value = value;
    arrangeForm(this.#form, this.#settings);
    this.#write();
    this.#models.choose(this.#settings);
    await this.#viewPanel.show();
  }

  /** Shows the drawing of the link, or else that of this tab before a reload, and its CSV. */
  #showOwn() {
    const { drawn, csv } = this.#models.dataset.own;
    const kept = drawn.text ?? { strokes: "", word: "" };
    const { strokes, word } = this.#settings;
    const text = strokes !== "" || word !== "" ? { strokes, word } : kept;
    const { brush } = this.#workspace;
    brush.restore(text);
    // The network of a drawing that has not changed is kept.
    const isKept = text.strokes === kept.strokes && text.word === kept.word && (drawn.text !== undefined || drawn.points === null);
    if (!isKept) this.#models.dataset.offerDrawn(brush.points, brush.text);
    this.#form.elements.word.value = text.word;
    this.#part("csv").value = csv.text ?? "";
    this.#write();
  }

  #dataTaken() {
    this.#dataPanel.describe(this.#settings, this.#workspace.dataset);
    if (!this.#models.training.isRunning) this.#trainPanel.end(this.#workspace.run);
  }

  // Training.

  #startOrPause() {
    if (this.#models.training.isRunning) return this.#models.training.pause();
    const [unusable] = Object.keys(this.#unusable);
    if (unusable !== undefined) return this.#trainControls.leadTo(unusable);
    if (this.#workspace.isDrawing && !this.#workspace.dataset.isUndrawn) return this.#watch();
    if (this.#settings.step !== "train") this.#set("step", "train");
    this.#trainControls.start();
  }

  /** Trains a network on the drawing, for a short time unless the settings say otherwise, and then shows samples as they come out of noise. */
  async #watch() {
    const { trainingSteps } = this.#settings;
    Object.assign(this.#settings, QUICK, trainingSteps !== schema.trainingSteps.initial && { trainingSteps });
    fillForm(this.#form, this.#settings);
    if (this.#workspace.run?.state !== "finished") {
      this.#set("step", "train");
      await this.#trainControls.start();
      // The visitor may have paused it, or gone on to another step.
      if (this.#workspace.run?.state !== "finished" || this.#settings.step !== "train") return;
    }
    this.#set("step", "sample");
  }

  #cancel() {
    this.#models.training.cancel();
    this.#viewPanel.cancel();
  }

}
