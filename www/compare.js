/** The compare lab: several samplers at several step counts, from one seed, with the cost and the error of each. */

import { loadPrecomputed } from "./compare/precomputed.js";
import { AXES, Comparison } from "./compare/comparison.js";
import { Results, warmUp } from "./compare/compute.js";
import { Pictures } from "./compare/pictures.js";
import { planOf } from "./compare/plan.js";
import { Scatter } from "./compare/scatter.js";
import { fillForm, offerClasses, offerSteps, readForm, sayRefusals, schema } from "./compare/settings.js";
import { pictureOptions, PictureSource, pointOptions, PointSource } from "./compare/sources.js";
import { Table } from "./compare/table.js";
import { drawCurves } from "./plot/curves.js";
import { DATA_FIELDS } from "./points/settings.js";
import { shareCompare } from "./share/compare.js";
import { copyLink, drawnSeed, offerFullScreen, showBusy } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showNoDevice } from "./shell/device-badge.js";
import { html } from "./shell/element.js";
import { losesModel, sizeOf } from "./shell/models.js";
import { Problems } from "./shell/problems.js";
import { duration, Progress } from "./shell/progress.js";
import { dropUnknown, offerCommonOptions, offerSamplers } from "./shell/sampler-chips.js";
import { refusalsOf } from "./shell/samplers.js";

const PREFIX = "compare-";
/** Memory budget of the cached results, in bytes. */
const BUDGET = 128 * 2 ** 20;

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object, models: import("./shell/models.js").Models, points: import("./points/models.js").PointModels }>} engine
 */
export async function mountCompare(lab, engine) {
  const compare = new CompareLab(lab);
  // If the engine is running, another lab may have chosen a model.
  const started = await Promise.race([engine, null]).catch(() => null);
  await compare.show(started?.models.chosen);
  delete lab.section.dataset.loading;
  try {
    await compare.begin(await engine);
  } catch (error) {
    compare.refuse(error);
  }
}

