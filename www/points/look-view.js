/** Step 5: a model over the whole plane at one time: vector field, density or clean estimates, of the network and the ideal denoiser. */

import { rampOf } from "../plot/color-map.js";
import { heatMapOf } from "../plot/heat-map.js";
import { noised, noiseIn } from "./curves.js";
import { courseToNoise, PLAYBACK } from "./forward-view.js";
import { fieldTable } from "../share/tables.js";
import { arrowsLayer, axesLayer, dataLayer, linesLayer, mapLayer, paleLayer, samplesLayer } from "./layers.js";

const NOISE_SEED = 1;
const ARROW_SPACING = 30; // pixels
/** Size of a density cell in CSS pixels, refined from coarse to fine. */
const CELLS = [28, 14, 7];
/** While the cursor moves, coarse densities are computed at this many times only, and cached. */
const MOMENTS = 50;
const MAX_CACHED = 400;
/** Difference in time, as a fraction of the whole, from which a density is dimmed as outdated. */
const OLD = 0.025;
/** Points per call, small enough to keep sliders responsive. */
const CHUNK = 1024;
const PREDICTED = 400; // points
const WORDS = {
  velocity: "The velocity of the probability flow", score: "The score", density: "The density", clean: "The clean estimates x 0 of noisy points",
};

export class LookView {
  #workspace;
  #isComputing = false;
  #noise = new Float32Array(0);
  /** Cache of densities by model, data, time and grid. */
  #cache = new Map();
  /** The time from 0 to 1 of the density shown, or null if the view always matches the cursor. */
  #shownAt = null;
  /** What is shown, as tables. */
  #tables = [];

  constructor(workspace) {
    this.#workspace = workspace;
  }

  /** The field that is shown. */
  get tables() {
    return this.#tables.length === 0 ? "Available when the field is computed." : this.#tables;
  }

  async show(signal) {
    const { settings, dataset, timeline, tweedie } = this.#workspace;
    const curves = await dataset.curves(settings.schedule);
    const noisiest = await tweedie.forward(dataset.data, { schedule: settings.schedule, time: curves.last, seed: NOISE_SEED });
    this.#noise = noiseIn(noisiest, dataset.data.points, curves.levelAt(curves.last));
    timeline.follow(courseToNoise(curves), settings.time);
    timeline.playback = PLAYBACK;
    this.#workspace.probe.follow(this.#kinds(), { time: () => this.#time() });
    await this.#compute(signal);
  }

  moved() {
    this.#workspace.probe.update();
    // During playback the view updates as fast as it can be computed.
    if (!this.#isComputing) this.#workspace.refresh((signal) => this.#compute(signal));
  }

  /** Updates the view during training, except the density, which takes long to compute. */
  async networkChanged() {
    if (this.#workspace.settings.quantity === "density" || this.#isComputing) return;
    await this.#workspace.refresh((signal) => this.#compute(signal));
    await this.#workspace.probe.update();
  }

  #time() {
    return this.#workspace.timeline.position * this.#workspace.curves.last;
  }

  /** The models shown, the network first. */
  #kinds() {
    const { settings, hasNetwork } = this.#workspace;
    if (!hasNetwork) return ["ideal"];
    return settings.whose === "both" ? ["network", "ideal"] : [settings.whose];
  }

  async #compute(signal) {
    this.#isComputing = true;
    try {
      const { quantity } = this.#workspace.settings;
      let position;
      do {
        // The cursor may move during the computation; the last result is for its final position.
        position = this.#workspace.timeline.position;
        if (quantity === "density") await this.#computeDensity(signal, position);
        else await this.#computeField(quantity);
      } while (position !== this.#workspace.timeline.position && !signal.aborted);
    } finally {
      this.#isComputing = false;
    }
  }

  /** Noisy points at the current time. */
  #noisy() {
    const { dataset, curves } = this.#workspace;
    return noised(dataset.data.points, this.#noise, curves.levelAt(this.#time()), new Float32Array(this.#noise.length));
  }

