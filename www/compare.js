/** The compare lab: samplers against numbers of steps, all from one seed, with what each costs and how far it gets. */

import { Comparison } from "./compare/comparison.js";
import { Results, warmUp } from "./compare/compute.js";
import { planOf } from "./compare/plan.js";
import { fillForm, offerClasses, offerSamplers, offerSteps, readForm, schemaFor } from "./compare/settings.js";
import { Table } from "./compare/table.js";
import { copyLink, drawnSeed, showBusy } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showNoDevice } from "./shell/device-badge.js";
import { losesModel, sizeOf } from "./shell/models.js";
import { Problems } from "./shell/problems.js";
import { duration, Progress } from "./shell/progress.js";
import { refusalsOf } from "./shell/samplers.js";

const PREFIX = "compare-";
/** Bytes of results that are kept for the case that their settings come back. */
const BUDGET = 128 * 2 ** 20;
const NARROW = "(max-width: 30rem)";

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object, models: import("./shell/models.js").Models }>} engine
 */
export async function mountCompare(lab, engine) {
  const compare = new CompareLab(lab);
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
  #schema = schemaFor(matchMedia(NARROW).matches);
  #settings;
  #problems;
  #progress;
  #table;
  #models;
  /** What `samplers()` lists. */
  #samplers = [];
  /** The pipeline that the results and refusals belong to. */
  #pipeline = null;
  #results = new Results(BUDGET);
  /** How many pictures it has computed at a time before, so that nothing is left to be compiled. */
  #warm = null;
  #activity = new Activity((busy) => this.#showBusy(busy));
  /** Whether the next start goes on with what was left, instead of computing all anew. */
  #resumes = false;

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#part = (id) => root.querySelector(`#${PREFIX}${id}`);
    this.#form = this.#part("settings");
    this.#problems = new Problems(root, PREFIX);
    this.#progress = new Progress(root, PREFIX);
    this.#table = new Table(this.#part("table"));
    const { settings, problems } = lab.read(this.#schema);
    this.#settings = settings;
    offerSteps(this.#form, settings);
    fillForm(this.#form, settings);
    this.#problems.showOnly(problems, Object.keys(problems));
    lab.write(this.#schema, settings);
    this.#progress.begin("Starting the engine…");
  }

  /** Takes the engine, connects the controls, and compares at once. */
  async begin({ tweedie, models }) {
    this.#models = models;
    this.#samplers = await tweedie.samplers();
    this.#dropUnknownSamplers();
    this.#offerSamplers(new Map());
    this.#part("start").disabled = false;
    this.#connect();
    Object.assign(this.#settings, models.chosen);
    await this.#start();
  }

  /** The engine did not come up. */
  refuse(error) {
    this.#progress.end("Nothing can be compared.");
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
    this.#lab.addEventListener("show", () => this.#followModel());
  }

  /** Another lab may have loaded another model meanwhile. */
  #followModel() {
    if (this.#models.chosen === null || this.#models.pipeline === this.#pipeline) return;
    Object.assign(this.#settings, this.#models.chosen);
    this.#start();
  }

  // Settings.

  #dropUnknownSamplers() {
    const names = this.#samplers.map(({ name }) => name);
    const unknown = this.#settings.samplers.filter((name) => !names.includes(name));
    if (unknown.length === 0) return;
    const known = this.#settings.samplers.filter((name) => names.includes(name));
    this.#settings.samplers = known.length > 0 ? known : [names[0]];
    this.#problems.show("samplers", `There is no sampler ${unknown.map((name) => `“${name}”`).join(", ")}`);
  }

  #offerSamplers(refusals) {
    offerSamplers(this.#form, this.#samplers, refusals, this.#settings);
    fillForm(this.#form, this.#settings);
  }

  #edited({ name }) {
    const problems = readForm(this.#form, this.#settings, this.#schema);
    this.#problems.showOnly(problems, [name]);
    if (problems[name] === undefined) this.#start();
  }

  #drawSeed() {
    this.#form.elements.seed.value = drawnSeed();
    this.#edited(this.#form.elements.seed);
  }

  // Activities.

  async #start() {
    this.#lab.write(this.#schema, this.#settings);
    await this.#activity.run((signal) => this.#attempt(signal));
  }

  #showBusy(busy) {
    const [start, cancel] = [this.#part("start"), this.#part("cancel")];
    if (busy) this.#resumes = false;
    start.textContent = this.#resumes ? "Continue" : "Start over";
    showBusy(busy, { start, cancel });
  }

  async #attempt(signal) {
    this.#problems.clear("run");
    try {
      await this.#compare(signal);
    } catch (error) {
      this.#resumes = signal.aborted;
      if (signal.aborted) return this.#progress.end("Cancelled; what was computed stays.");
      this.#progress.end("Stopped.");
      if (error.place === "device") showNoDevice("No device");
      if (losesModel(error)) this.#models.forget();
      this.#problems.show("run", error.message);
    }
  }

  async #compare(signal) {
    const { pipeline } = await this.#models.obtain(this.#settings, { signal, progress: this.#progress });
    if (pipeline !== this.#pipeline) await this.#meet(pipeline);
    const [height, width] = sizeOf(pipeline);
    const rows = planOf(this.#settings, this.#samplers, pipeline);
    this.#table.build(rows, { count: Number(this.#settings.count), width, height });
    const comparison = new Comparison(rows, { results: this.#results, table: this.#table, plot: this.#part("plot") });
    let paused = 0;
    const turn = async () => {
      paused += await this.#lab.turn(signal);
      signal.throwIfAborted();
    };
    const control = { signal, turn, progress: this.#progress };
    this.#progress.begin("Starting…");
    if (this.#warm !== this.#settings.count) await warmUp(pipeline, rows[0].reference.options, control);
    this.#warm = this.#settings.count;
    const began = performance.now();
    const samplings = await comparison.run(pipeline, control);
    const time = duration(performance.now() - began - paused);
    this.#progress.end(samplings === 0 ? "All of this was known already." : `${samplings} samplings in ${time}.`);
  }

  /** Takes up a model that was not there before: what it can run, and what it can draw. */
  async #meet(pipeline) {
    this.#results.clear();
    this.#warm = null;
    this.#problems.showOnly(offerClasses(this.#form, this.#settings, pipeline), ["class"]);
    this.#offerSamplers(await refusalsOf(pipeline, this.#samplers));
    this.#lab.write(this.#schema, this.#settings);
    this.#pipeline = pipeline;
  }
}
