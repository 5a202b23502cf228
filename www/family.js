/** The generative-models lab: GANs, VAEs, normalizing flows and more, trained and measured on the same points. */

import { copyLink, offerFullScreen } from "./shell/actions.js";
import { showDevice, showNoDevice } from "./shell/device-badge.js";
import { html } from "./shell/element.js";
import { Problems } from "./shell/problems.js";
import { duration, Progress } from "./shell/progress.js";
import { saveFile } from "./shell/save.js";
import { MODELS, titled } from "./family/models.js";
import { DATASETS, DEFAULT_PRESET, fillForm, readControl, schema, TRAINING, trainerOptions } from "./family/settings.js";
import { measurementsTable } from "./family/measures.js";
import { FamilyTable } from "./family/table.js";
import { FIGURE, PANEL } from "./family/template.js";
import { FamilyView } from "./family/view.js";
import { thumbnailOf } from "./points/thumbnail.js";
import { encodeCsv } from "./share/csv.js";
import { shareFamily } from "./share/family.js";
import { FamilyTraining } from "./family/training.js";

const PREFIX = "family-";
/** Number of points in a data set; 20 % are held out for evaluation. */
const POINTS = 5000;
const HELD_OUT = 0.2;

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object }>} engine
 */
export async function mountFamily(lab, engine) {
  lab.section.querySelector("figure").insertAdjacentHTML("afterbegin", FIGURE);
  lab.section.insertAdjacentHTML("beforeend", PANEL);
  const family = new FamilyLab(lab);
  delete lab.section.dataset.loading;
  try {
    await family.begin(await engine);
  } catch (error) {
    family.refuse(error);
  }
}

class FamilyLab {
  #lab;
  #part;
  #form;
  #settings;
  #problems;
  #progress;
  #view;
  #table;
  #tweedie;
  /** Presets and default options by model. */
  #infos = new Map();
  /** Models that the engine offers. */
  #available = [];
  /** @type {FamilyTraining | null} */
  #training = null;
  /** Training data and held-out data. */
  #data = null;

