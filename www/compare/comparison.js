/** Computes a comparison cell by cell, shows each result, and measures its distance once the reference is known. */

import { drawCurves } from "../plot/curves.js";
import { losesModel } from "../shell/models.js";
import { asSentence } from "../shell/problems.js";
import { timeLeft } from "../shell/progress.js";
import { refusalOf } from "../shell/samplers.js";
import { compute } from "./compute.js";
import { DIVERGED, distance, runsOf } from "./plan.js";
import { hueOf } from "./table.js";

export const AXES = { x: "network evaluations", y: "distance" };
const COARSE_AXES = { ...AXES, y: "distance (estimate)" };

export class Comparison {
  #rows;
  #look;
  #results;
  #table;
  #plot;
  /** Results by the key of their run, including any that `#results` has evicted. */
  #known = new Map();
  /** Distances by the key of the run, each with the key of its reference. */
  #distances = new Map();

  /**
   * @param {ReturnType<typeof import("./plan.js").planOf>} rows
   * @param {import("./pictures.js").Pictures | import("./scatter.js").Scatter} look
   * @param {{ results: import("./compute.js").Results, table: import("./table.js").Table, plot: SVGSVGElement }} places
   *   where results are cached and shown; the table has these rows
   */
  constructor(rows, look, { results, table, plot }) {
    this.#rows = rows;
    this.#look = look;
    this.#results = results;
    this.#table = table;
    this.#plot = plot;
  }

  /** Shows the known results. */
  show() {
    for (const run of runsOf(this.#rows).filter((run) => this.#isKnown(run))) this.#take(run, this.#results.get(run.key));
    this.#measure();
  }

  /** The runs to compute, in order; a coarse reference only if the exact one is not known. */
  get pending() {
    const cells = new Set(this.#rows.flatMap(({ cells }) => cells.map(({ key }) => key)));
    const exact = new Map(this.#rows.map(({ reference }) => [reference.coarse.key, reference]));
    const isNeeded = ({ key }) => cells.has(key) || !exact.has(key) || !this.#isKnown(exact.get(key));
    return runsOf(this.#rows).filter((run) => !this.#isKnown(run) && isNeeded(run));
  }

  /** Whether some results shown are precomputed. */
  get isPrecomputed() {
    return [...this.#known.values()].some(({ milliseconds }) => milliseconds === null);
  }

  /** The runs whose distance is known. */
  get measures() {
    return this.#rows.flatMap(({ sampler, cells, reference }) => cells.filter(({ key }) => this.#distances.has(key)).map(({ key, options }) => {
      const { far, from } = this.#distances.get(key);
      const { evaluations, milliseconds } = this.#known.get(key);
      const { options: referenceOptions, evaluations: referenceEvaluations } = from === reference.key ? reference : reference.coarse;
      return { sampler, options, steps: options.steps, evaluations, milliseconds, distance: far, referenceOptions, reference: referenceEvaluations };
    }));
  }

  #isKnown({ key }) {
    return this.#results.get(key) !== undefined;
  }

  /**
   * Shows the known results, and computes the others one at a time.
   * @returns {Promise<number>}  number of computed runs
   */
  async run(model, { signal, turn, progress }) {
    this.show();
    const pending = await this.#withoutRefused(model, this.pending, turn);
    const total = new TotalProgress(pending, progress);
    for (const run of pending) await this.#perform(model, run, { signal, turn, total });
    return pending.length;
  }

  /** Shows immediately which runs are not supported, and returns the others. */
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
    // A refined reference keeps showing the coarse one until it is done.
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

  /** Updates the distances, to the exact reference if it is known and else to the coarse one, and draws the curves. */
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
    // A distance of 0 cannot be drawn on a logarithmic axis, and a diverged one has no meaning.
    const measured = cells.filter(({ key }) => this.#distances.get(key)?.far > 0 && this.#distances.get(key).far <= DIVERGED);
    const points = measured.map(({ key }) => ({ x: this.#known.get(key).evaluations, y: this.#distances.get(key).far }));
    return { label: sampler.title, className: hueOf(index, sampler), points };
  }
}

/** Progress over all pending runs, in network evaluations. */
class TotalProgress {
  #progress;
  #whole;
  #done = 0;
  /** Totals of the finished runs, and of the current one. */
  #past = { evaluations: 0, milliseconds: 0 };
  #latest = { evaluations: 0, milliseconds: 0 };

  constructor(pending, progress) {
    this.#progress = progress;
    this.#whole = pending.reduce((sum, { evaluations }) => sum + evaluations, 0);
  }

  /** Shows the progress of a run. */
  show(run, { evaluations, milliseconds }) {
    const done = this.#done + Math.min(evaluations, run.evaluations);
    const elapsed = this.#past.milliseconds + milliseconds;
    const each = elapsed / (this.#past.evaluations + evaluations);
    this.#latest = { evaluations, milliseconds };
    this.#progress.show(done, this.#whole, [run.title, ...timeLeft(each * (this.#whole - done), elapsed)].join(" · "));
  }

  /** Records that a run has ended. */
  finish(run) {
    this.#done += run.evaluations;
    this.#past.evaluations += this.#latest.evaluations;
    this.#past.milliseconds += this.#latest.milliseconds;
    this.#latest = { evaluations: 0, milliseconds: 0 };
  }
}
