/** The images lab: samples a pretrained checkpoint and shows each step. */

import { copyLink, drawnSeed, offerCpu, offerFullScreen, showBusy } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showNoDevice } from "./shell/device-badge.js";
import { acceptDroppedFolders } from "./shell/folders.js";
import { FOLDER_MODEL, losesModel } from "./shell/models.js";
import { Problems } from "./shell/problems.js";
import { Progress } from "./shell/progress.js";
import { refusalsOf } from "./shell/samplers.js";
import { ResultTools } from "./images/result-tools.js";
import { showFormulas } from "./images/formulas.js";
import { ModelChoice } from "./images/model-choice.js";
import { describe, draw } from "./images/run.js";
import { SamplerForm } from "./images/sampler-form.js";
import { arrangeForm, hasMoreOptions, describeGuidance, fillForm, VIEW_SETTINGS, offerModel, readForm, samplingOptions, schema } from "./images/settings.js";
import { Shown } from "./images/shown.js";
import { Stage } from "./images/stage.js";
import { shareImages } from "./share/images.js";

const CHANGED = "Settings changed. Press Start to redraw.";
/** Delay between an edit and the automatic redraw. */
const PAUSE = 350; // milliseconds

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object, models: import("./shell/models.js").Models }>} engine
 */
export async function mountImages(lab, engine) {
  const images = new ImagesLab(lab);
  try {
    await images.begin(await engine);
  } catch (error) {
    images.refuse(error);
  }
}