class CompareLab {
  #lab;
  #part;
  #form;
  #settings;
  #problems;
  #progress;
  #table;
  /** The sources, by the setting `source`; null until the engine has started. */
  #sources = null;
  /** The list of `samplers()`. */
  #samplers = [];
  /** Why the model does not support some of them, by name. */
  #refusals = new Map();
  /** Identity of the model to which the results and refusals belong. */
  #identity = null;
  #results = new Results(BUDGET);
  /** The comparison that is shown, or null. */
  #comparison = null;
  /** The precomputed comparison, or null. */
  #precomputed = null;
  /** Whether precomputed results are shown. */
  #isPrecomputed = false;
  /** The batch size of the last warm-up, or null. */
  #warm = null;
  #activity = new Activity((busy) => this.#showBusy(busy));
  /** Whether the next start resumes a cancelled comparison instead of starting over. */
  #resumes = false;

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#part = (id) => root.querySelector(`#${PREFIX}${id}`);
    this.#form = this.#part("settings");
    this.#problems = new Problems(root, PREFIX);
    this.#progress = new Progress(root, PREFIX);
    this.#table = new Table(this.#part("table"));
    const { settings, problems } = lab.read(schema);
    this.#settings = settings;
    offerSteps(this.#form, settings);
    offerCommonOptions(this.#form);
    fillForm(this.#form, settings);
    for (const [name, sentence] of Object.entries(problems)) this.#problems.show([...DATA_FIELDS, "model"].includes(name) ? "source" : name, sentence);
    lab.write(schema, settings);
    drawCurves(this.#part("plot"), [], AXES);
    offerFullScreen(this.#part("enlarge"), this.#part("picture"));
    shareCompare(lab, this.#part("copy"), { settings, plot: this.#part("plot"), comparison: () => this.#comparison });
    this.#connect();
    this.#progress.begin("Starting the engine…");
  }

  /**
   * Shows the layout and the precomputed results before the engine has started.
   * @param {{ model: string, device: string } | null} [chosen]  the model that the images lab uses
   */
  async show(chosen) {
    Object.assign(this.#settings, chosen);
    this.#precomputed = await loadPrecomputed();
    this.#showLayout();
  }

  /** Shows the rows and cells of the settings, with the precomputed results. */
  #showLayout() {
    if (this.#precomputed === null) return;
    const { samplers, refusals, model } = this.#precomputed;
    const isPrecomputed = this.#usePrecomputed();
    if (isPrecomputed) offerClasses(this.#form, { ...this.#settings }, model);
    this.#samplers = samplers;
    this.#refusals = isPrecomputed ? refusals : new Map();
    this.#offerSamplers();
    const ofPictures = () => [pictureOptions(this.#settings, model), new Pictures(Number(this.#settings.count), sizeOf(model))];
    const ofPoints = () => [pointOptions(this.#settings), new Scatter(new Float32Array(0))];
    const [options, look] = this.#settings.source === "pictures" ? ofPictures() : ofPoints();
    const rows = planOf(this.#settings, samplers, { ...model, alphasCumprod: new Float64Array(model.timesteps) }, options);
    this.#table.build(rows, look);
    this.#comparisonOf(rows, look).show();
  }

  /** Uses the precomputed results if they belong to the current model. Returns whether they do. */
  #usePrecomputed() {
    const isPrecomputed = this.#precomputed !== null && this.#settings.source === "pictures" && this.#settings.model === this.#precomputed.model.name;
    if (isPrecomputed) for (const [key, result] of this.#precomputed.results) this.#results.set(key, result);
    return isPrecomputed;
  }

  #comparisonOf(rows, look) {
    return (this.#comparison = new Comparison(rows, look, { results: this.#results, table: this.#table, plot: this.#part("plot") }));
  }

  /** Starts the comparison with the current settings. */
  async begin({ tweedie, models, points }) {
    const [network, ideal] = ["network", "ideal"].map((kind) => new PointSource(tweedie, points, kind));
    Object.assign(this.#settings, points.chosen);
    points.choose(this.#settings);
    [this.#samplers] = await Promise.all([tweedie.samplers(), points.open()]);
    const unknown = dropUnknown(this.#settings, this.#samplers, [this.#samplers[0].name]);
    if (unknown !== "") this.#problems.show("samplers", unknown);
    this.#offerSamplers();
    this.#part("start").disabled = false;
    this.#sources = { pictures: new PictureSource(models), network, ideal };
    await this.#start();
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#progress.end("The engine did not start.");
    this.#problems.show("run", error.message);
  }

  #connect() {
    this.#form.addEventListener("input", ({ target }) => this.#edited(target));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#resumes) this.#results.clear();
      this.#start();
    });
    this.#part("cancel").addEventListener("click", () => this.#activity.cancel());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#lab.shown && this.#activity.cancel());
    this.#part("dice").addEventListener("click", () => this.#drawSeed());
    this.#part("copy").addEventListener("click", () => copyLink(this.#part("copy")));
    this.#part("use-cpu").addEventListener("click", () => {
      this.#settings.device = "cpu";
      this.#run();
    });
    this.#lab.addEventListener("show", () => this.#follow());
  }

  get #source() {
    return this.#sources?.[this.#settings.source] ?? null;
  }

  /** Restarts the comparison if another lab has changed the model. */
  #follow() {
    const identity = this.#source?.follow(this.#settings) ?? null;
    if (identity === null || identity === this.#identity) return;
    this.#problems.clear("source");
    this.#start();
  }

  // Settings.

  #offerSamplers() {
    offerSamplers(this.#form, this.#samplers, this.#settings, this.#refusals);
    sayRefusals(this.#form, this.#samplers, this.#refusals);
    fillForm(this.#form, this.#settings);
  }

  #edited({ name }) {
    const problems = readForm(this.#form, this.#settings);
    this.#problems.showOnly(problems, [name, "source"]);
    if (problems[name] === undefined) this.#start();
  }

  #drawSeed() {
    this.#form.elements.seed.value = drawnSeed();
    this.#edited(this.#form.elements.seed);
  }

  // Activities.

  async #start() {
    if (this.#source === null) {
      this.#lab.write(schema, this.#settings);
      return this.#showLayout();
    }
    this.#source.follow(this.#settings);
    await this.#run();
  }

  /** Runs the comparison of the current settings. */
  async #run() {
    this.#part("use-cpu").hidden = true;
    this.#lab.write(schema, this.#settings);
    await this.#activity.run((signal) => this.#attempt(signal));
  }

  #showBusy(busy) {
    const [start, cancel] = [this.#part("start"), this.#part("cancel")];
    if (busy) this.#resumes = false;
    start.textContent = this.#resumes ? "Continue" : this.#isPrecomputed ? "Compute here" : "Start over";
    showBusy(busy, { start, cancel });
  }

  async #attempt(signal) {
    this.#problems.clear("run");
    try {
      await this.#source.use(this.#settings, { signal, progress: this.#progress }, (compared) => this.#compare(compared, signal));
    } catch (error) {
      this.#resumes = signal.aborted;
      if (signal.aborted) return this.#progress.end("Cancelled.");
      this.#progress.end("Stopped.");
      if (error.place === "device") showNoDevice("No device");
      this.#part("use-cpu").hidden = error.place !== "device" || this.#settings.device === "cpu";
      if (losesModel(error)) this.#source.lose();
      if (error.place === "source") this.#empty();
      this.#problems.show(error.place === "source" ? "source" : "run", error.message);
    }
  }

  /** Clears the comparison. */
  #empty() {
    this.#identity = this.#comparison = null;
    this.#table.clear();
    this.#part("source-hint").replaceChildren();
    drawCurves(this.#part("plot"), [], AXES);
  }

  /** @param {import("./compare/sources.js").Compared} compared */
  async #compare(compared, signal) {
    signal.throwIfAborted();
    const { identity, model, optionsOf, lookOf } = compared;
    if (identity !== this.#identity) await this.#adaptTo(compared);
    const rows = planOf(this.#settings, this.#samplers, model, optionsOf(this.#settings));
    const look = lookOf(this.#settings);
    this.#table.build(rows, look);
    const comparison = this.#comparisonOf(rows, look);
    let paused = 0;
    const turn = async () => {
      paused += await this.#lab.turn(signal);
      signal.throwIfAborted();
    };
    const control = { signal, turn, progress: this.#progress };
    this.#progress.begin("Starting…");
    const { reference } = rows[0];
    const many = reference.options.batch ?? reference.options.count;
    comparison.show();
    if (this.#warm !== many && comparison.pending.length > 0) {
      await warmUp(model, reference.options, control);
      this.#warm = many;
    }
    const began = performance.now();
    const samplings = await comparison.run(model, control);
    const time = duration(performance.now() - began - paused);
    this.#isPrecomputed = comparison.isPrecomputed;
    const cached = this.#isPrecomputed ? "Precomputed results, without run times." : "All results were cached.";
    this.#progress.end(samplings === 0 ? cached : `${samplings} ${samplings === 1 ? "run" : "runs"} in ${time}.`);
  }

  /** Adapts the form to a new model: supported samplers and classes. */
  async #adaptTo({ identity, model, words }) {
    this.#results.clear();
    this.#usePrecomputed();
    this.#warm = null;
    this.#problems.showOnly(offerClasses(this.#form, this.#settings, model), ["class"]);
    this.#refusals = await refusalsOf(model, this.#samplers);
    this.#offerSamplers();
    const chooser = this.#settings.source === "pictures" ? html("a", { href: "#images" }, "Images") : html("a", { href: "#points" }, "Diffusion in 2-D");
    this.#part("source-hint").replaceChildren(`${words} Change it in `, chooser, ".");
    this.#lab.write(schema, this.#settings);
    this.#identity = identity;
  }
}
