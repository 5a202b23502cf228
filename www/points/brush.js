/** Drawing points by hand, with a pointer or by keyboard. */

import { axesLayer, dataLayer } from "./layers.js";

/** Points of a dab scatter about the brush with this standard deviation, in units of the plane. */
const SPREAD = 0.09;
const DAB = 6; // points
/** A dab of the keyboard has more, since there are fewer. */
const KEY_DAB = 24;
/** Dabs of a stroke are so far apart. */
const STRIDE = 0.07;
const MAX_POINTS = 20_000;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const MOVE = 0.15;
const EDGE = 3;

export class Brush {
  #stage;
  #pad;
  #onDrawn;
  /** Each an array of x0, y0, x1, y1, … */
  #strokes = [];
  #stroke = null;
  #last = null;
  #place = [0, 0];

  /**
   * @param {import("./stage.js").Stage} stage
   * @param {HTMLElement} pad  lies over the picture, and takes the pointer and the keys
   * @param {(points: Float32Array) => void} onDrawn  called with all points, `[count, 2]`, after each stroke
   */
  constructor(stage, pad, onDrawn) {
    this.#stage = stage;
    this.#pad = pad;
    this.#onDrawn = onDrawn;
  }

  /** Takes points that were drawn before as one stroke. */
  restore(points) {
    this.#strokes = points.length > 0 ? [Array.from(points)] : [];
  }

  /** Shows what is drawn. */
  show() {
    const points = this.points;
    const cursor = ({ context, plane, color }) => {
      if (document.activeElement !== this.#pad) return;
      context.strokeStyle = color("--accent");
      context.lineWidth = 2;
      context.beginPath();
      context.arc(plane.atX(this.#place[0]), plane.atY(this.#place[1]), 2.5 * SPREAD * plane.scale, 0, 2 * Math.PI);
      context.stroke();
    };
    const drawn = points.length / 2;
    const note = drawn === 0 ? "Draw here: drag to paint points." : undefined;
    const summary = drawn === 0 ? "Nothing is drawn yet." : `${drawn} points drawn by hand.`;
    this.#stage.show([{ title: "", note, still: [axesLayer, dataLayer(points)], moving: [cursor] }], summary);
  }

  get points() {
    return Float32Array.from([...this.#strokes, ...(this.#stroke === null ? [] : [this.#stroke])].flat());
  }

  undo() {
    this.#strokes.pop();
    this.#tell();
  }

  clear() {
    this.#strokes = [];
    this.#tell();
  }

  /** A pointer goes down, moves and goes up. */
  down(event) {
    this.#stroke = [];
    this.#last = null;
    this.move(event);
  }

  move(event) {
    if (this.#stroke === null) return;
    const place = this.#stage.pointAt(event);
    this.#place = place;
    const from = this.#last ?? place;
    const dabs = this.#last === null ? 1 : Math.floor(Math.hypot(place[0] - from[0], place[1] - from[1]) / STRIDE);
    for (let dab = 1; dab <= dabs; dab++) this.#dab([0, 1].map((axis) => from[axis] + ((place[axis] - from[axis]) * dab) / dabs), DAB);
    if (dabs === 0) return;
    this.#last = place;
    this.show();
  }

  up() {
    if (this.#stroke === null) return;
    this.#strokes.push(this.#stroke);
    this.#stroke = null;
    this.#tell();
  }

  /** Whether the key was one of the brush's. */
  key({ key, shiftKey }) {
    if (key in MOVES) {
      const step = MOVE * (shiftKey ? 4 : 1);
      this.#place = this.#place.map((value, axis) => Math.min(EDGE, Math.max(-EDGE, value + step * MOVES[key][axis])));
      this.show();
      return true;
    }
    if (key !== " ") return false;
    this.#stroke = [];
    this.#dab(this.#place, KEY_DAB);
    this.up();
    return true;
  }

  #dab(middle, count) {
    const drawn = this.#strokes.reduce((sum, stroke) => sum + stroke.length / 2, this.#stroke.length / 2);
    for (let index = 0; index < Math.min(count, MAX_POINTS - drawn); index++) {
      const radius = SPREAD * Math.sqrt(-2 * Math.log(1 - Math.random()));
      const angle = 2 * Math.PI * Math.random();
      this.#stroke.push(middle[0] + radius * Math.cos(angle), middle[1] + radius * Math.sin(angle));
    }
  }

  #tell() {
    this.show();
    this.#onDrawn(this.points);
  }
}
