/** Plot of the log-SNR of the noise schedules over time. */

import { Axis, drawBelow, drawLeft, font, sharp } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";

const FRAME = { left: 34, right: 76, top: 8, bottom: 26 };
/** Range of the log-SNR; outside of it, a sample is almost pure signal or pure noise. */
const RANGE = [-10, 10];
const SIZE = 12;
const LINE = 15; // pixels between two names
/** Number of segments of a curve. */
const PLACES = 120;

export class SnrPlot {
  #canvas;
  #curves = new Map();
  #chosen = "";
  #time = 0;

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
  }

  /**
   * @param {Map<string, import("./curves.js").Curves>} curves  by the name of the schedule
   * @param {string} chosen  the schedule that is highlighted
   */
  show(curves, chosen) {
    this.#curves = curves;
    this.#chosen = chosen;
    this.#canvas.redraw();
  }

  /** Marks a time, from 0 to 1. */
  mark(time) {
    this.#time = time;
    this.#canvas.redraw();
  }

  #draw(context, { width, height, type, color }) {
    const x = new Axis([0, 1], [FRAME.left * type, width - FRAME.right * type]);
    const y = new Axis(RANGE, [height - FRAME.bottom * type, FRAME.top * type]);
    drawLeft(context, y, { x: x.from, size: SIZE * type, ink: color("--muted"), line: color("--line"), across: x.to });
    drawBelow(context, x, { y: y.from, size: SIZE * type, ink: color("--muted"), line: color("--line") });
    const names = [];
    context.save();
    context.beginPath();
    context.rect(x.from, y.to, x.to - x.from, y.from - y.to);
    context.clip();
    for (const [name, curves] of this.#curves) names.push({ name, ...this.#drawCurve(context, { x, y }, curves, this.#look(name, color)) });
    context.restore();
    this.#drawMark(context, { x, y }, color);
    writeNames(context, names, { x: x.to + 6, top: y.to, bottom: y.from, type }, (name) => this.#look(name, color));
  }

  #look(name, color) {
    return name === this.#chosen ? { ink: color("--accent"), width: 3, style: "600" } : { ink: color("--muted"), width: 1.25, style: "" };
  }

  #drawCurve(context, { x, y }, curves, { ink, width }) {
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.beginPath();
    let end = 0;
    for (let place = 0; place <= PLACES; place++) {
      end = y.at(curves.logSnrAt((curves.last * place) / PLACES));
      context[place === 0 ? "moveTo" : "lineTo"](x.at(place / PLACES), end);
    }
    context.stroke();
    return { end };
  }

  #drawMark(context, { x, y }, color) {
    const curves = this.#curves.get(this.#chosen);
    if (curves === undefined) return;
    context.strokeStyle = color("--ink");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(sharp(x.at(this.#time)), y.from);
    context.lineTo(sharp(x.at(this.#time)), y.to);
    context.stroke();
    const height = y.at(Math.min(RANGE[1], Math.max(RANGE[0], curves.logSnrAt(curves.last * this.#time))));
    context.fillStyle = color("--accent");
    context.beginPath();
    context.arc(x.at(this.#time), height, 4.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Writes the names at the ends of their curves, at least one line apart. */
function writeNames(context, names, { x, top, bottom, type }, look) {
  const line = LINE * type;
  const ordered = [...names].sort((one, other) => one.end - other.end);
  let least = top + line / 2;
  const heights = ordered.map(({ end }) => {
    const height = Math.max(least, Math.min(end, bottom));
    least = height + line;
    return height;
  });
  const excess = Math.max(0, (heights.at(-1) ?? 0) - (bottom - line / 2));
  context.textAlign = "left";
  context.textBaseline = "middle";
  ordered.forEach(({ name }, index) => {
    const { ink, style } = look(name);
    context.font = font(SIZE * type, style);
    context.fillStyle = ink;
    context.fillText(name, x, heights[index] - excess);
  });
}
