/** The images lab: a pretrained checkpoint turns noise into pictures, step by step. */

import { copyLink, drawnSeed, showBusy } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showNoDevice } from "./shell/device-badge.js";
import { acceptDroppedFolders, chosenFiles } from "./shell/folders.js";
import { FOLDER_MODEL, losesModel, SHIPPED_MODEL, sizeOf } from "./shell/models.js";
import { Problems } from "./shell/problems.js";
import { megabytes, Progress } from "./shell/progress.js";
import { refusalsOf } from "./shell/samplers.js";
import { showFormulas } from "./images/formulas.js";
import { SamplerForm } from "./images/sampler-form.js";
import {
  arrangeForm, describeGuidance, describeOrigin, EACH_CLASS, fillForm, NO_CLASS, offerModel, readForm, samplingOptions, schema,
} from "./images/settings.js";
import { Judgement } from "./images/judgement.js";
import { Stage } from "./images/stage.js";
import { Trajectory } from "./images/trajectory.js";

/** Under "reduce motion" the grid changes this seldom while it samples. */
const CALM_INTERVAL = 1000; // milliseconds

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
  #models;
  /** The choice of a sampler, once the engine has listed them. */
  #sampler = null;
  /** What `samplers()` lists, and the pipeline that was asked which of them it refuses. */
  #samplers = [];
  #asked = null;
  #settings;
  #problems;
  /** Sentences about values that cannot be used, by the name of their setting. */
  #unusable = {};
  /** Where the sentence of the last run stands that came to nothing. */
  #refused = "run";
  #stage;
  #judgement;
  #progress;
  #activity = new Activity((busy) => this.#showBusy(busy));

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#root = root;
    this.#part = (id) => root.querySelector(`#${id}`);
    this.#form = this.#part("settings");
    this.#stage = new Stage(root);
    this.#judgement = new Judgement(root);
    this.#progress = new Progress(root);
    this.#problems = new Problems(root);
    const { settings, problems } = lab.read(schema);
    this.#settings = settings;
    fillForm(this.#form, settings);
    this.#showSettings();
    this.#problems.showOnly(problems, Object.keys(problems));
    this.#progress.begin("Starting the engine…");
  }

  /** Takes the engine, connects the controls, and samples at once: a link repeats its picture by itself. */
  async begin({ tweedie, models }) {
    this.#models = models;
    this.#samplers = await tweedie.samplers();
    this.#readSampler();
    if (models.chosen !== null) this.#goOnWith(models.chosen);
    this.#part("start").disabled = false;
    this.#connect();
    await this.#run((signal) => this.#sample(signal));
  }

  /** Reads the sampler and its options from the link, now that it is known which there are. */
  #readSampler() {
    const sampler = (this.#sampler = new SamplerForm(this.#form, this.#samplers));
    const named = this.#lab.read({ sampler: sampler.field });
    const own = this.#lab.read(sampler.schemaOf(named.settings.sampler));
    Object.assign(this.#settings, named.settings, { options: own.settings });
    sampler.show(this.#settings);
    arrangeForm(this.#form, this.#settings);
    this.#settingsChanged();
    const problems = { ...named.problems, ...own.problems };
    this.#problems.showOnly(problems, Object.keys(problems));
  }

  /** Takes over the model that another lab has loaded. */
  #goOnWith(chosen) {
    Object.assign(this.#settings, chosen);
    fillForm(this.#form, this.#settings);
    this.#settingsChanged();
  }

  /** The engine did not come up. */
  refuse(error) {
    this.#progress.end("Nothing can be sampled.");
    this.#problems.show("run", error.message);
  }

  #connect() {
    // Not all controls of the form lie inside it.
    this.#root.addEventListener("input", ({ target }) => target.form === this.#form && this.#edited(target));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#part("cancel").addEventListener("click", () => this.#activity.cancel());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#lab.shown && this.#activity.cancel());
    this.#part("judge").addEventListener("click", () => this.#run((signal) => this.#judge(signal)));
    this.#part("dice").addEventListener("click", () => this.#drawSeed());
    this.#part("copy").addEventListener("click", () => this.#copyLink());
    this.#part("hub-load").addEventListener("click", () => this.#load());
    this.#part("hub-id").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#load();
    });
    this.#part("folder-choose").addEventListener("click", () => this.#part("folder-input").click());
    this.#part("folder-input").addEventListener("change", () => this.#takeFolder(chosenFiles(this.#part("folder-input"))));
    acceptDroppedFolders(document.querySelector("#drop-veil"), (files) => this.#takeFolder(files));
  }

  // Settings.

  #edited(control) {
    this.#unusable = { ...this.#sampler.read(this.#settings, control.name), ...readForm(this.#form, this.#settings) };
    this.#problems.showOnly(this.#unusable, [control.name]);
    if (["shortcut", "sampler"].includes(control.name)) this.#problems.clear("sampler");
    this.#settingsChanged();
    if (control.name === "origin") this.#originChanged();
    if (control.name === "device") this.#load();
  }

  #settingsChanged() {
    const { sampler, options } = this.#settings;
    this.#lab.write({ sampler: this.#sampler.field, ...this.#sampler.schemaOf(sampler), ...schema }, { ...this.#settings, ...options });
    this.#showSettings();
  }

  #showSettings() {
    describeGuidance(this.#form, this.#settings);
    showFormulas(this.#part("formulas"), this.#settings, this.#sampler?.info(this.#settings.sampler));
    this.#stage.setView(this.#settings.view);
  }

  #originChanged() {
    describeOrigin(this.#form);
    this.#problems.clear("model");
    if (this.#form.elements.origin.value === "shipped") this.#load();
  }

  /** Takes the model that the form asks for; false, with a sentence, when the form does not name one. */
  #takeModel() {
    const origin = this.#form.elements.origin.value;
    const id = this.#form.elements.hubId.value.trim();
    if (origin === "hub" && (schema.model.read(id) === undefined || !id.includes("/"))) {
      this.#problems.show("model", "A Hub id has the form owner/name, as in google/ddpm-cifar10-32");
      return false;
    }
    this.#settings.model = { shipped: SHIPPED_MODEL, folder: FOLDER_MODEL, hub: id }[origin];
    this.#settingsChanged();
    return true;
  }

  #takeFolder(files) {
    // It may have been dropped on another lab.
    if (!this.#lab.shown) location.hash = this.#lab.id;
    this.#models.offerFolder(files);
    this.#form.elements.origin.value = "folder";
    this.#edited(this.#part("folder-input"));
    this.#load();
  }

  #drawSeed() {
    this.#settings.seed = this.#form.elements.seed.value = drawnSeed();
    this.#edited(this.#form.elements.seed);
  }

  #copyLink() {
    copyLink(this.#part("copy"), this.#settings.model === FOLDER_MODEL ? "Copied, without the folder" : "Copied");
  }

  // Activities.

  async #run(task) {
    await this.#activity.run((signal) => this.#attempt(task, signal));
  }

  #showBusy(busy) {
    const [start, cancel] = [this.#part("start"), this.#part("cancel")];
    start.textContent = busy ? "Start over" : "Start";
    showBusy(busy, { start, cancel });
  }

  async #attempt(task, signal) {
    this.#problems.clear("run", "model", "device", this.#refused);
    try {
      await task(signal);
    } catch (error) {
      if (signal.aborted) return this.#progress.end("Cancelled.");
      this.#progress.end("Stopped.");
      if (error.place === "device") showNoDevice("No device");
      if (losesModel(error)) this.#models.forget();
      this.#refused = this.#problems.showError(error);
    }
  }

  #start() {
    const [unusable] = Object.keys(this.#unusable);
    if (unusable !== undefined) return this.#form.elements[unusable].focus();
    if (this.#takeModel()) this.#run((signal) => this.#sample(signal));
  }

  #load() {
    if (this.#takeModel()) this.#run(async (signal) => {
      await this.#pipeline(signal);
      this.#progress.end("Ready to start.");
    });
  }

  /** The pipeline that the settings ask for, loaded if need be. */
  async #pipeline(signal) {
    const { pipeline, bytes } = await this.#models.obtain(this.#settings, { signal, progress: this.#progress });
    this.#problems.showOnly(offerModel(this.#form, this.#settings, pipeline), ["class"]);
    this.#part("model-facts").textContent = factsOf(pipeline, bytes);
    this.#sampler.suit(pipeline, this.#settings);
    if (pipeline !== this.#asked) this.#sampler.offer(await refusalsOf(pipeline, this.#samplers));
    this.#asked = pipeline;
    this.#settingsChanged();
    return pipeline;
  }

  async #sample(signal) {
    const pipeline = await this.#pipeline(signal);
    await this.#lab.turn(signal);
    signal.throwIfAborted();
    this.#progress.begin("Sampling…");
    this.#judgement.offer(null);
    const description = describe(this.#settings, pipeline);
    const options = { ...this.#sampler.optionsFor(this.#settings, pipeline), ...samplingOptions(this.#settings, pipeline) };
    const sampling = pipeline.sample({ ...options, signal });
    try {
      const noise = await sampling.images();
      const trajectory = new Trajectory(sampling, sizeOf(pipeline), noise);
      this.#stage.follow(trajectory, pipeline.alphasCumprod, description);
      await this.#record(sampling, trajectory, signal);
      if (!signal.aborted) this.#judgement.offer(await firstOf(sampling, pipeline, options));
    } finally {
      sampling.free();
    }
  }

  /** Asks the model how likely it finds what it drew. */
  async #judge(signal) {
    this.#progress.begin("Asking the model…");
    const showStep = this.#progress.stepper();
    await this.#judgement.run(signal, async (progress) => {
      showStep(progress);
      this.#progress.discount(await this.#lab.turn(signal));
    });
    this.#progress.finished();
  }

  /** Shows a run as it is recorded; cancelled or failed, what it recorded stays to be looked at. */
  async #record(sampling, trajectory, signal) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const showStep = this.#progress.stepper();
    let shownAt = -Infinity;
    try {
      await trajectory.record(sampling, async (progress) => {
        showStep(progress);
        if (!calm || performance.now() - shownAt >= CALM_INTERVAL) {
          shownAt = performance.now();
          this.#stage.showLatest();
        }
        this.#progress.discount(await this.#lab.turn(signal));
      });
      this.#progress.finished();
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#progress.end(`Cancelled after step ${trajectory.last.step} of ${trajectory.steps}; what was computed stays.`);
    } finally {
      this.#stage.settle();
    }
  }
}

/** The first picture of a run, and what the network was told about it. */
async function firstOf(sampling, pipeline, { classLabels }) {
  const values = await sampling.noisy();
  return { pipeline, image: values.slice(0, values.length / sampling.batch), classLabels: classLabels?.slice(0, 1) };
}

function factsOf(pipeline, bytes) {
  const { parameterCount, channels } = pipeline;
  const [height, width] = sizeOf(pipeline);
  const size = bytes > 0 ? ` · ${megabytes(bytes)}` : "";
  return `${parameterCount.toLocaleString("en")} parameters · ${height} × ${width} × ${channels}${size}`;
}

function describe({ count, class: chosen }, { labels, classCount }) {
  const samples = count === 1 ? "1 sample" : `${count} samples`;
  if (classCount === 0 || chosen === NO_CLASS) return samples;
  return chosen === EACH_CLASS ? `${samples}, each class in turn` : `${samples} of class ${labels?.[chosen] ?? chosen}`;
}
