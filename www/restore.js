/** The restore lab: several answers of a diffusion model to a picture that was damaged, and pictures that are seen in two ways. */

import { copyLink, drawnSeed, offerCpu, offerFullScreen, showBusy } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showNoDevice } from "./shell/device-badge.js";
import { losesModel, sizeOf } from "./shell/models.js";
import { Problems } from "./shell/problems.js";
import { Progress } from "./shell/progress.js";
import { shareRestore } from "./share/restore.js";
import { Exhibition } from "./restore/exhibition.js";
import { Form } from "./restore/form.js";
import { Mask } from "./restore/mask.js";
import { PictureChoice } from "./restore/picture-choice.js";
import { planOf } from "./restore/plan.js";
import { fillForm, readControl, schema, VIEW_SETTINGS } from "./restore/settings.js";
import { FIGURE, PANEL } from "./restore/template.js";

const PREFIX = "restore-";
/** Delay between an edit and the next run. */
const PAUSE = 300; // milliseconds
/** Runs that are expected to take longer start only by the button. */
const MAX_QUICK = 20_000; // milliseconds
/** Where an error of the engine is shown, by the option that it names. */
const PLACES = {
  "operator.mask": "mask", mask: "mask", "operator.factor": "factor", "operator.sigma": "sigma", "operator.length": "length", "operator.angle": "angle",
  "operator.levels": "levels", operator: "lost", width: "windows",
};

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object, models: import("./shell/models.js").Models }>} engine
 */
export async function mountRestore(lab, engine) {
  lab.section.querySelector("figure").insertAdjacentHTML("afterbegin", FIGURE);
  lab.section.insertAdjacentHTML("beforeend", PANEL);
  const restore = new RestoreLab(lab);
  delete lab.section.dataset.loading;
  try {
    await restore.begin(await engine);
  } catch (error) {
    restore.refuse(error);
  }
}

class RestoreLab {
  #lab;
  #part;
  #settings;
  #problems;
  #progress;
  #form;
  #pictures;
  #exhibition;
  #models;
  /** @type {Mask | null} */
  #mask = null;
  /** Messages about invalid values, by setting. */
  #unusable = {};
  #refused = "run";
  #timer = 0;
  /** The finished or running plan, and how long it took. */
  #plan = null;
  #took = null;
  #activity = new Activity((busy) => this.#showBusy(busy));

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#part = (id) => root.querySelector(`#${PREFIX}${id}`);
    this.#problems = new Problems(root, PREFIX);
    this.#progress = new Progress(root, PREFIX);
    const { settings, problems } = lab.read(schema);
    if (["file", "camera"].includes(settings.picture)) {
      problems.picture = "A link cannot contain a picture of your own, so this is a test picture. Choose yours again.";
      settings.picture = schema.picture.initial;
    }
    this.#settings = settings;
    lab.write(schema, settings);
    this.#form = new Form(root, PREFIX, settings);
    this.#exhibition = new Exhibition(root, PREFIX, { settings, onBegin: () => this.#beginStroke(), onStroke: (isOver) => this.#painted(isOver) });
    this.#pictures = new PictureChoice(root, PREFIX, { easel: this.#exhibition.easel, problems: this.#problems, onTaken: (kind) => this.#tookPicture(kind) });
    this.#progress.begin("Starting the engine…");
    this.#problems.showOnly(problems, Object.keys(problems));
    fillForm(this.#part("settings"), settings);
    this.#arrange();
    this.#preview();
    root.addEventListener("input", ({ target }) => target.form === this.#part("settings") && target.name in schema && this.#edited(target.name));
  }

  /** Shows the test picture and the mask while the engine starts. */
  async #preview() {
    const { picture, test, model } = this.#settings;
    const images = picture === "test" ? await this.#pictures.picture.tests(model).catch(() => []) : [];
    if (images[test] === undefined || this.#mask !== null) return;
    const size = [images[test].height, images[test].width];
    this.#mask = Mask.read(this.#settings.mask, size);
    this.#exhibition.preview(images[test], size, { settings: this.#settings, mask: this.#mask });
  }

  /** Connects the controls to the engine and runs immediately. */
  async begin({ tweedie, models }) {
    this.#models = models;
    this.#form.offerMethods((await tweedie.restorers()).methods);
    if (models.chosen !== null && this.#lab.isDefault) Object.assign(this.#settings, models.chosen);
    this.#arrange();
    this.#connect();
    this.#part("start").disabled = false;
    await this.#activity.run((signal) => this.#attempt(signal));
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#progress.end("The engine did not start.");
    this.#problems.show("run", error.message);
  }

  #connect() {
    this.#part("settings").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#part("cancel").addEventListener("click", () => this.#activity.cancel());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#lab.shown && this.#activity.cancel());
    this.#part("copy").addEventListener("click", () => copyLink(this.#part("copy"), this.#pictures.isOwn(this.#settings) ? "Copied, without the picture" : "Copied"));
    this.#part("dice").addEventListener("click", () => this.#set("seed", drawnSeed()));
    this.#part("another").addEventListener("click", () => this.#set("pictureSeed", (this.#settings.pictureSeed + 1) % 2 ** 32));
    this.#part("clear").addEventListener("click", () => this.#clear());
    offerCpu(this.#part("use-cpu"), this.#part("settings").elements.device);
    offerFullScreen(this.#part("enlarge"), this.#part("stage"));
    this.#lab.addEventListener("hide", () => this.#pictures.closeCamera());
    shareRestore(this.#lab, this.#part("enlarge"), {
      settings: this.#settings, exhibition: this.#exhibition, plan: () => this.#plan, pipeline: () => this.#models.pipeline, isOwn: () => this.#pictures.isOwn(this.#settings),
    });
  }

  // Settings.

  #set(name, value) {
    this.#settings[name] = value;
    fillForm(this.#part("settings"), this.#settings);
    this.#changed(name);
  }

  #edited(name) {
    const problem = readControl(this.#part("settings"), this.#settings, name);
    if (problem === "") delete this.#unusable[name];
    else this.#unusable[name] = problem;
    this.#problems.showOnly(this.#unusable, [name]);
    if (problem === "") this.#changed(name);
  }

  /** Follows a change of a setting, with a new run if it changes the answers. */
  #changed(name) {
    if (name === "test") this.#settings.picture = "test";
    this.#lab.write(schema, this.#settings);
    if (name === "lost") this.#problems.clear("method");
    if (name === "answer") this.#exhibition.choose();
    if (name === "shown") this.#exhibition.showFrame();
    this.#arrange();
    if (name === "picture") this.#pictures.ask(this.#settings);
    // The first run takes what is edited before the engine has started.
    if (VIEW_SETTINGS.includes(name) || this.#models === undefined) return;
    this.#exhibition.dim(true);
    if (name === "picture" && this.#pictures.isMissing(this.#settings)) return;
    if (name === "device" || name === "model" || name === "view" || this.#isQuick) this.#restart();
    else this.#part("start").classList.add("due");
  }

  get #isQuick() {
    return this.#took === null || this.#took <= MAX_QUICK;
  }

  #restart() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), PAUSE);
  }

  #arrange() {
    fillForm(this.#part("settings"), this.#settings);
    this.#form.arrange(this.#settings, this.#models?.pipeline ?? null, this.#models?.chosen ?? null);
    this.#pictures.arrange(this.#settings);
    this.#exhibition.arrange(this.#settings);
  }

  /** The first stroke on a picture that was not painted over starts from an empty mask. */
  #beginStroke() {
    if (this.#settings.lost !== "paint") this.#mask.clear();
    this.#settings.lost = "paint";
  }

  #painted(isOver) {
    this.#exhibition.showMask(this.#mask);
    if (!isOver) return;
    this.#problems.clear("mask");
    this.#set("mask", this.#mask.text);
  }

  #clear() {
    this.#mask.clear();
    this.#settings.lost = "paint";
    this.#exhibition.showMask(this.#mask);
    this.#set("mask", this.#mask.text);
  }

