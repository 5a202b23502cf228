/** The picture with what is hidden of it, and the brush that hides and shows it. */

import { Canvas } from "../plot/canvas.js";
import { drawSharp } from "./pixels.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Distance between the lines over a hidden part, in CSS pixels. */
const HATCH = 7;

export class Easel {
  #pad;
  #canvas;
  #radius;
  #onBegin;
  #onStroke;
  #picture = null;
  #size = [1, 1];
  /** @type {import("./mask.js").Mask | null} */
  #mask = null;
  /** 1 where a pixel is seen, or null if nothing is hidden. */
  #seen = null;
  /** Where the brush is, in cells. */
  #place = [0, 0];
  #isHiding = true;
  #isHeld = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} pad  receives pointers and keys
   * @param {object} brush
   * @param {() => number} brush.radius  in cells
   * @param {() => boolean} brush.hides  whether it hides or shows
   * @param {() => void} brush.onBegin  called before a stroke
   * @param {(isOver: boolean) => void} brush.onStroke  called when the mask has changed, and at the end of a stroke
   */
  constructor(canvas, pad, { radius, hides, onBegin, onStroke }) {
    this.#pad = pad;
    this.#radius = radius;
    this.#onBegin = onBegin;
    this.#onStroke = onStroke;
    this.#canvas = new Canvas(canvas, (context, area) => this.#draw(context, area));
    this.#connect(hides);
  }

  /**
   * Shows a picture.
   * @param {CanvasImageSource} image
   * @param {[number, number]} size
   * @param {import("./mask.js").Mask} mask  that the brush changes
   */
  show(image, size, mask) {
    this.#picture = image;
    if (this.#mask?.columns !== mask.columns) this.#place = [mask.columns / 2, mask.rows / 2];
    this.#size = size;
    this.#mask = mask;
    this.#canvas.redraw();
  }

  /** Shows the frames of a camera instead, until the next picture. */
  showFrame(image) {
    this.#picture = image;
    this.#seen = null;
    this.#canvas.redraw();
  }

  /** Shows which pixels are seen, `[height, width]`; null hides nothing. */
  setSeen(seen) {
    this.#seen = seen;
    this.#canvas.redraw();
  }

  #connect(hides) {
    const pad = this.#pad;
    pad.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#mask === null) return;
      this.#isHeld = true;
      this.#isHiding = hides();
      this.#onBegin();
      pad.setPointerCapture(event.pointerId);
      this.#place = this.#cellAt(event);
      this.#paintTo(this.#place);
    });
    pad.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    pad.addEventListener("pointermove", (event) => {
      if (!this.#isHeld) return;
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.#paintTo(this.#cellAt(part));
    });
    for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => this.#lift());
    pad.addEventListener("keydown", (event) => this.#key(event, hides));
    for (const change of ["focus", "blur"]) pad.addEventListener(change, () => this.#canvas.redraw());
  }

  #key(event, hides) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || this.#mask === null) return;
    if (key in MOVES) {
      const { columns, rows } = this.#mask;
      const step = shiftKey ? 4 : 1;
      this.#place = this.#place.map((at, axis) => Math.min([columns, rows][axis], Math.max(0, at + step * MOVES[key][axis])));
      this.#canvas.redraw();
    } else if (key === " ") {
      this.#isHiding = hides();
      this.#onBegin();
      this.#paintTo(this.#place);
      this.#onStroke(true);
    } else return;
    event.preventDefault();
  }

  #cellAt(event) {
    const { x, y } = this.#canvas.placeOf(event);
    const { width, height } = this.#canvas.size;
    return [(x / width) * this.#mask.columns, (y / height) * this.#mask.rows];
  }

  #paintTo(place) {
    this.#mask.line(this.#place, place, this.#radius(), this.#isHiding);
    this.#place = place;
    this.#onStroke(false);
  }

  #lift() {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#onStroke(true);
  }

  #draw(context, { width, height, color }) {
    if (this.#picture === null) return;
    drawSharp(context, this.#picture, { width, height });
    if (this.#seen !== null) this.#drawHidden(context, { width, height, color });
    if (document.activeElement !== this.#pad || this.#mask === null || !this.#pad.matches(":focus-visible")) return;
    const cell = width / this.#mask.columns;
    context.strokeStyle = color("--accent");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(this.#place[0] * cell, this.#place[1] * cell, Math.max(1, this.#radius()) * cell, 0, 2 * Math.PI);
    context.stroke();
  }

  /** Covers what is hidden, and hatches it. */
  #drawHidden(context, { width, height, color }) {
    const [rows, columns] = this.#size;
    const hidden = new Path2D();
    this.#seen.forEach((isSeen, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      if (!isSeen) hidden.rect((column * width) / columns, (row * height) / rows, width / columns + 0.5, height / rows + 0.5);
    });
    context.save();
    context.clip(hidden);
    context.globalAlpha = 0.88;
    context.fillStyle = color("--accent-soft");
    context.fillRect(0, 0, width, height);
    context.globalAlpha = 0.7;
    context.strokeStyle = color("--accent");
    context.lineWidth = 1.25;
    context.beginPath();
    for (let at = -height; at < width; at += HATCH) {
      context.moveTo(at, height);
      context.lineTo(at + height, 0);
    }
    context.stroke();
    context.restore();
  }
}
