/** The training loss over the steps, on a logarithmic axis. */

import { Axis, drawBelow, font, sharp } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";
import { envelope, smoothed } from "../plot/smoothing.js";

/** The loss is smoothed over `WINDOW` steps, or 1/SHARE of all steps if that is less. */
const WINDOW = 100;
const SHARE = 20;
const FRAME = { left: 46, right: 24, top: 10, bottom: 26 };
const SIZE = 12;

export class LossCurve {
  #element;
  #canvas;
  #run = null;

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#element = element;
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
  }

  /** @param {import("./run.js").Run | null} run */
  show(run) {
    this.#run = run;
    this.#canvas.redraw();
  }

  /** Describes the curve for screen readers. */
  describe() {
    const losses = this.#run?.losses ?? [];
    if (losses.length === 0) return this.#element.setAttribute("aria-label", "No loss yet.");
    const smooth = smoothed(losses, windowOf(losses.length));
    const ideal = this.#run.idealLoss === null ? "" : `; loss of the ideal denoiser: ${this.#run.idealLoss.toPrecision(3)}`;
    const [first, last] = [smooth[Math.min(smooth.length - 1, 10)], smooth.at(-1)];
    this.#element.setAttribute("aria-label", `Smoothed loss over ${losses.length} steps: from ${first.toPrecision(3)} to ${last.toPrecision(3)}${ideal}.`);
  }

  #draw(context, { width, height, type, color }) {
    const frame = Object.fromEntries(Object.entries(FRAME).map(([side, space]) => [side, space * type]));
    const size = SIZE * type;
    const losses = this.#run?.losses ?? new Float32Array(0);
    const steps = Math.max(losses.length, Math.min(this.#run?.steps || 1, 4 * losses.length), 100);
    const x = new Axis([0, steps], [frame.left, width - frame.right]);
    const columns = Math.max(1, Math.round(x.at(losses.length) - frame.left));
    const { least, most } = envelope(losses, columns);
    const smooth = smoothed(losses, windowOf(losses.length));
    const floor = this.#run?.idealLoss ?? NaN;
    const y = logarithmic([...least, floor], [...most, floor], [height - frame.bottom, frame.top]);
    drawBelow(context, x, { y: height - frame.bottom, size, ink: color("--muted"), line: color("--line") });
    drawDecades(context, y, { left: frame.left, right: width - frame.right, size, color });
    if (losses.length === 0) return;
    drawBand(context, { least, most }, y, { left: frame.left, ink: color("--accent") });
    if (floor > 0) drawFloor(context, sharp(y.at(Math.log10(floor))), { left: frame.left, right: width - frame.right, size, ink: color("--ink") });
    context.strokeStyle = color("--accent");
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    for (let column = 0; column < columns; column++) {
      const value = smooth[Math.min(smooth.length - 1, Math.floor(((column + 1) * smooth.length) / columns))];
      context[column === 0 ? "moveTo" : "lineTo"](frame.left + column + 0.5, y.at(Math.log10(value)));
    }
    context.stroke();
  }
}

/** A labelled dashed line at the loss of the ideal denoiser. */
function drawFloor(context, y, { left, right, size, ink }) {
  context.save();
  context.strokeStyle = context.fillStyle = ink;
  context.setLineDash([5, 4]);
  context.beginPath();
  context.moveTo(left, y);
  context.lineTo(right, y);
  context.stroke();
  context.font = font(size);
  context.textAlign = "right";
  // Below the line, where there is more space.
  context.textBaseline = "top";
  context.fillText("ideal denoiser", right, y + 4);
  context.restore();
}

const windowOf = (steps) => Math.min(WINDOW, Math.max(1, steps / SHARE));

/** A logarithmic axis that contains all values. */
function logarithmic(least, most, places) {
  let [low, high] = [Infinity, -Infinity];
  for (let index = 0; index < least.length; index++) {
    if (least[index] > 0 && Number.isFinite(least[index])) low = Math.min(low, least[index]);
    if (most[index] > 0 && Number.isFinite(most[index])) high = Math.max(high, most[index]);
  }
  if (!(low <= high)) [low, high] = [0.1, 1];
  const range = [Math.log10(low) - 0.05, Math.log10(high) + 0.05];
  if (range[1] - range[0] < 0.4) range[0] = range[1] - 0.4;
  return new Axis(range, places);
}

/** Grid lines at 1, 2 and 5 times the powers of ten, or at the powers only if there are many. */
function drawDecades(context, axis, { left, right, size, color }) {
  const digits = axis.most - axis.least > 1.6 ? [1] : [1, 2, 5];
  context.font = font(size);
  context.fillStyle = color("--muted");
  context.strokeStyle = color("--line");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.beginPath();
  for (let power = Math.floor(axis.least); power <= axis.most; power++) {
    for (const digit of digits) {
      const value = Math.log10(digit) + power;
      if (value < axis.least || value > axis.most) continue;
      const y = sharp(axis.at(value));
      context.moveTo(left, y);
      context.lineTo(right, y);
      context.fillText(Number(`${digit}e${power}`).toString(), left - 6, y);
    }
  }
  context.stroke();
}

/** Draws the range of losses at each pixel. */
function drawBand(context, { least, most }, y, { left, ink }) {
  const bottom = y.from;
  context.fillStyle = ink;
  context.globalAlpha = 0.22;
  context.beginPath();
  for (let column = 0; column < least.length; column++) {
    if (Number.isNaN(least[column])) continue;
    const top = y.at(Math.log10(Math.max(most[column], Number.MIN_VALUE)));
    const end = least[column] > 0 ? y.at(Math.log10(least[column])) : bottom;
    context.rect(left + column, top, 1, Math.max(1, Math.min(bottom, end) - top));
  }
  context.fill();
  context.globalAlpha = 1;
}