  /** There is a new picture: a file or a frame of the camera. */
  async #tookPicture(kind) {
    const pipeline = this.#models?.pipeline;
    this.#settings.picture = kind;
    if (pipeline?.channels === 1) this.#settings.invert = (await this.#pictures.picture.isBright(pipeline)) ? "on" : "off";
    this.#problems.clear("picture");
    this.#set("picture", kind);
  }

  // Runs.

  #start() {
    clearTimeout(this.#timer);
    const [wrong] = Object.keys(this.#unusable);
    if (wrong !== undefined) return this.#part("settings").elements[wrong].focus();
    this.#problems.clear("run", "model", "device", this.#refused);
    this.#part("use-cpu").hidden = true;
    this.#activity.run((signal) => this.#attempt(signal));
  }

  #showBusy(busy) {
    const [start, cancel] = [this.#part("start"), this.#part("cancel")];
    start.textContent = busy ? "Start over" : "Start";
    if (busy) start.classList.remove("due");
    showBusy(busy, { start, cancel });
  }

  async #attempt(signal) {
    try {
      await this.#run(signal);
    } catch (error) {
      if (signal.aborted) return this.#progress.end("Cancelled.");
      this.#progress.end("Stopped.");
      if (error.place === "device") showNoDevice("No device");
      this.#part("use-cpu").hidden = error.place !== "device" || this.#settings.device === "cpu";
      if (losesModel(error)) this.#models.forget();
      this.#refused = this.#problems.showError(error, PLACES);
    }
  }

  async #run(signal) {
    const pipeline = await this.#pipeline(signal);
    await this.#lab.turn(signal);
    signal.throwIfAborted();
    const settings = structuredClone(this.#settings);
    const picture = settings.view === "restore" ? await this.#observed(settings, pipeline, signal) : null;
    this.#progress.begin("Sampling…");
    const plan = planOf(settings, pipeline, { picture, methods: this.#form.methods });
    const sampling = plan.start(signal);
    try {
      const took = await this.#exhibition.follow(sampling, plan, { progress: this.#progress, lab: this.#lab, signal, onShown: () => (this.#plan = plan) });
      if (took !== null) this.#took = took;
    } finally {
      sampling.free();
    }
  }

  async #pipeline(signal) {
    const { pipeline } = await this.#models.obtain(this.#settings, { signal, progress: this.#progress });
    const problems = this.#form.suit(pipeline, this.#settings);
    // Other messages remain.
    this.#problems.showOnly(problems, Object.keys(problems));
    await this.#pictures.suit(pipeline, this.#settings);
    this.#lab.write(schema, this.#settings);
    this.#arrange();
    return pipeline;
  }

  /** The picture of the settings and what is observed of it. */
  async #observed(settings, pipeline, signal) {
    const size = sizeOf(pipeline);
    const picture = await this.#pictures.picture.valuesFor(settings, pipeline, (sampling) => this.#follow(sampling, signal));
    signal.throwIfAborted();
    this.#mask = Mask.read(settings.mask, size);
    return this.#exhibition.observe(pipeline, settings, { ...picture, mask: this.#mask });
  }

  /** Draws the sample that is restored. */
  async #follow(sampling, signal) {
    this.#progress.begin("Sampling a picture…");
    const showStep = this.#progress.stepper();
    for await (const step of sampling) {
      signal.throwIfAborted();
      showStep(step);
      this.#progress.discount(await this.#lab.turn(signal));
    }
  }
}
