/** State that the views of the lab share: settings, data, models and the stage. */

import { html } from "../shell/element.js";
import { Brush } from "./brush.js";
import { LossCurve } from "./loss-curve.js";
import { Probe } from "./probe.js";
import { Quality } from "./quality.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";

/** Interval between announcements. */
const SAY_EVERY = 4000; // milliseconds

export class Workspace {
  /** Titles of the data sets by name. */
  titles = new Map([["drawn", "the drawing"], ["csv", "the CSV"]]);
  /** The list of `samplers()`. */
  samplers = [];
  /** Curves of the selected schedule. */
  curves = null;
  #root;
  #saidAt = 0;

  /**
   * @param {HTMLElement} root  the lab's section
   * @param {object} settings
   * @param {object} engine
   * @param engine.tweedie  the package
   * @param {import("./models.js").PointModels} engine.models
   * @param {object} on
   * @param {(position: number, by: "hand" | "playing") => void} on.move  called when the timeline moves
   * @param {() => void} on.drawn  called after a change of the drawing
   * @param {(x: number, y: number) => void} on.point  called when the probe has moved
   * @param {(task: (signal: AbortSignal) => Promise<void>) => Promise<void>} on.refresh  runs a task instead of the view's computation
   * @param {(step: string) => boolean} on.isShown  whether a step of the lab is visible
   */
  constructor(root, settings, { tweedie, models }, on) {
    this.#root = root;
    this.settings = settings;
    this.tweedie = tweedie;
    this.part = (id) => root.querySelector(`#points-${id}`);
    this.dataset = models.dataset;
    this.training = models.training;
    this.models = models;
    this.stage = new Stage(this.part("picture"));
    this.timeline = new Timeline(root, on.move);
    this.brush = new Brush(this.stage, this.part("pad"), on.drawn);
    this.probe = new Probe(this);
    this.lossCurve = new LossCurve(this.part("loss-curve"));
    this.quality = new Quality(this);
    this.movePoint = on.point;
    this.refresh = on.refresh;
    this.isShown = on.isShown;
  }

  /** Whether the user prefers reduced motion. */
  get isCalm() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** Whether the drawing is edited. */
  get isDrawing() {
    return this.settings.step === "data" && this.settings.data === "drawn";
  }

  /** The training of the current data and schedule, or null. */
  get run() {
    return this.training.runOf(this.dataset.keyOf(this.settings));
  }

  /** Whether there is a network for the current data and schedule. */
  get hasNetwork() {
    return this.run?.hasModel ?? false;
  }

  /** Runs a task with the network if it is requested and exists, or else with the ideal denoiser. */
  async withModel(kind, task) {
    if (kind === "network" && this.hasNetwork) return this.run.use(task);
    return task(await this.dataset.ideal(this.settings));
  }

  titleOf(data) {
    return this.titles.get(data) ?? data;
  }

  /** Name of a model within a sentence. */
  nameOfModel(kind) {
    return kind === "network" && this.hasNetwork ? "the trained network" : "the ideal denoiser";
  }

  /** Title of a model's pane. */
  titleOfModel(kind) {
    if (kind === "network" && this.hasNetwork) return `Network, ${this.run.state === "loaded" ? "from a file" : `${this.run.step} training steps`}`;
    return this.dataset.hasDistribution && this.settings.ideal === "distribution" ? "Ideal denoiser of the distribution" : "Ideal denoiser of the training points";
  }

  /** Shows the legend under the stage. */
  setLegend(...entries) {
    this.part("legend").replaceChildren(...entries.map(([key, words]) => {
      const label = html("span", {});
      label.innerHTML = words;
      return html("span", { class: "entry" }, html("span", { class: `key ${key}` }), label);
    }));
  }

  /** Shows the progress of a view, and announces it at intervals. */
  say(sentence) {
    this.part("busy").textContent = sentence;
    if (performance.now() - this.#saidAt < SAY_EVERY) return;
    this.#saidAt = performance.now();
    this.part("picture-status").textContent = sentence;
  }
}
