/** The lab of points in the plane: data, noise, a network that trains in the tab, sampling, and what the model knows. */

import { copyLink, drawnSeed } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showDevice, showNoDevice } from "./shell/device-badge.js";
import { html } from "./shell/element.js";
import { losesModel } from "./shell/models.js";
import { Problems } from "./shell/problems.js";
import { Progress } from "./shell/progress.js";
import { Bench } from "./points/bench.js";
import { DataPanel } from "./points/data-panel.js";
import { DataView } from "./points/data-view.js";
import { showFormulas } from "./points/formulas.js";
import { ForwardView } from "./points/forward-view.js";
import { LookView } from "./points/look-view.js";
import { MarginalsView } from "./points/marginals-view.js";
import { Pad } from "./points/pad.js";
import { SampleView } from "./points/sample-view.js";
import { arrangeForm, controlOf, fillForm, readControl, schema, STEPS, TRAINING } from "./points/settings.js";
import { Store } from "./points/store.js";
import { TrainPanel } from "./points/train-panel.js";
import { TrainView } from "./points/train-view.js";
import { Training } from "./points/training.js";

const PREFIX = "points-";
const ONWARD = { data: "Next: noise them →", forward: "Next: train a network →", train: "Next: sample from it →", sample: "Next: look inside →", look: "Back to the data" };

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object }>} engine
 */
