/** Step 3: samples of the network during training, always from the same noise, and its loss. */

import { Snapshots } from "../share/snapshots.js";
import { axesLayer, dataLayer, samplesLayer } from "./layers.js";
import { endOf } from "./recording.js";

const PREVIEW = { steps: 20 };
/** More points would slow down the training. */
const MAX_POINTS = 5000;
/** Duration of the transition between two updates. */
const MORPH = 220; // milliseconds
/** Interval between updates with reduced motion. */
const CALM_INTERVAL = 1000; // milliseconds

export class TrainView {
  #workspace;
  #from = new Float32Array(0);
  #to = new Float32Array(0);
  #now = new Float32Array(0);
  #began = 0;
  #frame = null;
  /** The training shown. */
  #run = null;
  #shownAt = -Infinity;
  /** The samples at several steps of the training. */
  #snapshots = new Snapshots();

  constructor(workspace) {
    this.#workspace = workspace;
  }

  async show(signal) {
    const { dataset, stage } = this.#workspace;
    if (this.#run !== this.#workspace.run) this.#from = this.#to = new Float32Array(0);
    this.#run = this.#workspace.run;
    const pane = { title: "", still: [axesLayer, dataLayer(dataset.data.points)], moving: [samplesLayer(() => this.#points())] };
    stage.show([pane], this.#summary());
    this.#workspace.setLegend(["data", "training points"], ["accent", "samples of the network, from fixed noise"]);
    this.#workspace.lossCurve.show(this.#run);
    this.#workspace.lossCurve.describe();
    if (this.#workspace.hasNetwork) await this.#sample(signal);
  }

  /** Shows samples of a newer network. */
  async networkChanged() {
    if (this.#workspace.isCalm && performance.now() - this.#shownAt < CALM_INTERVAL && this.#workspace.training.active !== null) return;
    this.#shownAt = performance.now();
    this.#run = this.#workspace.run;
    await this.#sample();
  }

  hide() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  /** The frames of an animation: the samples as the network learns. */
  get film() {
    const { run, dataset, stage } = this.#workspace;
    if (!this.#snapshots.isOf(run)) return "Available when a network has been trained while this step was shown.";
    const pane = ({ step, points }) => ({ title: `Step ${step} of ${run.steps}`, still: [axesLayer, dataLayer(dataset.data.points)], moving: [samplesLayer(() => points)] });
    return { draw: (share, paint) => stage.as([pane(this.#snapshots.at(share))], paint) };
  }

  async #sample(signal) {
    const { settings, stage } = this.#workspace;
    const samples = await this.#workspace.withModel("network", async (model) => {
      const sampling = model.sample({ ...PREVIEW, count: Math.min(settings.count, MAX_POINTS), seed: settings.seed, signal });
      try {
        return await endOf(sampling);
      } finally {
        sampling.free();
      }
    });
    this.#from = this.#to.length === samples.length ? this.#points().slice() : samples;
    this.#to = samples;
    this.#snapshots.add(this.#workspace.run, samples);
    this.#now = new Float32Array(samples.length);
    this.#began = performance.now();
    if (this.#workspace.isCalm) this.#began = -Infinity;
    stage.redraw();
    this.#animate();
  }

  #animate() {
    cancelAnimationFrame(this.#frame);
    this.#frame = performance.now() - this.#began < MORPH ? requestAnimationFrame(() => this.#animate()) : null;
    this.#workspace.stage.redraw();
  }

  #points() {
    const share = Math.min(1, (performance.now() - this.#began) / MORPH);
    if (share === 1 || this.#from.length !== this.#to.length) return this.#to;
    for (let index = 0; index < this.#now.length; index++) this.#now[index] = this.#from[index] + (this.#to[index] - this.#from[index]) * share;
    return this.#now;
  }

  #summary() {
    const { settings, dataset, run } = this.#workspace;
    const trained = run?.hasModel ? `and samples of the network after ${run.step} steps` : "no trained network yet";
    return `${dataset.data.count} training points of ${this.#workspace.titleOf(settings.data)}, ${trained}.`;
  }
}
