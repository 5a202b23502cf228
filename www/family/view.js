/**
 * The picture of the lab: the samples of each model over the data. A single model also gets a panel with its overlay.
 */

import { axesLayer, dataLayer, samplesLayer } from "../points/layers.js";
import { Stage } from "../points/stage.js";
import { html } from "../shell/element.js";
import { LossPlot } from "./loss-plot.js";
import { MODELS } from "./models.js";
import { overlayOf } from "./overlays.js";

/** Number of samples if there is one model, and per model if there are several. */
const COUNT = { one: 1500, all: 700 };
/** Duration of the animation from old to new samples. */
const MORPH = 220; // milliseconds
/** Maximum ratio of the time for sampling and overlays to the time between them. */
const SHARE = 0.3;
/** Minimum interval between updates with "prefers-reduced-motion". */
const CALM_INTERVAL = 1000; // milliseconds
const INTERVAL = 120; // milliseconds
/** Before the first overlay. */
const NOTHING = { layers: [], legend: [], title: "The model" };
const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Points animated from old to new positions. */
class Moving {
  from = new Float32Array(0);
  to = new Float32Array(0);
  #began = 0;

  get isMoving() {
    return performance.now() < this.#began + MORPH;
  }

  moveTo(points) {
    this.from = this.to.length === points.length && !isCalm() ? this.now() : points;
    this.to = points;
    this.#began = performance.now();
  }

  now() {
    const share = Math.min(1, (performance.now() - this.#began) / MORPH);
    const eased = share * (2 - share);
    return share === 1 ? this.to : this.to.map((value, index) => this.from[index] + eased * (value - this.from[index]));
  }
}

export class FamilyView {
  #part;
  #stage;
  #lossPlot;
  #data = null;
  #models = [];
  #samples = new Map();
  #overlay = NOTHING;
  /** When samples and overlay of a model may be computed again. */
  #due = new Map();
  #frame = null;

  constructor(root, prefix) {
    this.#part = (id) => root.querySelector(`#${prefix}${id}`);
    this.#stage = new Stage(this.#part("picture"));
    this.#lossPlot = new LossPlot(this.#part("loss-plot"));
  }

  /**
   * Shows the data before training starts.
   * @param data  a `PointData`
   * @param {string[]} models  names of the models to be trained
   */
  begin(data, models) {
    this.#data = data;
    this.#models = models;
    this.#samples = new Map(models.map((model) => [model, new Moving()]));
    this.#overlay = NOTHING;
    this.#due.clear();
    this.#lossPlot.show(null);
    this.#lossPlot.describe();
    this.#part("level").textContent = "";
    this.#show();
  }

  /**
   * Updates the picture of a model, as often as the time budget allows.
   * @param {import("./run.js").FamilyRun} run
   * @param {boolean} isLast  whether this is the final update, which is never skipped
   */
  async update(run, isLast) {
    if (this.#isOne) {
      this.#lossPlot.show(run);
      this.#part("level").textContent = `step ${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}`;
      if (isLast) this.#lossPlot.describe();
    }
    await this.#inTime(`${run.model} samples`, isLast, async () => {
      const samples = await run.trainer.sample({ count: this.count, seed: 0 });
      this.#samples.get(run.model)?.moveTo(samples);
      this.#animate();
    });
    if (this.#isOne) {
      await this.#inTime(`${run.model} overlay`, isLast, async () => {
        const overlay = await overlayOf(run.trainer, this.#stage.planes(2)[1]);
        if (!this.#samples.has(run.model)) return;
        this.#overlay = overlay;
        this.#show();
      });
    }
    if (isLast) this.#part("picture-status").textContent = `${MODELS[run.model].title} has trained for ${run.step} steps.`;
  }

  /** The canvas of the picture. */
  get picture() {
    return this.#stage.picture;
  }

  /** Number of samples that are shown of each model. */
  get count() {
    return this.#isOne ? COUNT.one : COUNT.all;
  }

  /** The samples that are shown, by model. */
  get samples() {
    return [...this.#samples].map(([model, { to }]) => [model, to]).filter(([, points]) => points.length > 0);
  }

  /** The losses that are drawn, by name. */
  get losses() {
    return this.#isOne ? this.#lossPlot.losses : [];
  }

  /** The step that is shown, or "". */
  get state() {
    return this.#part("level").textContent;
  }

  get #isOne() {
    return this.#models.length === 1;
  }

  /** Runs a task unless it ran recently; the minimum interval is proportional to the task's run time. */
  async #inTime(name, always, task) {
    const began = performance.now();
    if (!always && began < (this.#due.get(name) ?? 0)) return;
    await task();
    const took = performance.now() - began;
    this.#due.set(name, performance.now() + Math.max(isCalm() ? CALM_INTERVAL : INTERVAL, took / SHARE));
  }

  #show() {
    const pane = (model) => ({
      title: this.#isOne ? "Samples" : MODELS[model].title,
      still: [axesLayer, dataLayer(this.#data.points)],
      moving: [samplesLayer(() => this.#samples.get(model).now())],
    });
    const panes = this.#models.map(pane);
    if (this.#isOne) panes.push({ title: this.#overlay.title, still: [axesLayer, ...this.#overlay.layers], moving: [] });
    const names = this.#models.map((model) => MODELS[model].title).join(", ");
    this.#stage.show(panes, `Data points, ${this.#data.name}, and samples of ${names}.`);
    this.#setLegend([["data", "training points"], ["accent", "samples"], ...this.#overlay.legend]);
  }

  #setLegend(entries) {
    this.#part("legend").replaceChildren(...entries.map(([key, words]) => html("span", { class: "entry" }, html("span", { class: `key ${key}` }), html("span", {}, words))));
  }

  #animate() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#stage.redraw();
      if ([...this.#samples.values()].some(({ isMoving }) => isMoving)) this.#animate();
    });
  }
}
