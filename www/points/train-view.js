/** Step 3: what the network in training makes of one and the same noise, and its loss. */

import { axesLayer, dataLayer, samplesLayer } from "./layers.js";
import { endOf } from "./recording.js";

const PREVIEW = { steps: 20 };
/** More points than this would take too much of the training's time. */
const MAX_POINTS = 5000;
/** Points move to their next place in so long. */
const MORPH = 220; // milliseconds
/** Under "reduce motion" the preview changes this seldom. */
const CALM_INTERVAL = 1000; // milliseconds

export class TrainView {
  #bench;
  #from = new Float32Array(0);
  #to = new Float32Array(0);
  #now = new Float32Array(0);
  #began = 0;
  #frame = null;
  /** The training that is shown. */
  #run = null;
  #shownAt = -Infinity;

  constructor(bench) {
    this.#bench = bench;
  }

  async show(signal) {
    const { subject, stage } = this.#bench;
    if (this.#run !== this.#bench.run) this.#from = this.#to = new Float32Array(0);
    this.#run = this.#bench.run;
    const pane = { title: "", still: [axesLayer, dataLayer(subject.data.points)], moving: [samplesLayer(() => this.#points())] };
    stage.show([pane], this.#summary());
    this.#bench.setLegend(["data", "training points"], ["accent", "samples of the network, always from the same noise"]);
    this.#bench.lossCurve.show(this.#run);
    this.#bench.lossCurve.describe();
    if (this.#bench.hasNetwork) await this.#sample(signal);
  }

  /** Shows what a newer network makes of the noise. */
  async networkChanged() {
    if (this.#bench.isCalm && performance.now() - this.#shownAt < CALM_INTERVAL && this.#bench.training.active !== null) return;
    this.#shownAt = performance.now();
    this.#run = this.#bench.run;
    await this.#sample();
  }

  hide() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  async #sample(signal) {
    const { settings, stage } = this.#bench;
    const samples = await this.#bench.withModel("network", async (model) => {
      const sampling = model.sample({ ...PREVIEW, count: Math.min(settings.count, MAX_POINTS), seed: settings.seed, signal });
      try {
        return await endOf(sampling);
      } finally {
        sampling.free();
      }
    });
    this.#from = this.#to.length === samples.length ? this.#points().slice() : samples;
    this.#to = samples;
    this.#now = new Float32Array(samples.length);
    this.#began = performance.now();
    if (this.#bench.isCalm) this.#began = -Infinity;
    stage.redraw();
    this.#animate();
  }

  #animate() {
    cancelAnimationFrame(this.#frame);
    this.#frame = performance.now() - this.#began < MORPH ? requestAnimationFrame(() => this.#animate()) : null;
    this.#bench.stage.redraw();
  }

  #points() {
    const share = Math.min(1, (performance.now() - this.#began) / MORPH);
    if (share === 1 || this.#from.length !== this.#to.length) return this.#to;
    for (let index = 0; index < this.#now.length; index++) this.#now[index] = this.#from[index] + (this.#to[index] - this.#from[index]) * share;
    return this.#now;
  }

  #summary() {
    const { settings, subject, run } = this.#bench;
    const trained = run?.hasModel ? `and samples of the network after ${run.step} steps` : "no network is trained yet";
    return `${subject.data.count} training points of ${this.#bench.titleOf(settings.data)}, ${trained}.`;
  }
}
