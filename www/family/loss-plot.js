/** Plot of a model's named losses against the training step, on a linear axis. */

import { Axis, drawBelow, drawLeft, font } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";
import { smoothed } from "../plot/smoothing.js";

const FRAME = { left: 46, right: 16, top: 22, bottom: 26 };
const SIZE = 12;
const COLORS = ["--accent", "--ink", "--data", "--muted"];
/** Losses are averaged over windows of one SHARE-th of the steps. */
const SHARE = 60;
/** Fraction of extreme values at either end that the axis range ignores. */
const EXTREME = 0.005;

export class LossPlot {
  #element;
  #canvas;
  #run = null;

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#element = element;
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
  }

  /** @param {import("./run.js").FamilyRun | null} run */
  show(run) {
    this.#run = run;
    this.#canvas.redraw();
  }

  /** Updates the text description of the curves for screen readers. */
  get losses() {
    return this.#run?.losses.all ?? [];
  }

  describe() {
    const last = (this.#run?.losses.all ?? []).map(([name, values]) => [name, values.findLast(Number.isFinite)]).filter(([, value]) => value !== undefined);
    const words = last.map(([name, value]) => `${name} ${value.toPrecision(3)}`);
    this.#element.setAttribute("aria-label", words.length === 0 ? "No loss yet." : `Losses after ${this.#run.step} steps: ${words.join(", ")}.`);
  }

  #draw(context, { width, height, type, color }) {
    const frame = Object.fromEntries(Object.entries(FRAME).map(([side, space]) => [side, space * type]));
    const size = SIZE * type;
    const losses = this.#run?.losses.all ?? [];
    const curves = losses.map(([name, values]) => [name, smoothed(filled(values), Math.max(1, values.length / SHARE))]);
    const x = new Axis([0, Math.max(this.#run?.losses.steps ?? 0, 100)], [frame.left, width - frame.right]);
    const y = new Axis(rangeOf(curves.map(([, values]) => values)), [height - frame.bottom, frame.top]);
    drawBelow(context, x, { y: height - frame.bottom, size, ink: color("--muted"), line: color("--line") });
    drawLeft(context, y, { x: frame.left, size, ink: color("--muted"), line: color("--line"), across: width - frame.right });
    let right = width - frame.right;
    curves.forEach(([name, values], index) => {
      const ink = color(COLORS[index % COLORS.length]);
      drawCurve(context, { values, x, y, ink, left: frame.left, top: frame.top, bottom: height - frame.bottom });
      context.font = font(size, "600");
      context.fillStyle = ink;
      context.textAlign = "right";
      context.textBaseline = "top";
      context.fillText(name, right, 2 * type);
      right -= context.measureText(name).width + 14 * type;
    });
  }
}

/** Replaces the missing losses of a step with those of the previous step. */
function filled(values) {
  let last = values.find(Number.isFinite) ?? 0;
  return values.map((value) => (Number.isFinite(value) ? (last = value) : last));
}

function rangeOf(curves) {
  const all = Float32Array.from(curves.flatMap((values) => Array.from(values))).sort();
  if (all.length === 0) return [0, 1];
  const [least, most] = [all[Math.floor(EXTREME * all.length)], all[Math.ceil((1 - EXTREME) * all.length) - 1]];
  const margin = 0.06 * (most - least) || 0.5;
  return [least - margin, most + margin];
}

function drawCurve(context, { values, x, y, ink, left, top, bottom }) {
  context.strokeStyle = ink;
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.beginPath();
  const columns = Math.max(1, Math.round(x.at(values.length) - left));
  for (let column = 0; column <= columns; column++) {
    const value = values[Math.min(values.length - 1, Math.floor((column * values.length) / columns))];
    context.lineTo(left + column, Math.min(bottom, Math.max(top, y.at(value))));
  }
  context.stroke();
}
