/** The images lab: a pretrained checkpoint turns noise into pictures, step by step. */

import { readAddress, writeAddress } from "./shell/address.js";
import { showDevice, showNoDevice } from "./shell/device-badge.js";
import { acceptDroppedFolders, chosenFiles } from "./shell/folders.js";
import { showFormulas } from "./images/formulas.js";
import { Models } from "./images/models.js";
import { Problems } from "./images/problems.js";
import { megabytes, Progress } from "./images/progress.js";
import {
  describeGuidance, describeOrigin, EACH_CLASS, fillForm, FOLDER_MODEL, NO_CLASS, offerModel, readForm, samplingOptions, schema,
  SHIPPED_MODEL,
} from "./images/settings.js";
import { Stage } from "./images/stage.js";
import { Trajectory } from "./images/trajectory.js";

/** Under "reduce motion" the grid changes this seldom while it samples. */
const CALM_INTERVAL = 1000; // milliseconds

/**
 * @param {HTMLElement} root  the lab's section
 * @param {Promise<object>} engine  the package's worker entry
 */
export async function mountImages(root, engine) {
  const lab = new ImagesLab(root);
  try {
    await lab.begin(await engine);
  } catch (error) {
    lab.refuse(error);
  }
}

class ImagesLab {
  #root;
  #form;
  #part;
  #models;
  #settings;
  #problems;
  /** Sentences about values that cannot be used, by the name of their setting. */
  #unusable = {};
  #stage;
  #progress;
  /** What runs now: `{ controller, finished }`, or null. */
  #activity = null;

  constructor(root) {
    this.#root = root;
    this.#part = (id) => root.querySelector(`#${id}`);
    this.#form = this.#part("settings");
    this.#stage = new Stage(root);
    this.#progress = new Progress(root);
    this.#problems = new Problems(root);
    const { settings, problems } = readAddress(schema, location.search);
    this.#settings = settings;
    fillForm(this.#form, settings);
    this.#settingsChanged();
    this.#problems.showOnly(problems, Object.keys(problems));
    this.#progress.begin("Starting the engine…");
  }

  /** Takes the engine, connects the controls, and samples at once: a link repeats its picture by itself. */
  async begin(tweedie) {
    this.#models = new Models(tweedie);
    this.#part("start").disabled = false;
    this.#connect();
    await this.#run((signal) => this.#sample(signal));
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
    this.#part("cancel").addEventListener("click", () => this.#cancel());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#cancel());
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
    this.#unusable = readForm(this.#form, this.#settings);
    this.#problems.showOnly(this.#unusable, [control.name]);
    this.#settingsChanged();
    if (control.name === "origin") this.#originChanged();
    if (control.name === "device") this.#load();
  }

  #settingsChanged() {
    writeAddress(schema, this.#settings);
    describeGuidance(this.#form, this.#settings);
    showFormulas(this.#part("formulas"), this.#settings);
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
    this.#models.offerFolder(files);
    this.#form.elements.origin.value = "folder";
    this.#edited(this.#part("folder-input"));
    this.#load();
  }

  #drawSeed() {
    this.#settings.seed = this.#form.elements.seed.value = crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
    this.#edited(this.#form.elements.seed);
  }

  async #copyLink() {
    const button = this.#part("copy");
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = this.#settings.model === FOLDER_MODEL ? "Copied, without the folder" : "Copied";
    } catch {
      button.textContent = "Copy it from the address bar";
    }
    setTimeout(() => (button.textContent = "Copy link"), 2000);
  }

  // Activities: one at a time; a new one cancels the one before it.

  async #run(task) {
    this.#cancel();
    const controller = new AbortController();
    const before = this.#activity?.finished;
    const finished = (async () => {
      await before;
      if (!controller.signal.aborted) await this.#attempt(task, controller.signal);
    })();
    const activity = { controller, finished };
    this.#activity = activity;
    this.#showBusy(true);
    await finished;
    if (this.#activity !== activity) return;
    this.#activity = null;
    this.#showBusy(false);
  }

  #showBusy(busy) {
    const [start, cancel] = [this.#part("start"), this.#part("cancel")];
    start.textContent = busy ? "Start over" : "Start";
    // A disabled button would drop the focus.
    if (!busy && document.activeElement === cancel) start.focus();
    cancel.disabled = !busy;
  }

  #cancel() {
    this.#activity?.controller.abort();
  }

  async #attempt(task, signal) {
    this.#problems.clear("run", "model", "device");
    try {
      await task(signal);
    } catch (error) {
      if (signal.aborted) return this.#progress.end("Cancelled.");
      this.#progress.end("Stopped.");
      if (error.place === "device") showNoDevice("No device");
      // What a lost worker or GPU held is lost: the next start loads the model again.
      const lost = ["worker", "crashed", "device"].includes((error.cause ?? error).code);
      if (lost && error.place !== "device") this.#models.forget();
      this.#problems.showError(error);
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
    if (!this.#models.holds(this.#settings)) await this.#open(signal);
    const { pipeline, device, bytes } = this.#models.current;
    showDevice(device);
    this.#problems.showOnly(offerModel(this.#form, this.#settings, pipeline), ["class"]);
    this.#part("model-facts").textContent = factsOf(pipeline, bytes);
    this.#settingsChanged();
    return pipeline;
  }

  async #open(signal) {
    this.#progress.begin("Opening the model…");
    const device = await this.#models.open(this.#settings.device);
    showDevice(device);
    signal.throwIfAborted();
    await this.#models.load(this.#settings, { device, signal, onProgress: (size) => this.#progress.downloaded(size) });
  }

  async #sample(signal) {
    const pipeline = await this.#pipeline(signal);
    this.#progress.begin("Sampling…");
    const description = describe(this.#settings, pipeline);
    const sampling = pipeline.sample({ ...samplingOptions(this.#settings, pipeline), signal });
    try {
      const noise = await sampling.images();
      const trajectory = new Trajectory(sampling, sizeOf(pipeline), noise);
      this.#stage.follow(trajectory, pipeline.alphasCumprod, description);
      await this.#record(sampling, trajectory, signal);
    } finally {
      sampling.free();
    }
  }

  /** Shows a run as it is recorded; cancelled or failed, what it recorded stays to be looked at. */
  async #record(sampling, trajectory, signal) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const showStep = this.#progress.stepper();
    let shownAt = -Infinity;
    try {
      await trajectory.record(sampling, (progress) => {
        showStep(progress);
        if (calm && performance.now() - shownAt < CALM_INTERVAL) return;
        shownAt = performance.now();
        this.#stage.showLatest();
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

/** Height and width of the samples. */
function sizeOf({ sampleSize }) {
  return typeof sampleSize === "number" ? [sampleSize, sampleSize] : sampleSize;
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
