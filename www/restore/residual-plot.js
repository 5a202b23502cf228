/** The residual of each answer against the step, beside the noise level of the observation. */

import { Axis, drawBelow, drawLeft, font } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";

const FRAME = { left: 40, right: 12, top: 8, bottom: 22 };
const SIZE = 11;
/** The axis ends at least here, in units of [−1, 1]. */
const LEAST = 0.1;

export class ResidualPlot {
  #element;
  #canvas;
  #residuals = [];
  #noise = 0;
  #steps = 1;

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#element = element;
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
  }

  begin(noise, steps) {
    this.#noise = noise;
    this.#steps = steps;
    this.#residuals = [];
    this.#canvas.redraw();
  }

  /** @param {Float32Array} residual  of each answer */
  add(step, steps, residual) {
    this.#steps = steps;
    this.#residuals.push([step, residual]);
    this.#canvas.redraw();
  }

  /** Mean and standard deviation over the answers after the last step, or null. */
  get last() {
    const values = this.#residuals.at(-1)?.[1];
    if (values === undefined) return null;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
  }

  /** The recorded residuals: a row of `[step, …residual of each answer]` per step. */
  get rows() {
    return this.#residuals.map(([step, values]) => [step, ...values]);
  }

  describe() {
    const { last } = this;
    this.#element.setAttribute("aria-label", last === null ? "No residual yet." : `Residual ${last.mean.toPrecision(2)}, noise level ${this.#noise}.`);
  }

  #draw(context, { width, height, type, color }) {
    const frame = Object.fromEntries(Object.entries(FRAME).map(([side, space]) => [side, space * type]));
    const size = SIZE * type;
    const largest = Math.max(LEAST, 1.6 * this.#noise, ...this.#residuals.flatMap(([, values]) => Array.from(values)).filter(Number.isFinite));
    const x = new Axis([0, this.#steps], [frame.left, width - frame.right]);
    const y = new Axis([0, 1.05 * largest], [height - frame.bottom, frame.top]);
    const look = { size, ink: color("--muted"), line: color("--line") };
    drawBelow(context, x, { y: height - frame.bottom, ...look });
    drawLeft(context, y, { x: frame.left, ...look, across: width - frame.right });
    context.lineWidth = 1.25;
    context.lineJoin = "round";
    context.strokeStyle = color("--accent");
    context.globalAlpha = 0.6;
    for (let answer = 0; answer < (this.#residuals[0]?.[1].length ?? 0); answer++) {
      context.beginPath();
      for (const [step, values] of this.#residuals) context.lineTo(x.at(step), y.at(values[answer]));
      context.stroke();
    }
    context.globalAlpha = 1;
    context.strokeStyle = color("--ink");
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(frame.left, y.at(this.#noise));
    context.lineTo(width - frame.right, y.at(this.#noise));
    context.stroke();
    context.setLineDash([]);
    context.font = font(size, "600");
    context.fillStyle = color("--ink");
    context.textAlign = "right";
    context.textBaseline = "bottom";
    context.fillText("noise level", width - frame.right, y.at(this.#noise) - 2);
  }
}
