/** The pad for drawing a density with the pointer or with keys. */

import { Axis, drawBelow } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";
import { areaBetween, pathThrough } from "../plot/line.js";
import { TALLEST } from "./written.js";

const SIZE = 12;
const FRAME = { side: 10, top: 8, bottom: 24 };
/** Keys that move the cursor, and keys that change the height at the cursor. */
const PLACE_KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const HEIGHT_KEYS = { ArrowUp: 3, ArrowDown: -3, PageUp: 12, PageDown: -12 };

export class Pad {
  #element;
  #canvas;
  #knots;
  #onChange;
  #value;
  #cursor;
  /** Last position of the drawing pointer, or null. */
  #last = null;
  #axes = null;

  /**
   * @param {HTMLCanvasElement} element
   * @param {number[]} knots  evenly spaced
   * @param {() => void} onChange
   */
  constructor(element, knots, onChange) {
    this.#element = element;
    this.#knots = knots;
    this.#onChange = onChange;
    this.#value = knots.map(() => 0);
    this.#cursor = knots.length >> 1;
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
    element.setAttribute("aria-valuemax", TALLEST);
    element.addEventListener("keydown", (event) => this.#pressed(event));
    element.addEventListener("pointerdown", (event) => this.#began(event));
    element.addEventListener("pointermove", (event) => this.#last !== null && this.#followed(event));
    element.addEventListener("lostpointercapture", () => (this.#last = null));
    for (const kind of ["focus", "blur"]) element.addEventListener(kind, () => this.#canvas.redraw());
  }

  /** @type {number[]} integer heights at the knots, from 0 to `TALLEST` */
  get value() {
    return this.#value;
  }

  set value(heights) {
    this.#value = [...heights];
    this.#show();
  }

  clear() {
    this.value = this.#value.map(() => 0);
    this.#onChange();
  }

  /** Replaces each height by a weighted mean with its neighbours. */
  smooth() {
    const at = (index) => this.#value[Math.min(this.#value.length - 1, Math.max(0, index))];
    this.value = this.#value.map((height, index) => Math.round((at(index - 1) + 2 * height + at(index + 1)) / 4));
    this.#onChange();
  }

  #show() {
    const [x, height] = [this.#knots[this.#cursor], this.#value[this.#cursor]];
    const place = x.toFixed(1).replace("-", "−");
    this.#element.setAttribute("aria-label", `Drawn density, at x = ${place}`);
    this.#element.setAttribute("aria-valuenow", height);
    this.#element.setAttribute("aria-valuetext", `height ${height} of ${TALLEST} at x = ${place}`);
    this.#canvas.redraw();
  }

  #pressed(event) {
    const { key } = event;
    if (!(key in PLACE_KEYS) && !(key in HEIGHT_KEYS)) return;
    event.preventDefault();
    if (key in PLACE_KEYS) {
      this.#cursor = Math.min(this.#knots.length - 1, Math.max(0, this.#cursor + PLACE_KEYS[key]));
      return this.#show();
    }
    this.#set(this.#cursor, this.#value[this.#cursor] + HEIGHT_KEYS[key]);
    this.#show();
    this.#onChange();
  }

  #began(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#element.focus({ preventScroll: true });
    this.#element.setPointerCapture(event.pointerId);
    this.#last = this.#spotOf(event);
    this.#followed(event);
  }

  /** Sets the heights between the last position of the pointer and this one. */
  #followed(event) {
    const [from, to] = [this.#last, this.#spotOf(event)];
    const steps = Math.max(1, Math.abs(to.index - from.index));
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      this.#set(Math.round(from.index + (to.index - from.index) * share), from.height + (to.height - from.height) * share);
    }
    this.#cursor = to.index;
    this.#last = to;
    this.#show();
    this.#onChange();
  }

  #spotOf(event) {
    const { x, y } = this.#canvas.placeOf(event);
    const share = (this.#axes.x.clampedAt(x) - this.#knots[0]) / (this.#knots.at(-1) - this.#knots[0]);
    return { index: Math.round(share * (this.#knots.length - 1)), height: this.#axes.y.clampedAt(y) };
  }

  #set(index, height) {
    this.#value[index] = Math.round(Math.min(TALLEST, Math.max(0, height)));
  }

  #draw(context, { width, height, type, color }) {
    const bottom = height - FRAME.bottom * type;
    const x = new Axis([this.#knots[0], this.#knots.at(-1)], [FRAME.side, width - FRAME.side]);
    const y = new Axis([0, TALLEST], [bottom, FRAME.top]);
    this.#axes = { x, y };
    drawBelow(context, x, { y: bottom, size: SIZE * type, ink: color("--muted"), line: color("--edge") });
    context.fillStyle = color("--accent");
    context.globalAlpha = 0.28;
    context.fill(areaBetween(this.#knots, this.#knots.map(() => 0), this.#value, x, y));
    context.globalAlpha = 1;
    context.strokeStyle = color("--accent");
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.stroke(pathThrough(this.#knots, this.#value, x, y));
    if (document.activeElement === this.#element) this.#drawCursor(context, color, x, y);
  }

  #drawCursor(context, color, x, y) {
    const place = [x.at(this.#knots[this.#cursor]), y.at(this.#value[this.#cursor])];
    context.strokeStyle = color("--muted");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(place[0], y.from);
    context.lineTo(place[0], y.to);
    context.stroke();
    context.fillStyle = color("--accent");
    context.beginPath();
    context.arc(...place, 5, 0, 2 * Math.PI);
    context.fill();
  }
}
