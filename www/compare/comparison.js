/** Computes a comparison cell by cell, shows each, and measures it once its reference is there. */

import { drawCurves } from "../plot/curves.js";
import { losesModel } from "../shell/models.js";
import { asSentence } from "../shell/problems.js";
import { timeLeft } from "../shell/progress.js";
import { refusalOf } from "../shell/samplers.js";
import { compute } from "./compute.js";
import { DIVERGED, distance, runsOf } from "./plan.js";
import { hueOf } from "./table.js";

export const AXES = { x: "network evaluations", y: "distance" };
const COARSE_AXES = { ...AXES, y: "distance, estimated" };

export class Comparison {
  #rows;
  #look;
  #results;
  #table;
  #plot;
  /** Results by the key of their run, those that `#results` may have dropped included. */
  #known = new Map();
  /** Distances by the key of the run that is measured, each with the key of what it is measured from. */
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

  /** Shows what is known. */
  show() {
    for (const run of runsOf(this.#rows).filter((run) => this.#isKnown(run))) this.#take(run, this.#results.get(run.key));
    this.#measure();
  }

  /** What is not known yet, in the order in which it is computed; a coarse reference only where the exact one is not known. */
  get pending() {
    const cells = new Set(this.#rows.flatMap(({ cells }) => cells.map(({ key }) => key)));
    const exact = new Map(this.#rows.map(({ reference }) => [reference.coarse.key, reference]));
    const isNeeded = ({ key }) => cells.has(key) || !exact.has(key) || !this.#isKnown(exact.get(key));
    return runsOf(this.#rows).filter((run) => !this.#isKnown(run) && isNeeded(run));
  }

  /** Whether something that is shown was computed in advance, on another computer. */
  get isAhead() {
    return [...this.#known.values()].some(({ milliseconds }) => milliseconds === null);
  }

  #isKnown({ key }) {
    return this.#results.get(key) !== undefined;
  }

  /**
   * Shows what is known, and computes the rest one after another.
   * @returns {Promise<number>}  how many samplings were computed
   */
  async run(model, { signal, turn, progress }) {
    this.show();
    const pending = await this.#withoutRefused(model, this.pending, turn);
    const total = new TotalProgress(pending, progress);
    for (const run of pending) await this.#perform(model, run, { signal, turn, total });
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

  async #perform(model, run, { signal, turn, total }) {
    const cells = this.#table.cellsOf(run);
    // A reference that becomes more exact goes on showing what it was.
    const isRefinement = run.coarse !== undefined && this.#known.has(run.coarse.key);
    const onStep = (progress) => {
      for (const cell of cells) cell.showEvaluations(progress.evaluations);
      total.show(run, progress);
    };
    const onShown = (shown) => isRefinement || cells.forEach((cell) => cell.show(shown));
    try {
      const result = await compute(model, run.options, { signal, turn, onStep, look: this.#look, onShown });
      this.#results.set(run.key, result);
      this.#take(run, result);
      this.#measure();
    } catch (error) {
      if (signal.aborted && !isRefinement) cells.forEach((cell) => cell.showCancelled());
      if (signal.aborted || losesModel(error)) throw error;
      this.#refuse(run, asSentence(error.message));
    }
    total.finish(run);
  }

  #take(run, result) {
    this.#known.set(run.key, result);
    this.#table.cellsOf(run).forEach((cell) => cell.showResult(result));
  }

  /** Measures what has come to be measurable, from the exact reference where it is there and else from the coarse one, and draws the curves. */
  #measure() {
    let isExact = true;
    for (const { cells, reference } of this.#rows) {
      const from = [reference, reference.coarse].find(({ key }) => this.#known.has(key));
      if (from === undefined) continue;
      if (from !== reference) isExact = false;
      const measurable = cells.filter(({ key }) => this.#known.has(key) && this.#distances.get(key)?.from !== from.key);
      for (const run of measurable) {
        const far = distance(this.#known.get(run.key).values, this.#known.get(from.key).values);
        this.#distances.set(run.key, { far, from: from.key });
        this.#table.cellsOf(run).forEach((cell) => cell.showDistance(far));
      }
    }
    drawCurves(this.#plot, this.#rows.map((row, index) => this.#curve(row, index)), isExact ? AXES : COARSE_AXES);
  }

  #curve({ sampler, cells }, index) {
    // What coincides with its reference has no place on a logarithmic axis, and what has left it far behind no meaning.
    const measured = cells.filter(({ key }) => this.#distances.get(key)?.far > 0 && this.#distances.get(key).far <= DIVERGED);
    const points = measured.map(({ key }) => ({ x: this.#known.get(key).evaluations, y: this.#distances.get(key).far }));
    return { label: sampler.title, className: hueOf(index, sampler), points };
  }
}

/** How far the pending samplings are, in evaluations of the network. */
class TotalProgress {
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
    const elapsed = this.#past.milliseconds + milliseconds;
    const each = elapsed / (this.#past.evaluations + evaluations);
    this.#latest = { evaluations, milliseconds };
    this.#progress.show(done, this.#whole, [run.title, ...timeLeft(each * (this.#whole - done), elapsed)].join(" · "));
  }

  /** The run is over, at its end or before. */
  finish(run) {
    this.#done += run.evaluations;
    this.#past.evaluations += this.#latest.evaluations;
    this.#past.milliseconds += this.#latest.milliseconds;
    this.#latest = { evaluations: 0, milliseconds: 0 };
  }
}
