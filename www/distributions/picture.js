/** The plot: one run over the exact curves, up to the current step. */

import { Canvas } from "../plot/canvas.js";
import { Frequencies, Histogram } from "../plot/histogram.js";
import { dragged, envelopeHandle, uniformHandle } from "./picture/handles.js";
import { drawCdf, drawStep as drawTransform, drawTrail } from "./picture/inverse.js";
import { drawAxes, layoutOf, within } from "./picture/layout.js";
import { drawEnvelope, drawPoints, drawStep as drawProposal, envelopeAt, highestOf, placeOf } from "./picture/rejection.js";
import { barsOf, ceilingFor, drawBars, drawExact } from "./picture/samples.js";

/** Sample paths fade out in `FADE` seconds. At most `PER_FRAME` are added per frame, so that the eye can follow some. */
const FADE = 1.2;
const PER_FRAME = 2;
/** Number of sample paths that remain with reduced motion and at the end of a run. */
const STANDING = 12;
/** Time constant, in seconds, with which the lower panel's scale follows its bars. */
const EASE = 0.25;

export class Picture {
  #canvas;
  #element;
  #scene = null;
  #run = null;
  #counted = null;
  #done = 0;
  #follows = true;
  #ceiling = null;
  #layout = null;
  /** The `{ u, x }` that the user chose, or null. */
  #chosen = null;
  /** Steps whose path fades out, and their age. */
  #trails = [];

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#element = element;
    this.#canvas = new Canvas(element, (context, area) => this.#scene !== null && this.#draw(context, area));
  }

  /** Shows the exact curves, without samples. */
  showScene(scene) {
    const wasEmpty = this.#scene === null || this.#scene.summary.kind !== scene.summary.kind;
    this.#scene = scene;
    this.#run = null;
    this.#trails = [];
    this.#count();
    if (wasEmpty) this.#ceiling = null;
    this.dim(false);
    this.#canvas.redraw();
  }

  /** Shows a run over the scene. */
  showRun(run) {
    this.#run = run;
    this.#trails = [];
    this.#count();
  }

  /** Number of samples in the histogram. */
  get counted() {
    return this.#counted?.total ?? 0;
  }

  /** Dims the plot while it does not match the controls. */
  dim(isDimmed) {
    this.#element.classList.toggle("dimmed", isDimmed);
  }

  describe(sentence) {
    this.#element.setAttribute("aria-label", sentence);
  }

  /**
   * Makes the envelope and u draggable.
   * @param {{ envelope: (c: number) => void, uniform: (u: number) => void }} on  called with the c that moves the envelope
   *   to the pointer, or with the u at the pointer
   */
  onDrag(on) {
    dragged(this.#element, (event) => {
      if (this.#layout === null) return null;
      const [scene, place] = [this.#scene, this.#canvas.placeOf(event)];
      const isInverse = scene.method === "inverse-cdf";
      const value = isInverse ? uniformHandle(this.#layout, place) : envelopeHandle(scene, this.#layout, place);
      return value && ((later) => (isInverse ? on.uniform : on.envelope)(value(this.#canvas.placeOf(later))));
    });
  }

  /** Shows the path of a chosen u, or none if null. */
  showChosen(chosen) {
    this.#chosen = chosen;
    this.#canvas.redraw();
  }

  #count() {
    const { summary, view, xs } = this.#scene;
    this.#counted = summary.isDiscrete ? new Frequencies(xs) : new Histogram(view);
    this.#done = 0;
  }

  /**
   * Advances to a step.
   * @param {number} done  number of steps, with the fraction of the current one
   * @param {number} seconds  since the last call
   * @param {boolean} follows  whether the current step is animated
   */
  advance(done, seconds, follows) {
    const [before, now] = [Math.floor(this.#done), Math.floor(done)];
    const samples = this.#run.samplesAfter(now);
    if (samples > this.#counted.total) this.#counted.add(this.#run.samples, this.#counted.total, samples);
    for (const trail of this.#trails) trail.age += seconds;
    this.#trails = this.#trails.filter(({ age }) => age < FADE);
    const known = Math.min(now, this.#run.known);
    for (let step = Math.max(before, known - PER_FRAME); step < known; step++) this.#trails.push({ step, age: 0 });
    this.#done = done;
    this.#chosen = null;
    this.#follows = follows;
    this.#ease(seconds);
    this.#canvas.redraw();
  }

  /** Shows a run without animation. */
  stand(done) {
    this.advance(done, 0, false);
    const known = Math.min(Math.floor(done), this.#run.known);
    this.#trails = Array.from({ length: Math.min(STANDING, known) }, (_, step) => ({ step, age: 0.55 * FADE }));
    this.#ceiling = null;
    this.#canvas.redraw();
  }

  #ease(seconds) {
    const target = ceilingFor(this.#scene, barsOf(this.#counted, this.#scene.summary));
    this.#ceiling = this.#ceiling === null ? target : target + (this.#ceiling - target) * Math.exp(-seconds / EASE);
  }

  /** The canvas, for pictures of what is shown. */
  get canvas() {
    return this.#canvas;
  }

  /** The histogram that is shown. */
  get bars() {
    return barsOf(this.#counted, this.#scene.summary);
  }

  /** Draws the picture on another canvas. */
  paint(context, area) {
    this.#draw(context, area);
  }

  #draw(context, area) {
    const scene = this.#scene;
    const bars = barsOf(this.#counted, scene.summary);
    this.#ceiling ??= ceilingFor(scene, bars);
    const isInverse = scene.method === "inverse-cdf";
    const highest = isInverse ? 1 : highestOf(scene);
    const layout = layoutOf(area, scene.view, highest, this.#ceiling);
    this.#layout = layout;
    const { color } = area;
    drawAxes(context, color, layout, { upper: isInverse ? "u" : "p", lower: "p" });
    within(context, layout, layout.below, layout.bottom, () => {
      drawBars(context, color, layout, bars);
      drawExact(context, color, layout, scene);
    });
    if (isInverse) this.#drawInverse(context, color, layout);
    else this.#drawRejection(context, color, layout);
  }

  #drawInverse(context, color, layout) {
    if (this.#run !== null) {
      const { u, x } = this.#run.steps;
      within(context, layout, 0, layout.bottom, () => {
        for (const { step, age } of this.#trails) drawTrail(context, color, layout, { u: u[step], x: x[step] }, 1 - age / FADE);
      });
    }
    drawCdf(context, color, layout, this.#scene);
    if (this.#chosen !== null) return drawTransform(context, color, layout, this.#chosen, 1);
    this.#drawCurrent(({ steps, index, share }) => drawTransform(context, color, layout, { u: steps.u[index], x: steps.x[index] }, share));
  }

  #drawRejection(context, color, layout) {
    const scene = this.#scene;
    within(context, layout, layout.top, layout.middle, () => {
      if (this.#run !== null) drawPoints(context, color, layout, this.#run.steps, Math.min(Math.floor(this.#done), this.#run.known), scene.summary);
      drawEnvelope(context, color, layout, scene);
    });
    this.#drawCurrent(({ steps, index, share }) => {
      const proposal = { x: steps.x[index], height: steps.height[index] };
      const place = placeOf(proposal, index, layout, scene.summary);
      const over = layout.upper.at(envelopeAt(scene, proposal.x));
      drawProposal(context, color, layout, { value: proposal.x, place, over, isAccepted: steps.isAccepted[index] }, share);
    });
  }

  /** Draws the current step, if it is animated. */
  #drawCurrent(draw) {
    const index = Math.floor(this.#done);
    const share = this.#done - index;
    if (this.#run === null || !this.#follows || share === 0 || index >= this.#run.known) return;
    draw({ steps: this.#run.steps, index, share });
  }
}