  async #computeField(quantity) {
    const time = this.#time();
    const noisy = this.#noisy();
    const kinds = this.#kinds();
    const isClean = quantity === "clean";
    const planes = this.#workspace.stage.planes(kinds.length);
    const layers = [];
    const fields = [];
    for (const [index, kind] of kinds.entries()) {
      const points = isClean ? noisy.slice(0, 2 * PREDICTED) : planes[index].grid(ARROW_SPACING).points;
      const values = await this.#workspace.withModel(kind, (model) => model.field(points, { time, quantity }));
      // The velocity points towards noise, and samplers go the other way.
      const vectors = quantity === "velocity" ? values.map((value) => -value) : values;
      fields.push({ model: kind, points, values });
      layers.push(isClean ? [linesLayer(points, values), samplesLayer(() => values)] : [arrowsLayer({ points, vectors }, ARROW_SPACING)]);
    }
    const legend = { velocity: "−<i>v</i>, towards data", score: "∇ log <i>p<sub>t</sub></i>", clean: "clean estimates <i>x̂</i><sub>0</sub>" }[quantity];
    this.#workspace.setLegend(["data", "<i>x<sub>t</sub></i>"], ["accent", legend]);
    this.#tables = [fieldTable(quantity, fields)];
    this.#show(kinds, (index) => [axesLayer, dataLayer(noisy), ...layers[index]]);
  }

  /** The coarse density is shown even if the cursor has moved in the meantime; finer ones are computed once it rests. */
  async #computeDensity(signal, position) {
    const kinds = this.#kinds();
    const maps = new Map();
    for (const cell of CELLS) {
      const moment = cell === CELLS[0] ? Math.round(position * MOMENTS) / MOMENTS : position;
      for (const [index, kind] of kinds.entries()) {
        const grid = this.#workspace.stage.planes(kinds.length)[index].grid(cell);
        grid.values = await this.#cachedDensity(kind, grid, moment, cell, signal);
        maps.set(kind, grid);
        const isWhole = maps.size === kinds.length;
        if (isWhole) this.#showDensity(kinds, maps, moment);
        if (isWhole && position !== this.#workspace.timeline.position) return;
      }
    }
    this.#workspace.say("");
  }

  /** The density of a model on a grid, from the cache if possible. */
  async #cachedDensity(kind, { points, columns, rows }, moment, cell, signal) {
    const { settings, dataset, run } = this.#workspace;
    const isNetwork = kind === "network" && this.#workspace.hasNetwork;
    const key = [isNetwork ? `${run.step} ${run.took}` : settings.ideal, dataset.keyOf(settings), moment, cell, columns, rows].join();
    if (!this.#cache.has(key)) {
      const values = await this.#density(kind, points, moment * this.#workspace.curves.last, signal);
      // Evicts the oldest entry.
      if (this.#cache.size >= MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value);
      this.#cache.set(key, values);
    }
    return this.#cache.get(key);
  }

  async #density(kind, points, time, signal) {
    const values = new Float32Array(points.length / 2);
    for (let from = 0; from < values.length; from += CHUNK) {
      const part = points.subarray(2 * from, 2 * (from + CHUNK)).slice();
      const onProgress = ({ step, steps }) => {
        const done = from + (part.length / 2) * (step / steps);
        this.#workspace.say(`ln p of ${this.#workspace.nameOfModel(kind)}: ${Math.round((100 * done) / values.length)} % of ${values.length} points`);
      };
      const options = kind === "ideal" ? { time, signal } : { time, signal, onProgress };
      values.set(await this.#workspace.withModel(kind, (model) => model.logDensity(part, options)), from);
      signal.throwIfAborted();
    }
    return values;
  }

  /**
   * All panes share one scale, so that they can be compared: that of the first model, which is the network if there is one. The ideal
   * denoiser of points has unbounded peaks at low noise levels.
   */
  #showDensity(kinds, maps, moment) {
    const [{ values }] = maps.values();
    const most = Math.exp(values.reduce((most, value) => Math.max(most, value), -Infinity));
    this.#tables = [fieldTable("density", [...maps].map(([model, { points, values }]) => ({ model, points, values })))];
    this.#workspace.setLegend(["ramp", `<i>p<sub>t</sub></i> from 0 to ${most.toPrecision(2)}`]);
    this.#show(kinds, (index) => {
      const grid = maps.get(kinds[index]);
      if (grid === undefined) return [];
      const densities = { ...grid, values: grid.values.map(Math.exp) };
      return [mapLayer((color) => heatMapOf(densities, [0, most], rampOf(["--surface", "--accent", "--ink"].map(color))))];
    }, moment);
  }

  #show(kinds, still, moment = null) {
    const { settings, stage, probe, curves, timeline } = this.#workspace;
    this.#shownAt = moment;
    const isOld = () => this.#shownAt !== null && Math.abs(timeline.position - this.#shownAt) > OLD;
    const panes = kinds.map((kind, index) => ({ title: this.#workspace.titleOfModel(kind), still: still(index), moving: [paleLayer(isOld), probe.layer(index)] }));
    const time = moment === null ? this.#time() : moment * curves.last;
    stage.show(panes, `${WORDS[settings.quantity]} at time ${Math.round(time)}: ${kinds.map((kind) => this.#workspace.nameOfModel(kind)).join(" and ")}.`);
  }
}
