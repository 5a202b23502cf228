/** The stage: panes side by side, each showing the plane with several layers. */

import { font } from "../plot/axis.js";
import { Canvas } from "../plot/canvas.js";
import { channelsOf } from "../plot/color-map.js";
import { Dots } from "../plot/dots.js";
import { divided, Plane } from "../plot/plane.js";

/** The visible range is −EXTENT to EXTENT. All but one in 370 values of unit-variance noise are inside. */
const EXTENT = 3;
const GAP = 8; // pixels, between panes
const CORNER = 10;

/**
 * @typedef {object} Brush  drawing functions for a layer
 * @property {CanvasRenderingContext2D} context  in CSS pixels
 * @property {Plane} plane
 * @property {number} type  size of the page's type, relative to 16 pixels
 * @property {(property: string) => string} color  the value of a custom property
 * @property {(points: Float32Array, look: { color: string, size: number, opacity: number }) => void} dots  draws a dot at each point
 */

/**
 * @typedef {object} Pane
 * @property {string} title  "" for none
 * @property {string} [fact]  in small type under the title
 * @property {string} [note]  a sentence in the centre, if there is nothing to show
 * @property {((brush: Brush) => void)[]} still  layers that only change with `show`
 * @property {((brush: Brush) => void)[]} moving  layers that are redrawn in every frame
 */

export class Stage {
  #element;
  #canvas;
  /** Cached drawing of the still layers, and the size and colours it was drawn for. */
  #backdrop = new OffscreenCanvas(1, 1);
  #backdropIsFor = null;
  #dots = new Dots();
  /** @type {Pane[]} */
  #panes = [];
  /** @type {Plane[]} */
  #planes = [];

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#element = element;
    this.#canvas = new Canvas(element, (context, area) => this.#draw(context, area));
  }

  /**
   * Shows panes.
   * @param {Pane[]} panes
   * @param {string} summary  description for screen readers
   */
  show(panes, summary) {
    this.#panes = panes;
    this.#backdropIsFor = null;
    this.#element.setAttribute("aria-label", summary);
    this.#canvas.redraw();
  }

  /** The canvas, for pictures of what is shown. */
  get picture() {
    return this.#canvas;
  }

  /** Runs a synchronous task as if these panes were shown. */
  as(panes, task) {
    const before = this.#panes;
    this.#panes = panes;
    this.#backdropIsFor = null;
    try {
      return task();
    } finally {
      this.#panes = before;
      this.#backdropIsFor = null;
    }
  }

  /** Redraws the moving layers. */
  redraw() {
    this.#canvas.redraw();
  }

  /** The point of the plane at a pointer position, in the pane there or in the first one. */
  pointAt(event) {
    const place = this.#canvas.placeOf(event);
    const plane = this.#planes.find((plane) => plane.holds(place)) ?? this.#planes[0];
    return plane?.pointAt(place) ?? [0, 0];
  }

  /** The planes of `count` panes on the canvas. */
  planes(count) {
    const size = { width: this.#element.clientWidth || 1, height: this.#element.clientHeight || 1 };
    return divided(size, count, GAP).map((box) => new Plane(box, EXTENT));
  }

  #draw(context, area) {
    this.#planes = this.planes(Math.max(1, this.#panes.length));
    const { canvas } = context;
    const isFor = [canvas.width, canvas.height, area.type, area.color("--surface"), area.color("--accent")].join(" ");
    if (this.#backdropIsFor !== isFor) {
      Object.assign(this.#backdrop, { width: canvas.width, height: canvas.height });
      const behind = this.#backdrop.getContext("2d");
      behind.setTransform(context.getTransform());
      this.#drawPanes(behind, area, "still");
      this.#backdropIsFor = isFor;
    }
    context.drawImage(this.#backdrop, 0, 0, area.width, area.height);
    this.#drawPanes(context, area, "moving");
  }

  #drawPanes(context, { type, color }, layers) {
    this.#panes.forEach((pane, index) => {
      const plane = this.#planes[index];
      const { x, y, width, height } = plane.box;
      context.save();
      context.beginPath();
      context.roundRect(x, y, width, height, CORNER);
      context.clip();
      if (layers === "still") {
        context.fillStyle = color("--surface");
        context.fillRect(x, y, width, height);
      }
      const dots = (points, look) => this.#drawDots(context, plane, points, { ...look, size: type * look.size, color: color(look.color) });
      const brush = { context, plane, type, color, dots };
      for (const layer of pane[layers]) layer(brush);
      if (layers === "moving") writeWords(brush, pane);
      context.restore();
    });
  }

  #drawDots(context, { box, middle, scale }, points, { size, color, opacity }) {
    const ratio = context.getTransform().a;
    const [left, top] = [Math.floor(box.x * ratio), Math.floor(box.y * ratio)];
    const [width, height] = [box.width, box.height].map((length) => Math.ceil(length * ratio) + 1);
    this.#dots.begin(width, height);
    const origin = { scale: scale * ratio, x: middle.x * ratio - left, y: middle.y * ratio - top };
    this.#dots.add(points, origin, { radius: size * ratio, color: channelsOf(color), opacity });
    this.#dots.paint(context, left, top);
  }
}

function writeWords({ context, plane, type, color }, { title, fact, note }) {
  const { x, y, width, height } = plane.box;
  context.textBaseline = "top";
  context.textAlign = "left";
  const lines = [[title, font(13 * type, "600"), "--ink"], [fact ?? "", font(12 * type), "--muted"]].filter(([words]) => words !== "");
  const widths = lines.map(([words, style]) => {
    context.font = style;
    return Math.min(width - 24 * type, context.measureText(words).width);
  });
  // A translucent background keeps the text legible.
  context.globalAlpha = 0.85;
  context.fillStyle = color("--surface");
  context.fillRect(x, y, Math.max(...widths, 0) + 20 * type, lines.length === 0 ? 0 : (12 + 18 * lines.length) * type);
  context.globalAlpha = 1;
  lines.forEach(([words, style, ink], index) => {
    context.font = style;
    context.fillStyle = color(ink);
    context.fillText(words, x + 12 * type, y + (10 + 18 * index) * type, width - 24 * type);
  });
  if (note === undefined) return;
  context.font = font(13 * type);
  context.fillStyle = color("--muted");
  const written = wrapped(context, note, width - 32 * type);
  written.forEach((line, index) => context.fillText(line, x + 16 * type, y + height / 2 + 18 * type * (index - written.length / 2), width - 32 * type));
}

/** Breaks a text into lines of at most this width. */
function wrapped(context, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) === "" ? word : `${lines.at(-1)} ${word}`;
    if (context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
