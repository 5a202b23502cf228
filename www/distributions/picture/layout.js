/** Two panels with a common horizontal axis: the sampling process above, the histogram below. */

import { Axis, drawBelow, drawLeft, font, sharp } from "../../plot/axis.js";

const MATH = "'STIX Two Math', 'Cambria Math', 'Latin Modern Math', 'TeX Gyre Termes Math', serif";
/** Size of the numbers, in pixels. It grows with the plot, for projectors. */
const SIZE = { least: 12, most: 24, share: 1 / 54 };
/** Fraction of the height for the upper panel. */
const UPPER = 0.54;

/**
 * Computes the layout.
 * @param {{ width: number, height: number }} area
 * @param {[number, number]} view  range of the horizontal axis
 * @param {number} highest  maximum of the upper panel
 * @param {number} ceiling  maximum of the lower panel
 */
export function layoutOf({ width, height }, view, highest, ceiling) {
  const size = Math.min(SIZE.most, Math.max(SIZE.least, SIZE.share * width));
  const [left, right] = [Math.round(3.5 * size), Math.round(width - 1.5 * size)];
  const [top, bottom] = [Math.round(1.25 * size), Math.round(height - 2.25 * size)];
  const gap = 1.75 * size;
  const middle = Math.round(top + UPPER * (bottom - top - gap));
  const below = Math.round(middle + gap);
  return {
    size, left, right, top, middle, below, bottom,
    x: new Axis(view, [left, right]),
    upper: new Axis([0, highest], [middle, top]),
    lower: new Axis([0, ceiling], [bottom, below]),
  };
}

/** Draws the axes of both panels with their labels. */
export function drawAxes(context, color, layout, { upper, lower }) {
  const { size, left, right, middle, bottom } = layout;
  const look = { size, ink: color("--muted"), line: color("--line") };
  drawLeft(context, layout.upper, { ...look, x: left, across: right, spacing: 3.25 * size });
  drawLeft(context, layout.lower, { ...look, x: left, across: right });
  context.strokeStyle = color("--edge");
  context.beginPath();
  for (const y of [middle, bottom]) {
    context.moveTo(left, sharp(y));
    context.lineTo(right, sharp(y));
  }
  context.stroke();
  drawBelow(context, layout.x, { ...look, y: bottom, line: color("--edge") });
  context.fillStyle = color("--ink");
  writeMath(context, upper, { x: 0.25 * size, y: layout.top - 0.4 * size, size });
  writeMath(context, lower, { x: 0.25 * size, y: layout.below - 0.4 * size, size });
  writeMath(context, "x", { x: right + 0.5 * size, y: bottom - 0.1 * size, size });
}

/** Writes mathematical text. A `halo` colour keeps it legible over lines. */
export function writeMath(context, text, place) {
  context.font = `italic ${1.15 * place.size}px ${MATH}`;
  write(context, text, place);
}

/** Writes a word, in the same way. */
export function writeWord(context, text, place) {
  context.font = font(place.size, "600");
  write(context, text, place);
}

function write(context, text, { x, y, size, align = "left", halo }) {
  context.textAlign = align;
  context.textBaseline = "middle";
  if (halo !== undefined) {
    context.lineWidth = 0.35 * size;
    context.lineJoin = "round";
    context.strokeStyle = halo;
    context.strokeText(text, x, y);
  }
  context.fillText(text, x, y);
}

/** Writes the x of a step, between the panels and next to its line. */
export function writeX(context, { left, right, middle, below, size }, x, place, halo) {
  const text = `x = ${(Number.isInteger(x) ? String(x) : x.toFixed(3)).replace("-", "−")}`;
  writeMath(context, text, { ...beside(place, left, right, size), y: (middle + below) / 2, size, halo });
}

/** A text position next to a place, on the side with more room. */
export function beside(place, left, right, size) {
  return place > (left + right) / 2 ? { x: place - 0.6 * size, align: "right" } : { x: place + 0.6 * size };
}

/** A filled dot. */
export function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** A line from one place to another. */
export function stroke(context, ...places) {
  context.beginPath();
  for (const [x, y] of places) context.lineTo(x, y);
  context.stroke();
}

/** Progress from 0 to 1 of a motion between two fractions of a step, with easing at both ends. */
export function moved(share, from, to) {
  const t = Math.min(1, Math.max(0, (share - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Runs `draw` clipped to a panel, and restores the context. */
export function within(context, { left, right }, top, bottom, draw) {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  draw();
  context.restore();
}
