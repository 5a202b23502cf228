/** Computes a comparison cell by cell, shows each, and measures it once its reference is there. */

import { drawCurves } from "../plot/curves.js";
import { losesModel } from "../shell/models.js";
import { asSentence } from "../shell/problems.js";
import { remaining } from "../shell/progress.js";
import { refusalOf } from "../shell/samplers.js";
import { compute } from "./compute.js";
import { DIVERGED, distance, runsOf } from "./plan.js";
import { hueOf } from "./table.js";

export const AXES = { x: "network evaluations", y: "distance" };

export class Comparison {
  #rows;
  #look;
  #results;
  #table;
  #plot;
  /** Results by the key of their run, those that `#results` may have dropped included. */
  #known = new Map();
  /** Distances by the key of the run that is measured. */
  #distances = new Map();

  /**
   * @param {ReturnType<typeof import("./plan.js").planOf>} rows
   * @param {import("./pictures.js").Pictures | import("./scatter.js").Scatter} look
   * @param {{ results: import("./compute.js").Results, table: import("./table.js").Table, plot: SVGSVGElement }} places
   *   where results are kept and shown; the table has these rows
   */
  constructor(rows, look, { results, table, plot }) {
    this.#rows = rows;
    this.#look = look;
    this.#results = results;
    this.#table = table;
    this.#plot = plot;
  }

  /**
   * Shows what is known, and computes the rest one after another.
   * @returns {Promise<number>}  how many samplings were computed
   */
  async run(model, { signal, turn, progress }) {
    const runs = runsOf(this.#rows);
    const isKnown = ({ key }) => this.#results.get(key) !== undefined;
    for (const run of runs.filter(isKnown)) this.#take(run, this.#results.get(run.key));
    this.#measure();
    const pending = await this.#withoutRefused(model, runs.filter((run) => !isKnown(run)), turn);
    const pace = new Pace(pending, progress);
    for (const run of pending) await this.#perform(model, run, { signal, turn, pace });
    return pending.length;
  }

  /** Says at once which of the runs cannot be, and returns the others. */
  async #withoutRefused(model, runs, turn) {
    const accepted = [];
    for (const run of runs) {
      await turn();
      const refusal = await refusalOf(model, run.options);
      if (refusal === null) accepted.push(run);
      else this.#refuse(run, refusal);
    }
    this.#table.mergeRefusals();
    return accepted;
  }

  #refuse(run, sentence) {
    for (const cell of this.#table.cellsOf(run)) cell.refuse(sentence);
  }

  async #perform(model, run, { signal, turn, pace }) {
    const cells = this.#table.cellsOf(run);
    const onStep = (progress) => {
      for (const cell of cells) cell.showEvaluations(progress.evaluations);
      pace.show(run, progress);
    };
    const onShown = (shown) => cells.forEach((cell) => cell.show(shown));
    try {
      const result = await compute(model, run.options, { signal, turn, onStep, look: this.#look, onShown });
      this.#results.set(run.key, result);
      this.#take(run, result);
      this.#measure();
    } catch (error) {
      if (signal.aborted) cells.forEach((cell) => cell.showCancelled());
      if (signal.aborted || losesModel(error)) throw error;
      this.#refuse(run, asSentence(error.message));
    }
    pace.finish(run);
  }

  #take(run, result) {
    this.#known.set(run.key, result);
    this.#table.cellsOf(run).forEach((cell) => cell.showResult(result));
  }

  /** Measures what has come to be measurable, and draws the curves. */
  #measure() {
    for (const { cells, reference } of this.#rows) {
      const target = this.#known.get(reference.key);
      const measurable = cells.filter(({ key }) => target !== undefined && this.#known.has(key) && !this.#distances.has(key));
      for (const run of measurable) {
        const far = distance(this.#known.get(run.key).values, target.values);
        this.#distances.set(run.key, far);
        this.#table.cellsOf(run).forEach((cell) => cell.showDistance(far));
      }
    }
    drawCurves(this.#plot, this.#rows.map((row, index) => this.#curve(row, index)), AXES);
  }

  #curve({ sampler, cells }, index) {
    // What coincides with its reference has no place on a logarithmic axis, and what has left it far behind no meaning.
    const measured = cells.filter(({ key }) => this.#distances.get(key) > 0 && this.#distances.get(key) <= DIVERGED);
    const points = measured.map(({ key }) => ({ x: this.#known.get(key).evaluations, y: this.#distances.get(key) }));
    return { label: sampler.title, className: hueOf(index, sampler), points };
  }
}

/** How far the pending samplings are, in evaluations of the network. */
class Pace {
  #progress;
  #whole;
  #done = 0;
  /** Of the samplings that are over, and of the latest. */
  #past = { evaluations: 0, milliseconds: 0 };
  #latest = { evaluations: 0, milliseconds: 0 };

  constructor(pending, progress) {
    this.#progress = progress;
    this.#whole = pending.reduce((sum, { evaluations }) => sum + evaluations, 0);
  }

  /** Shows that so many evaluations of a run are done, in so many milliseconds. */
  show(run, { evaluations, milliseconds }) {
    const done = this.#done + Math.min(evaluations, run.evaluations);
    const each = (this.#past.milliseconds + milliseconds) / (this.#past.evaluations + evaluations);
    this.#latest = { evaluations, milliseconds };
    this.#progress.show(done, this.#whole, `${run.title} · ${remaining(each * (this.#whole - done))} left`);
  }

  /** The run is over, at its end or before. */
  finish(run) {
    this.#done += run.evaluations;
    this.#past.evaluations += this.#latest.evaluations;
    this.#past.milliseconds += this.#latest.milliseconds;
    this.#latest = { evaluations: 0, milliseconds: 0 };
  }
}
