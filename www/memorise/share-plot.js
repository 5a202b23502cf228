/** Plot of the share of copies against the number of training points. */

import { Axis, drawLeft, font } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";
import { percent } from "./copies.js";
import { SIZES, sliderOf } from "./settings.js";

const FRAME = { left: 52, right: 16, top: 26, bottom: 26 };
const SIZE = 12;
const CURVES = [
  { name: "ideal", words: "ideal denoiser", color: "--probe", dash: [] },
  { name: "network", words: "network", color: "--accent", dash: [] },
  { name: "draws", words: "new draws of the data", color: "--muted", dash: [3, 4] },
];

export class SharePlot {
  #element;
  #canvas;
  #results;
  #points = SIZES[0];

  /**
   * @param {HTMLCanvasElement} element
   * @param {import("./results.js").Results} results
   */
  constructor(element, results) {
    this.#element = element;
    this.#results = results;
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
  }

  /** Shows the results, and marks a number of points. */
  show(points) {
    this.#points = points;
    this.#canvas.redraw();
    const row = ([points, shares]) => `${points} points: ${CURVES.filter(({ name }) => name in shares).map(({ name, words }) => `${words} ${percent(shares[name])}`).join(", ")}`;
    const rows = this.#results.all.map(row);
    this.#element.setAttribute("aria-label", `Share of copies against the number of training points. ${rows.length === 0 ? "Nothing is measured yet" : rows.join("; ")}.`);
  }

  #draw(context, { width, height, type, color }) {
    const frame = Object.fromEntries(Object.entries(FRAME).map(([side, space]) => [side, space * type]));
    const x = new Axis([0, 1], [frame.left, width - frame.right]);
    const y = new Axis([0, 100], [height - frame.bottom, frame.top]);
    const size = SIZE * type;
    drawLeft(context, y, { x: frame.left, size, ink: color("--muted"), line: color("--line"), across: width - frame.right, spacing: 2.5 * size });
    this.#drawSizes(context, { x, y: height - frame.bottom, size, color });
    this.#mark(context, { x: x.at(sliderOf(this.#points)), from: frame.top, to: height - frame.bottom, color });
    let right = width - frame.right;
    for (const curve of CURVES) {
      this.#drawCurve(context, curve, { x, y, color, type });
      context.font = font(size, "600");
      context.textAlign = "right";
      context.textBaseline = "top";
      context.fillStyle = color(curve.color);
      context.fillText(curve.words, right, 4 * type);
      right -= context.measureText(curve.words).width + 14 * type;
    }
    context.textAlign = "left";
    context.font = font(size);
    context.fillStyle = color("--muted");
    if (right > frame.left + 5 * size) context.fillText("copies, %", 0, 4 * type);
  }

  #drawSizes(context, { x, y, size, color }) {
    context.font = font(size);
    context.fillStyle = color("--muted");
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const points of SIZES) context.fillText(points.toLocaleString("en"), Math.min(x.at(sliderOf(points)), x.to - size / 2), y + 8);
  }

  #mark(context, { x, from, to, color }) {
    context.strokeStyle = color("--ink");
    context.globalAlpha = 0.4;
    context.beginPath();
    context.moveTo(x, from);
    context.lineTo(x, to);
    context.stroke();
    context.globalAlpha = 1;
  }

  #drawCurve(context, { name, color: property, dash }, { x, y, color, type }) {
    const places = this.#results.all.filter(([, shares]) => name in shares).map(([points, shares]) => [x.at(sliderOf(points)), y.at(100 * shares[name])]);
    context.strokeStyle = context.fillStyle = color(property);
    context.lineWidth = 2;
    context.setLineDash(dash);
    context.beginPath();
    for (const place of places) context.lineTo(...place);
    context.stroke();
    context.setLineDash([]);
    if (dash.length > 0) return;
    for (const place of places) {
      context.beginPath();
      context.arc(...place, 3 * type, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