  constructor(lab) {
    this.#lab = lab;
    this.#part = (id) => lab.section.querySelector(`#${PREFIX}${id}`);
    this.#form = this.#part("settings");
    this.#problems = new Problems(lab.section, PREFIX);
    this.#progress = new Progress(lab.section, PREFIX);
    const { settings, problems } = lab.read(schema);
    this.#settings = settings;
    lab.write(schema, settings);
    this.#view = new FamilyView(lab.section, PREFIX);
    this.#table = new FamilyTable(this.#part("table"));
    this.#progress.begin("Starting the engine…");
    this.#problems.showOnly(problems, Object.keys(problems));
    this.#describe();
    fillForm(this.#form, settings);
    lab.section.addEventListener("input", ({ target }) => target.form === this.#form && target.name !== "" && this.#edited(target.name));
  }

  /** Stores the engine, shows the data and starts training immediately. */
  async begin({ tweedie }) {
    this.#tweedie = tweedie;
    const [families, datasets] = await Promise.all([tweedie.families(), tweedie.datasets()]);
    for (const info of families) this.#infos.set(info.name, info);
    this.#available = Object.keys(MODELS).filter((name) => this.#infos.has(name));
    for (const input of this.#form.querySelectorAll('input[name="model"]')) input.closest("label").hidden = !this.#available.includes(input.value);
    this.#dropUnknown();
    this.#offerDatasets(datasets);
    this.#connect();
    fillForm(this.#form, this.#settings);
    this.#describe();
    await tweedie.openDevice("cpu").then(showDevice, () => showNoDevice("No device"));
    this.#part("start").disabled = false;
    await this.#prepare();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.#train();
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#progress.end("Nothing can be computed.");
    this.#problems.show("run", error.message);
  }

  /** A tile for each data set, in the order of the settings. */
  #offerDatasets(datasets) {
    const infos = DATASETS.map((name) => datasets.find((info) => info.name === name)).filter((info) => info !== undefined);
    const tile = ({ name, title }) =>
      html("label", {}, html("input", { type: "radio", name: "data", value: name, form: "family-settings" }), html("span", {}, thumbnailOf(this.#tweedie, name), title));
    this.#part("datasets").replaceChildren(...infos.map(tile));
  }

  /** Replaces a preset that the selected model does not have, for example from an outdated link, by the default. */
  #dropUnknown() {
    const { model, preset } = this.#settings;
    const known = [DEFAULT_PRESET, ...(this.#infos.get(model)?.presets ?? [])];
    if (known.includes(preset)) return;
    this.#settings.preset = DEFAULT_PRESET;
    this.#lab.write(schema, this.#settings);
    this.#problems.show("preset", `The link has the preset “${preset}”, but ${MODELS[model].title} has: ${known.join(", ")}. Using ${DEFAULT_PRESET} instead.`);
    this.#part("presets").hidden = false;
  }

  #connect() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#training?.isRunning) this.#training.pause();
      else this.#train();
    });
    this.#part("cancel").addEventListener("click", () => this.#prepare());
    this.#part("copy").addEventListener("click", () => copyLink(this.#part("copy")));
    shareFamily(this.#lab, this.#part("enlarge"), {
      settings: this.#settings, view: this.#view, table: this.#table,
      plan: () => (this.#data === null ? null : { count: POINTS, heldOut: HELD_OUT, options: this.#options() }),
    });
    this.#part("csv").addEventListener("click", () => this.#saveTable());
    offerFullScreen(this.#part("enlarge"), this.#part("stage"));
    this.#lab.addEventListener("hide", () => this.#training?.pause());
  }

  #edited(name) {
    const problem = readControl(this.#form, this.#settings, name);
    this.#problems.showOnly({ [name]: problem }, [name]);
    if (problem !== "") return;
    if (name === "model") this.#settings.preset = DEFAULT_PRESET;
    this.#lab.write(schema, this.#settings);
    this.#describe();
    if (name === "view" || TRAINING.includes(name)) this.#restart();
  }

  /** Restarts training with the new settings; a field that is still being edited takes effect at the next start. */
  async #restart() {
    const wasRunning = this.#training?.isRunning ?? true;
    await this.#prepare();
    if (wasRunning) this.#train();
  }

  /** Shows the description and the presets of the selected model. */
  #describe() {
    const { view, model, preset } = this.#settings;
    const { title, lines, sentences, paper } = MODELS[model];
    const isOne = view === "one";
    this.#part("models").hidden = !isOne;
    this.#part("loss").hidden = !isOne;
    this.#part("about-title").textContent = isOne ? title : "One task, many models";
    this.#part("formula").innerHTML = isOne ? `<math display="block">${lines}</math>` : "";
    const overview = "Every model trains on the same points, in turn, for its own number of steps. The table fills with the same measurements for each. "
      + "A GAN is fast but has no density; a flow has an exact one; diffusion covers the data but needs many evaluations; distillation removes them.";
    this.#part("about").textContent = isOne ? sentences.join(" ") : overview;
    const link = this.#part("paper");
    link.hidden = !isOne;
    [link.innerHTML, link.href] = paper;
    this.#offerPresets(isOne ? (this.#infos.get(model)?.presets ?? []) : [], preset);
  }

  #offerPresets(presets, chosen) {
    this.#part("presets").hidden = presets.length === 0 && this.#part("preset-error").hidden;
    const place = this.#part("preset-chips");
    const shown = [...place.querySelectorAll("input")].map(({ value }) => value);
    const offered = [DEFAULT_PRESET, ...presets];
    if (shown.join() !== offered.join()) {
      place.replaceChildren(...offered.map((value) => html("label", {}, html("input", { type: "radio", name: "preset", value, form: "family-settings" }), html("span", {}, titled(value)))));
    }
    for (const input of place.querySelectorAll("input")) input.checked = input.value === chosen;
  }

  // Training.

  /** Stops the current training and shows the data. */
  async #prepare() {
    const { data: name, seed } = this.#settings;
    this.#training?.stop();
    this.#training = null;
    this.#showState();
    this.#problems.clear("run");
    if (this.#data?.name !== name || this.#data.seed !== seed) {
      const whole = await this.#tweedie.PointData.named(name, { count: POINTS, seed });
      const [train, heldOut] = await whole.split({ fraction: 1 - HELD_OUT, seed });
      this.#data = { name, seed, train, heldOut };
    }
    this.#view.begin(this.#data.train, this.#models());
    this.#table.begin(this.#models());
    this.#part("csv").disabled = true;
    this.#progress.end("Ready to train.");
  }

  #models() {
    const { view, model } = this.#settings;
    return view === "all" ? this.#available : [this.#available.includes(model) ? model : "diffusion"];
  }

  /** The options of `Trainer.create`, by model. */
  #options() {
    return Object.fromEntries(this.#models().map((model) => [model, trainerOptions(model, this.#settings, this.#infos.get(model))]));
  }

  async #train() {
    if (this.#training === null) {
      this.#training = new FamilyTraining({ tweedie: this.#tweedie, lab: this.#lab, data: this.#data, options: this.#options(), view: this.#view });
      this.#training.addEventListener("change", () => this.#showState());
      this.#training.addEventListener("measured", ({ detail }) => this.#measured(detail));
      this.#training.addEventListener("problem", ({ detail }) => this.#failed(detail));
    }
    await this.#training.run();
  }

  #measured({ model, measurements }) {
    this.#table.show(model, measurements);
    this.#part("csv").disabled = this.#table.measured.length === 0;
  }

  #failed({ model, error }) {
    const place = this.#problems.showError(error);
    if (place === "run" && this.#settings.view === "all") this.#problems.show("run", `${MODELS[model].title}: ${error.message}`);
    this.#table.fail(model);
  }

  #showState() {
    const training = this.#training;
    const start = this.#part("start");
    const words = training === null || training.isFinished ? "Train" : "Resume";
    start.textContent = training?.isRunning ? "Pause" : words;
    this.#part("cancel").disabled = training === null;
    if (training === null) return;
    const { step, steps, milliseconds } = training;
    const sentence = `Step ${step.toLocaleString("en")} of ${steps.toLocaleString("en")} · ${duration(milliseconds)}`;
    if (training.isRunning) this.#progress.show(step, steps, sentence);
    else this.#progress.end(sentence);
  }

  async #saveTable() {
    const { signal } = new AbortController(); // the table is short
    saveFile(await encodeCsv(measurementsTable(this.#table.measured), { signal }), `tweedie-models-${this.#settings.data}.csv`);
  }
}
