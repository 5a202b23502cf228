/** Sample quality: distance to held-out points, by sampler and number of steps. */

import { drawCurves } from "../plot/curves.js";
import { html } from "../shell/element.js";
import { losesModel } from "../shell/models.js";
import { asSentence } from "../shell/problems.js";
import { duration } from "../shell/progress.js";
import { isAdaptive } from "../shell/samplers.js";
import { endOf } from "./recording.js";
import { samplingOptions } from "./settings.js";

const STEPS = [2, 5, 10, 20, 50, 100];
const COUNT = 2000;
const HUES = 8;
const AXES = { steps: "steps", evaluations: "network evaluations" };
const METRICS = { "sliced-wasserstein": "sliced Wasserstein distance", mmd: "MMD" };

export class Quality {
  #workspace;
  /** Each `{ sampler, points: [{ steps, evaluations, distances }], refusals }`; `refusals` are error messages by number of steps. */
  #rows = [];
  /** Distances of the training points to the held-out points, as a baseline. */
  #floor = null;

  constructor(workspace) {
    this.#workspace = workspace;
  }

  /** Clears measurements of other data or another model. */
  clear() {
    this.#rows = [];
    this.#floor = null;
    this.draw();
  }

  /** Measures every selected sampler, and shows each result. */
  async measure(signal) {
    const { settings, samplers, dataset } = this.#workspace;
    this.clear();
    this.#floor = await this.#distances(dataset.data.points);
    const chosen = samplers.filter(({ name }) => settings.samplers.includes(name));
    this.#rows = chosen.map((sampler) => ({ sampler, points: [], refusals: new Map() }));
    const began = performance.now();
    for (const steps of STEPS) {
      for (const row of this.#rows) {
        this.#say(`${row.sampler.title}, ${steps} steps…`);
        await this.#measureOne(row, steps, signal);
        this.draw();
      }
    }
    const took = duration(performance.now() - began);
    this.#say(`${COUNT} samples of ${this.#workspace.nameOfModel(settings.model)} per measurement, compared with ${dataset.heldOut.count} held-out points · ${took}`);
  }

  async #measureOne(row, steps, signal) {
    const { settings } = this.#workspace;
    const choosesSteps = isAdaptive(row.sampler);
    if (choosesSteps && row.points.length + row.refusals.size > 0) return;
    try {
      const { samples, evaluations } = await this.#workspace.withModel(settings.model, async (model) => {
        const options = samplingOptions(row.sampler, { ...settings, count: COUNT, steps }, this.#workspace.curves);
        const sampling = model.sample({ ...options, signal });
        try {
          const samples = await endOf(sampling);
          return { samples, evaluations: sampling.completedSteps };
        } finally {
          sampling.free();
        }
      });
      // For an adaptive sampler this is the number of attempted steps.
      const taken = choosesSteps ? Math.round(evaluations / row.sampler.evaluations) : steps;
      row.points.push({ steps: taken, evaluations, distances: await this.#distances(samples) });
    } catch (error) {
      if (signal.aborted || losesModel(error)) throw error;
      // A sampler may need more steps than this.
      row.refusals.set(steps, asSentence(error.message));
    }
  }

  async #distances(samples) {
    const { tweedie, dataset } = this.#workspace;
    const entries = Object.keys(METRICS).map(async (metric) => [metric, await tweedie.distance(samples, dataset.heldOut, { metric })]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Shows the measurements so far, in the selected metric. */
  draw() {
    const { settings, part } = this.#workspace;
    const { metric, against } = settings;
    const curves = this.#rows.map(({ sampler, points }, index) => ({
      label: sampler.title,
      className: `hue-${index % HUES} ${sampler.noise}`,
      points: points.map((point) => ({ x: point[against], y: point.distances[metric] })).filter(({ y }) => y > 0 && Number.isFinite(y)),
    }));
    if (this.#floor !== null && this.#floor[metric] > 0) {
      const all = curves.flatMap(({ points }) => points.map(({ x }) => x));
      const ends = [Math.min(...all, 2), Math.max(...all, 100)];
      curves.push({ label: "training points", className: "floor", points: ends.map((x) => ({ x, y: this.#floor[metric] })) });
    }
    part("quality-plot").parentElement.hidden = this.#rows.length === 0;
    drawCurves(part("quality-plot"), curves, { x: AXES[against], y: METRICS[metric] });
    part("quality-table").replaceChildren(...this.#tableOf(metric));
  }

  #tableOf(metric) {
    if (this.#rows.length === 0) return [];
    const counts = STEPS.map((steps) => html("th", { scope: "col" }, steps === STEPS[0] ? `${steps} steps` : String(steps)));
    return [html("thead", {}, html("tr", {}, ...counts)), ...this.#rows.map((row) => bodyOf(row, metric))];
  }

  #say(sentence) {
    this.#workspace.part("quality-figures").textContent = sentence;
  }
}

/** A sampler's section of the table: its name, its distances and its errors. */
function bodyOf({ sampler, points, refusals }, metric) {
  const across = (name, attributes, words) => html("tr", {}, html(name, { colspan: STEPS.length, ...attributes }, words));
  const lines = [across("th", { scope: "rowgroup" }, sampler.title)];
  if (isAdaptive(sampler)) lines.push(...points.map((point) => across("td", {}, `${written(point.distances[metric])} with ${point.steps} adaptive steps`)));
  else if (points.length > 0) lines.push(html("tr", {}, ...STEPS.map((steps) => html("td", {}, entryOf(steps, points, metric)))));
  const [[steps, sentence] = []] = refusals;
  if (steps !== undefined) lines.push(across("td", { class: "hint" }, points.length > 0 ? `With ${steps} steps: ${sentence}` : sentence));
  return html("tbody", {}, ...lines);
}

function entryOf(steps, points, metric) {
  const point = points.find((point) => point.steps === steps);
  return point === undefined ? "–" : written(point.distances[metric]);
}

const written = (distance) => (Math.abs(distance) < 1e-3 ? distance.toExponential(0) : distance.toFixed(3)).replace("-", "−");
