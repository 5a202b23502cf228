/** The drawing: strokes of the pointer or the keyboard, and a typed word. */

import { axesLayer, dataLayer } from "./layers.js";
import { beginStroke, BRUSH_STD, extendStroke, pointsOfStroke, readStrokes, writeStrokes } from "./strokes.js";
import { pointsOfWord } from "./word.js";

const MAX_POINTS = 20_000;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const MOVE = 0.15;
const EDGE = 3;

export class Brush {
  #stage;
  #pad;
  #onDrawn;
  /** Each `{ stroke, points }`. */
  #strokes = [];
  #stroke = null;
  #word = { text: "", points: [] };
  #place = [0, 0];

  /**
   * @param {import("./stage.js").Stage} stage
   * @param {HTMLElement} pad  overlay of the stage that receives pointer and key events
   * @param {() => void} onDrawn  called after each change of the drawing
   */
  constructor(stage, pad, onDrawn) {
    this.#stage = stage;
    this.#pad = pad;
    this.#onDrawn = onDrawn;
  }

  /** Replaces the drawing. */
  restore({ strokes, word }) {
    this.#strokes = readStrokes(strokes).map(withPoints);
    this.#stroke = null;
    this.#write(word);
  }

  /** The drawing as texts, for `restore`. */
  get text() {
    return { strokes: writeStrokes(this.#strokes.map(({ stroke }) => stroke)), word: this.#word.text };
  }

  /** Shows the drawing. */
  show() {
    const points = this.points;
    const cursor = ({ context, plane, color }) => {
      if (document.activeElement !== this.#pad) return;
      context.strokeStyle = color("--accent");
      context.lineWidth = 2;
      context.beginPath();
      context.arc(plane.atX(this.#place[0]), plane.atY(this.#place[1]), 2.5 * BRUSH_STD * plane.scale, 0, 2 * Math.PI);
      context.stroke();
    };
    const drawn = points.length / 2;
    const note = drawn === 0 ? "Write your name here, with a finger, a pen or the mouse." : undefined;
    const summary = drawn === 0 ? "The drawing is empty." : `${drawn} points ${this.#word.points.length > 0 ? `of the word “${this.#word.text}”` : "drawn by hand"}.`;
    this.#stage.show([{ title: "", note, still: [axesLayer, dataLayer(points)], moving: [cursor] }], summary);
  }

  /** The points of the drawing, `[count, 2]`. */
  get points() {
    const current = this.#stroke === null ? [] : [withPoints(this.#stroke)];
    const all = [this.#word.points, ...[...this.#strokes, ...current].map(({ points }) => points)];
    return Float32Array.from(all.flat().slice(0, 2 * MAX_POINTS));
  }

  /** Replaces the typed word. */
  set word(text) {
    this.#write(text);
    this.#changed();
  }

  undo() {
    if (this.#strokes.length > 0) this.#strokes.pop();
    else this.#write("");
    this.#changed();
  }

  clear() {
    this.restore({ strokes: "", word: "" });
    this.#changed();
  }

  /** Starts a stroke. */
  down(event) {
    this.#place = this.#stage.pointAt(event);
    this.#stroke = beginStroke(this.#place);
    this.show();
  }

  move(event) {
    if (this.#stroke === null) return;
    this.#place = this.#stage.pointAt(event);
    if (extendStroke(this.#stroke, this.#place)) this.show();
  }

  up() {
    if (this.#stroke === null) return;
    this.#strokes.push(withPoints(this.#stroke));
    this.#stroke = null;
    this.#changed();
  }

  /** Handles a key. Returns whether the brush uses it. */
  key({ key, shiftKey }) {
    if (key in MOVES) {
      const step = MOVE * (shiftKey ? 4 : 1);
      this.#place = this.#place.map((value, axis) => Math.min(EDGE, Math.max(-EDGE, value + step * MOVES[key][axis])));
      this.show();
      return true;
    }
    if (key !== " ") return false;
    this.#stroke = beginStroke(this.#place);
    this.up();
    return true;
  }

  #write(text) {
    this.#word = { text, points: text.trim() === "" ? [] : pointsOfWord(text.trim()) };
  }

  #changed() {
    this.show();
    this.#onDrawn();
  }
}

const withPoints = (stroke) => ({ stroke, points: pointsOfStroke(stroke) });