class ImagesLab {
  #lab;
  #root;
  #form;
  #part;
  #tweedie;
  #models;
  /** The sampler form, once the engine has listed the samplers. */
  #sampler = null;
  /** The list of `samplers()`, and the pipeline that was checked for which of them it supports. */
  #samplers = [];
  #checked = null;
  /** The `prediction_type` of that pipeline, if it has discrete timesteps. */
  #prediction;
  #settings;
  #problems;
  /** Messages about invalid values, by the name of their setting. */
  #unusable = {};
  /** Where the error of the last failed run is shown. */
  #refused = "run";
  #modelChoice;
  #stage;
  /** The run whose images are shown. */
  #shown;
  /** Timer of the next automatic run. */
  #redraw = 0;
  /** Whether the last task completed. */
  #isDone = false;
  /** Whether the current task is a sampling run. */
  #isDrawing = false;
  /** Number of folders opened so far; they all have the same name in links. */
  #folders = 0;
  #resultTools;
  #progress;
  #activity = new Activity((busy) => this.#showBusy(busy));

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#root = root;
    this.#part = (id) => root.querySelector(`#${id}`);
    this.#form = this.#part("settings");
    this.#stage = new Stage(root);
    this.#shown = new Shown(root);
    this.#progress = new Progress(root);
    this.#resultTools = new ResultTools(lab, this.#progress);
    this.#problems = new Problems(root);
    this.#modelChoice = new ModelChoice(root, this.#form, this.#problems);
    const { settings, problems } = lab.read(schema);
    if (settings.start === "picture") {
      settings.start = schema.start.initial;
      problems.startPicture = "A link cannot contain an image, so this run starts from noise. Choose an image to start from.";
    }
    this.#settings = settings;
    shareImages(lab, this.#part("copy"), {
      link: () => (this.#sampler === null ? lab.link : this.#link),
      stage: this.#stage, run: () => this.#shown.run, samplers: () => this.#samplers, pipeline: () => this.#models?.pipeline ?? null,
    });
    fillForm(this.#form, settings);
    this.#part("more").open = hasMoreOptions(settings);
    this.#showSettings();
    this.#problems.showOnly(problems, Object.keys(problems));
    // Some controls of the form are outside of it.
    root.addEventListener("input", ({ target }) => target.form === this.#form && this.#edited(target));
    this.#part("dice").addEventListener("click", () => this.#drawSeed());
    this.#progress.begin("Starting the engine…");
  }

  /** Connects the controls to the engine and samples immediately, so that a link reproduces its images. */
  async begin({ tweedie, models }) {
    this.#tweedie = tweedie;
    this.#models = models;
    this.#samplers = await tweedie.samplers();
    this.#readSampler();
    if (models.chosen !== null) this.#useModel(models.chosen);
    this.#part("start").disabled = false;
    this.#connect();
    // `#run` would clear the messages about the link.
    await this.#activity.run((signal) => this.#attempt(() => this.#sample(signal), signal));
  }

  /** Reads the sampler and its options from the link, now that the list of samplers is known. */
  #readSampler() {
    const sampler = (this.#sampler = new SamplerForm(this.#form, this.#samplers));
    const named = this.#lab.read({ sampler: sampler.field });
    const own = this.#lab.read(sampler.schemaOf(named.settings.sampler));
    Object.assign(this.#settings, named.settings, { options: own.settings });
    sampler.begin(this.#settings, { isChosen: this.#lab.names("sampler") });
    arrangeForm(this.#form, this.#settings);
    this.#settingsChanged();
    const problems = { ...named.problems, ...own.problems };
    this.#problems.showOnly(problems, Object.keys(problems));
  }

  /** Uses the model that another lab has loaded. */
  #useModel(chosen) {
    Object.assign(this.#settings, chosen);
    fillForm(this.#form, this.#settings);
    this.#settingsChanged();
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#progress.end("The engine did not start.");
    this.#problems.show("run", error.message);
  }

  #connect() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#part("cancel").addEventListener("click", () => this.#activity.cancel());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#lab.shown && this.#activity.cancel());
    this.#part("likelihood").addEventListener("click", () => this.#ask((signal) => this.#resultTools.computeLikelihood(this.#settings, signal), { steps: "likelihoodSteps" }));
    this.#part("between").addEventListener("click", () => this.#ask((signal) => this.#resultTools.interpolate(this.#settings, this.#tweedie.slerp, signal), { steps: "betweenSteps" }));
    this.#part("walk").addEventListener("click", () => this.#ask((signal) => this.#resultTools.walk(this.#tweedie.slerp, signal)));
    this.#part("copy").addEventListener("click", () => this.#copyLink());
    this.#modelChoice.connect({ onLoad: () => this.#start(), onFolder: (files) => this.#takeFolder(files) });
    offerCpu(this.#part("use-cpu"), this.#form.elements.device);
    offerFullScreen(this.#part("enlarge"), this.#root.querySelector(".stage"));
    this.#part("start-choose").addEventListener("click", () => this.#part("start-file").click());
    this.#part("start-file").addEventListener("change", ({ target }) => target.files.length > 0 && this.#takePicture(target.files[0]));
    acceptDroppedFolders(document.querySelector("#drop-veil"), (files) => this.#takeDropped(files));
  }

  // Settings.

  #edited(control) {
    const { name } = control;
    if (this.#sampler === null) return this.#editedEarly(name);
    this.#unusable = { ...this.#sampler.read(this.#settings, name), ...readForm(this.#form, this.#settings) };
    this.#resultTools.read(this.#settings, name);
    this.#problems.showOnly(this.#unusable, [name]);
    // The shown error may depend on other controls too.
    if (["shortcut", "sampler"].includes(name)) this.#problems.clear("sampler", "spacing", "finalSigma");
    if (["guidanceFrom", "guidanceTo"].includes(name)) this.#problems.clear("guidanceInterval");
    if (name === "start") this.#startChanged();
    this.#settingsChanged();
    if (name === "origin" && this.#modelChoice.originChanged()) return this.#start();
    if (name === "device") return this.#draw();
    this.#comparePictures();
    this.#sayChanged();
  }

  /** Handles an edit before the engine has started; the first run uses it. */
  #editedEarly(name) {
    this.#unusable = readForm(this.#form, this.#settings);
    this.#problems.showOnly(this.#unusable, [name]);
    if (name === "origin" && this.#modelChoice.originChanged()) this.#modelChoice.take(this.#settings);
    this.#showSettings();
  }

  #settingsChanged() {
    this.#lab.write(this.#schemaOf(this.#settings), { ...this.#settings, ...this.#settings.options });
    this.#showSettings();
  }

  /** The fields of the address for these settings. */
  #schemaOf({ sampler }) {
    return { sampler: this.#sampler.writtenField, ...this.#sampler.schemaOf(sampler), ...schema };
  }

  /** If the settings have changed since the run shown, redraws its images if that is quick, or else marks them as outdated. */
  #comparePictures({ mayRedraw = true } = {}) {
    clearTimeout(this.#redraw);
    if (this.#models.pipeline === null || this.#shown.run === null) return;
    const run = this.#plan(this.#models.pipeline);
    const isEarlier = this.#shown.differsFrom(run);
    const isFree = this.#isDrawing || !this.#activity.isBusy;
    const redraws = mayRedraw && isEarlier && isFree && this.#isUsable && this.#shown.isQuick(run);
    this.#shown.mark(isEarlier && !redraws);
    if (redraws) this.#redraw = setTimeout(() => this.#draw(), PAUSE);
  }

  /** Updates the status after an edit, unless a task is running. */
  #sayChanged() {
    if (this.#activity.isBusy || this.#shown.run === null) return;
    if (this.#shown.isEarlier) this.#progress.end(CHANGED);
    else if (this.#part("figures").textContent === CHANGED) this.#progress.end(this.#shown.sentence);
  }

  #showSettings() {
    const { sampler } = this.#settings;
    describeGuidance(this.#form, this.#settings);
    showFormulas(this.#part("formulas"), { ...this.#settings, options: this.#sampler?.values(this.#settings) }, this.#sampler?.info(sampler), this.#prediction);
    this.#resultTools.describe(this.#settings);
    this.#stage.setView(this.#settings.view);
  }

  #startChanged() {
    this.#problems.clear("startPicture", "strength");
    if (this.#settings.start === "picture") this.#resultTools.startPicture.suggest();
  }

  #takeDropped(files) {
    // The folder may have been dropped on another lab.
    if (!this.#lab.shown) location.hash = this.#lab.id;
    const [file, ...others] = Object.values(files);
    if (others.length === 0 && file?.type.startsWith("image/")) this.#takePicture(file);
    else this.#takeFolder(files);
  }

  #takeFolder(files) {
    this.#models.offerFolder(files);
    this.#folders++;
    this.#form.elements.origin.value = "folder";
    this.#modelChoice.originChanged();
    this.#edited(this.#part("folder-input"));
    this.#start();
  }

  /** Uses a file as the start image. */
  async #takePicture(file) {
    this.#form.elements.start.value = "picture";
    try {
      await this.#resultTools.startPicture.take(file);
      this.#problems.clear("startPicture");
    } catch (error) {
      this.#problems.showError(error);
    }
    readForm(this.#form, this.#settings);
    this.#settingsChanged();
    this.#comparePictures();
    this.#sayChanged();
  }

  #drawSeed() {
    this.#settings.seed = this.#form.elements.seed.value = drawnSeed();
    this.#edited(this.#form.elements.seed);
  }

  /** Copies a link to the images shown, even if the controls have changed since. */
  #copyLink() {
    const { model } = this.#shownSettings;
    copyLink(this.#part("copy"), model === FOLDER_MODEL ? "Copied, without the folder" : "Copied", this.#link);
  }

  get #link() {
    const shown = this.#shownSettings;
    const view = Object.fromEntries(VIEW_SETTINGS.map((name) => [name, this.#settings[name]]));
    return this.#lab.linkTo(this.#schemaOf(shown), { ...shown, ...view, ...shown.options });
  }

  get #shownSettings() {
    return this.#shown.run?.settings ?? this.#settings;
  }

  // Activities.

  /** @param {Record<string, string>} names  control names, by option, where the task uses different ones */
  async #run(task, names) {
    clearTimeout(this.#redraw);
    this.#problems.clear("run", "model", "device", this.#refused);
    this.#part("use-cpu").hidden = true;
    this.#isDone = false;
    await this.#activity.run((signal) => this.#attempt(task, signal, names));
  }

  #showBusy(busy) {
    const [start, cancel] = [this.#part("start"), this.#part("cancel")];
    start.textContent = busy ? "Start over" : "Start";
    showBusy(busy, { start, cancel });
    if (!busy) this.#comparePictures({ mayRedraw: this.#isDone });
  }

  async #attempt(task, signal, names) {
    try {
      await task(signal);
      this.#isDone = !signal.aborted;
    } catch (error) {
      if (signal.aborted) return this.#progress.end("Cancelled.");
      this.#progress.end("Stopped.");
      if (error.place === "device") showNoDevice("No device");
      this.#part("use-cpu").hidden = error.place !== "device" || this.#settings.device === "cpu";
      if (losesModel(error)) this.#models.forget();
      this.#refused = this.#problems.showError(error, names);
    }
  }

  /** Samples with the settings and the model in the form. */
  #start() {
    this.#ask((signal) => this.#sample(signal), {}, () => this.#takeModel());
  }

  /** Samples with the settings and the current model. */
  #draw() {
    this.#ask((signal) => this.#sample(signal));
  }

  /** Runs a task, unless a setting is invalid. */
  #ask(task, names = {}, isReady = () => true) {
    if (!this.#isUsable) return this.#form.elements[Object.keys(this.#unusable)[0]].focus();
    if (isReady()) this.#run(task, names);
  }

  get #isUsable() {
    return Object.keys(this.#unusable).length === 0;
  }

  #takeModel() {
    const isTaken = this.#modelChoice.take(this.#settings);
    if (isTaken) this.#settingsChanged();
    return isTaken;
  }

  /** The pipeline of the settings, loaded if necessary. */
  async #pipeline(signal) {
    const { pipeline, bytes } = await this.#models.obtain(this.#settings, { signal, progress: this.#progress });
    this.#problems.showOnly(offerModel(this.#form, this.#settings, pipeline), ["class"]);
    this.#modelChoice.describe(pipeline, bytes);
    if (pipeline !== this.#checked) await this.#adaptTo(pipeline);
    this.#settingsChanged();
    return pipeline;
  }

  /** Adapts the form to a new model: its defaults, and the samplers it does not support. */
  async #adaptTo(pipeline) {
    this.#resultTools.offer(null, this.#settings);
    this.#sampler.suit(pipeline, this.#settings);
    this.#sampler.offer(await refusalsOf(pipeline, this.#samplers));
    this.#checked = pipeline;
    // diffusers defaults to epsilon.
    this.#prediction = pipeline.alphasCumprod.length === 0 ? undefined : (pipeline.schedulerConfig.prediction_type ?? "epsilon");
  }

  async #sample(signal) {
    const pipeline = await this.#pipeline(signal);
    await this.#lab.turn(signal);
    signal.throwIfAborted();
    this.#progress.begin("Sampling…");
    this.#resultTools.offer(null, this.#settings);
    const description = describe(this.#settings, pipeline);
    const run = this.#plan(pipeline);
    const { options } = run;
    if (this.#settings.start === "picture") options.start = await this.#resultTools.startPicture.optionFor(pipeline, this.#settings);
    const sampling = pipeline.sample({ ...options, signal });
    this.#isDrawing = true;
    try {
      const onShown = () => this.#shown.take(run);
      const drawn = await draw(sampling, pipeline, { stage: this.#stage, progress: this.#progress, lab: this.#lab, signal, description, onShown });
      if (drawn === null) return;
      this.#shown.finish(drawn, this.#part("figures").textContent);
      this.#resultTools.offer({ ...drawn, pipeline, classLabels: options.classLabels }, this.#settings);
    } finally {
      this.#isDrawing = false;
      sampling.free();
    }
  }

  /** The run of the settings. Its options do not include the start image yet. */
  #plan(pipeline) {
    const { model, device, start, strength } = this.#settings;
    const options = { ...this.#sampler.optionsFor(this.#settings, pipeline), ...samplingOptions(this.#settings, pipeline) };
    const from = start === "picture" ? { strength, revision: this.#resultTools.startPicture.revision } : { strength: 1 };
    const folder = model === FOLDER_MODEL ? this.#folders : 0;
    return {
      options,
      key: JSON.stringify([model, folder, device, options, from]),
      work: this.#sampler.evaluations(this.#settings) * from.strength * options.batch * (options.guidanceScale === undefined ? 1 : 2),
      settings: structuredClone(this.#settings),
    };
  }
}