export async function mountPoints(lab, engine) {
  const points = new PointsLab(lab);
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
  /** Sentences about values that cannot be used, by the name of their control. */
  #unusable = {};
  #progress;
  #bench;
  #training;
  #store;
  #views;
  #view = null;
  #panel;
  #dataPanel;
  #pad;
  #showing = new Activity((busy) => this.#part("picture").classList.toggle("busy", busy));

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
    this.#problems.showOnly(problems, Object.keys(problems));
    lab.write(schema, settings);
    showFormulas(this.#part("formulas"), settings);
    this.#progress.begin("Starting the engine…");
  }

  /** Takes the engine, restores what the tab had, connects the controls, and shows the picture. */
  async begin({ tweedie }) {
    this.#bench = new Bench(this.#root, this.#settings, tweedie, {
      move: (position, by) => this.#moved(position, by),
      drawn: (points) => this.#drawn(points),
      point: (x, y) => this.#pointMoved(x, y),
      refresh: (task) => this.#show(task),
      isShown: (step) => this.#lab.shown && this.#settings.step === step,
    });
    const [datasets, samplers, store] = await Promise.all([tweedie.datasets(), tweedie.samplers(), Store.open()]);
    this.#store = store;
    this.#training = new Training(tweedie, store, {
      busy: () => this.#panel.showState(),
      slice: (run) => this.#panel.slice(run),
      model: (run) => this.#networkChanged(run),
      error: (error) => this.#showError(error, "run"),
    });
    Object.assign(this.#bench, { samplers, training: this.#training });
    for (const { name, title } of datasets) this.#bench.titles.set(name, title);
    this.#panel = new TrainPanel(this.#bench, this.#progress);
    this.#offer(tweedie, datasets, samplers);
    this.#connect();
    const restored = await this.#restore();
    this.#part("start").disabled = false;
    if (restored === null) this.#panel.end(null);
    else this.#panel.restored(restored);
    tweedie.openDevice("cpu").then(showDevice, () => showNoDevice("No device"));
    await this.#show();
  }

  /** The engine did not come up. */
  refuse(error) {
    this.#progress.end("Nothing can be computed.");
    this.#problems.show("run", error.message);
  }

  #offer(tweedie, datasets, samplers) {
    this.#dataPanel = new DataPanel(this.#part);
    this.#dataPanel.offer(tweedie, datasets);
    for (const noise of ["none", "each-step"]) {
      const chips = samplers.filter((sampler) => sampler.noise === noise).map(({ name, title }) =>
        html("label", {}, html("input", { type: "checkbox", name: "samplers", value: name }), html("span", {}, title)));
      this.#form.querySelector(`.chips[data-noise="${noise}"]`).replaceChildren(...chips);
    }
    const forward = new ForwardView(this.#bench, this.#root);
    this.#views = {
      data: new DataView(this.#bench), forward, marginals: new MarginalsView(this.#bench, forward),
      train: new TrainView(this.#bench), sample: new SampleView(this.#bench), look: new LookView(this.#bench),
    };
    this.#pad = new Pad(this.#root, this.#bench.stage, this.#bench);
    this.#settings.samplers = this.#known(samplers);
    fillForm(this.#form, this.#settings);
    this.#panel.describe(this.#settings);
  }

  /** The chosen samplers that there are. */
  #known(samplers) {
    const names = samplers.map(({ name }) => name);
    const unknown = this.#settings.samplers.filter((name) => !names.includes(name));
    if (unknown.length > 0) this.#problems.show("samplers", `There is no sampler ${unknown.map((name) => `“${name}”`).join(", ")}`);
    const known = this.#settings.samplers.filter((name) => names.includes(name));
    return known.length > 0 ? known : [names[0]];
  }

  #connect() {
    // Not all controls of the form lie inside it.
    this.#root.addEventListener("input", ({ target }) => target.form === this.#form && target.name !== "" && this.#edited(target.name));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#on("cancel", () => this.#training.cancel());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#lab.shown && this.#cancel());
    this.#on("dice", () => this.#set("seed", drawnSeed()));
    this.#on("copy", () => copyLink(this.#part("copy"), ["drawn", "csv"].includes(this.#settings.data) ? "Copied, without the points" : "Copied"));
    this.#on("onward", () => this.#set("step", STEPS[(STEPS.indexOf(this.#settings.step) + 1) % STEPS.length]));
    this.#on("undo", () => this.#bench.brush.undo());
    this.#on("clear", () => this.#bench.brush.clear());
    this.#on("measure", () => this.#show((signal) => this.#measure(signal)));
    this.#on("download", () => this.#attempt("weights", () => this.#panel.download(this.#settings.data)));
    this.#on("upload", () => this.#part("upload-input").click());
    this.#on("reset", () => this.#forget());
    this.#part("upload-input").addEventListener("change", ({ target }) => target.files.length > 0 && this.#upload(target.files[0]));
    this.#dataPanel.connectCsv(this.#root, (text) => this.#csv(text));
    this.#lab.addEventListener("show", () => this.#show());
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
    if (problem === "") delete this.#unusable[name];
    else return (this.#unusable[name] = problem);
    this.#lab.write(schema, this.#settings);
    this.#panel.describe(this.#settings);
    showFormulas(this.#part("formulas"), this.#settings);
    if (name === "metric") this.#bench.quality.draw();
    else if (name === "x" || name === "y") this.#bench.probe.update();
    else if (!TRAINING.includes(name)) this.#show();
  }

  #moved(position, by) {
    if (!this.#lab.shown) return this.#bench.timeline.pause();
    if (["forward", "look"].includes(this.#settings.step) && this.#view !== this.#views.marginals) {
      this.#settings.time = Number(position.toFixed(3));
      if (by === "hand") this.#lab.write(schema, this.#settings);
    }
    this.#view?.moved?.(position, by);
    this.#bench.stage.redraw();
  }

  #pointMoved(x, y) {
    Object.assign(this.#settings, { x, y });
    for (const name of ["x", "y"]) this.#form.elements[name].value = this.#settings[name];
    arrangeForm(this.#form, this.#settings);
    this.#lab.write(schema, this.#settings);
  }

  async #drawn(points) {
    this.#bench.subject.offerDrawn(points);
    await this.#store.keep({ own: this.#bench.subject.own });
    await this.#show();
  }

  async #csv(text) {
    this.#bench.subject.offerCsv(text);
    this.#settings.data = this.#form.elements.data.value = "csv";
    if (this.#settings.step !== "data") this.#settings.step = this.#form.elements.step.value = "data";
    arrangeForm(this.#form, this.#settings);
    await this.#show();
    await this.#store.keep({ own: this.#bench.subject.own });
  }

  // What is shown.

  /** Computes and shows the view of the current step; or runs `task` in its place, once the data are there. */
  async #show(task) {
    await this.#showing.run((signal) => this.#attempt("picture", async () => {
      await this.#lab.turn(signal);
      signal.throwIfAborted();
      if (task !== undefined) return task(signal);
      this.#arrange();
      await this.#take();
      signal.throwIfAborted();
      await this.#view.show(signal);
    }, signal));
  }

  /** Brings forward what belongs to the step. */
  #arrange() {
    const { step, dimensions } = this.#settings;
    const view = this.#views[step === "forward" && dimensions === "1" ? "marginals" : step];
    if (view !== this.#view) this.#view?.hide?.();
    this.#view = view;
    this.#bench.timeline.pause();
    this.#bench.say("");
    const isDrawing = step === "data" && this.#settings.data === "drawn";
    this.#part("timeline").hidden = step === "train" || isDrawing;
    this.#part("level").hidden = step === "train" || isDrawing;
    this.#part("loss").hidden = step !== "train";
    this.#part("schedules").hidden = step !== "forward";
    this.#part("onward").textContent = ONWARD[step];
    const isProbed = ["sample", "look"].includes(step) && this.#settings.probe === "on";
    this.#pad.offer(isDrawing ? "brush" : isProbed ? "probe" : null);
  }

  /** Makes the data those that the settings name; a training on others pauses. */
  async #take() {
    const { subject, quality } = this.#bench;
    const { active } = this.#training;
    if (active !== null && active.key !== subject.keyOf(this.#settings)) this.#training.pause();
    try {
      if (await subject.take(this.#settings)) quality.clear();
    } finally {
      this.#dataPanel.describe(this.#settings, subject);
    }
    this.#bench.curves = await subject.curves(this.#settings.schedule);
    this.#describeModels();
    this.#panel.showState();
    if (this.#training.active === null) this.#panel.end(this.#bench.run);
  }

  /** Offers the models that there are. */
  #describeModels() {
    const { hasNetwork, subject } = this.#bench;
    const none = "No network is trained on these data yet; the ideal denoiser stands in for it.";
    this.#part("model-hint").textContent = hasNetwork ? "" : none;
    this.#part("whose-hint").textContent = hasNetwork ? "" : none;
    this.#part("ideal-field").disabled = false;
    for (const radio of this.#form.querySelectorAll('input[name="ideal"][value="distribution"]')) radio.disabled = !subject.hasDistribution;
  }

  async #networkChanged(run) {
    if (!this.#lab.shown || run !== this.#bench.run) return;
    this.#describeModels();
    await this.#view?.networkChanged?.(run);
  }

  async #measure(signal) {
    await this.#take();
    await this.#bench.quality.measure(signal);
  }

  // Training.

  async #start() {
    if (this.#training.active !== null) return this.#training.pause();
    const [unusable] = Object.keys(this.#unusable);
    if (unusable !== undefined) return this.#focus(unusable);
    this.#problems.clear("run", "weights", ...TRAINING);
    if (this.#settings.step !== "train") this.#set("step", "train");
    await this.#attempt("run", async () => {
      const { subject } = this.#bench;
      await subject.take(this.#settings);
      this.#panel.begin();
      const key = subject.keyOf(this.#settings);
      await this.#training.start(key, subject.data, this.#settings);
      this.#panel.end(this.#training.runOf(key));
      // What took too long to follow every change of the network shows it as it has become.
      if (this.#settings.step !== "train" && this.#lab.shown) await this.#show();
    });
  }

  /** Leads to a control that has an unusable value, even in a closed fold. */
  #focus(name) {
    const control = this.#form.elements[name];
    const fold = control.closest?.("details");
    if (fold) fold.open = true;
    control.focus?.();
  }

  async #forget() {
    await this.#training.forget(this.#bench.subject.keyOf(this.#settings));
    this.#panel.end(null);
    await this.#show();
  }

  async #upload(file) {
    this.#part("upload-input").value = "";
    await this.#attempt("weights", async () => {
      const model = await this.#bench.tweedie.PointModel.fromSafetensors(new Uint8Array(await file.arrayBuffer()));
      const run = await this.#training.take(this.#bench.subject.keyOf(this.#settings), model);
      this.#panel.end(run);
    });
    await this.#show();
  }

  /** Brings back the points and the training that this tab had before a reload; resolves to the run, or null. */
  async #restore() {
    const { subject, brush } = this.#bench;
    const { own } = this.#store.kept;
    if (own !== undefined) {
      subject.restoreOwn(own);
      brush.restore(own.drawn.points ?? []);
      this.#part("csv").value = own.csv.text ?? "";
    }
    try {
      return await this.#training.restore();
    } catch (error) {
      this.#problems.show("weights", `What this tab had trained cannot be read: ${error.message}`);
      return null;
    }
  }

  #cancel() {
    this.#training.cancel();
    this.#showing.cancel();
    this.#bench.timeline.pause();
  }

  // Problems.

  async #attempt(place, task, signal) {
    this.#problems.clear(place, ...(place === "picture" ? ["data", "csv", "ideal"] : []));
    try {
      await task();
    } catch (error) {
      if (signal?.aborted) return;
      this.#showError(error, place);
    }
  }

  #showError(error, fallback) {
    if (losesModel(error)) {
      this.#bench.subject.forget();
      this.#training.lose();
    }
    const place = error.place ?? controlOf(error, fallback);
    this.#problems.show(place, error.message);
    const fold = this.#part(`${place}-error`)?.closest("details");
    if (fold) fold.open = true;
    if (this.#training.active === null) this.#panel.end(this.#bench.run);
  }
}
