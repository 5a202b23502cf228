/** Strokes of the brush: as positions, as points about the line through them, and as text for a link. The same text gives the same points. */

import { randomsFrom } from "./randoms.js";

/** Standard deviation of the points about a stroke, in units of the plane. */
export const BRUSH_STD = 0.06;
/** Distance between the dabs along a stroke, and number of points in each. */
const STRIDE = 0.07;
const DAB = 6;
/** Number of points of a stroke with a single position. */
const DOT = 24;

/** Positions are multiples of this. */
const UNIT = 0.02;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE = DIGITS.length;
/** Differences between positions are at least −HALF units and less than HALF: one digit. Positions have two. */
const HALF = BASE / 2;
const WHOLE = BASE ** 2 / 2;

/** Texts of `writeStrokes`: strokes of four digits for the first position and two for each difference. */
export const STROKES = /^(?:[\w-]{4}(?:[\w-]{2})*(?:\.|$))*$/;

/** A stroke is an array of positions `[x, y]`, in units. @typedef {[number, number][]} Stroke */

const inUnits = (place) => place.map((value) => Math.min(WHOLE - 1, Math.max(-WHOLE, Math.round(value / UNIT))));
const lengthOf = (from, to) => UNIT * Math.hypot(to[0] - from[0], to[1] - from[1]);
const between = (from, to, share) => from.map((value, axis) => value + (to[axis] - value) * share);

/** @returns {Stroke}  that begins at a point of the plane */
export const beginStroke = (place) => [inUnits(place)];

/**
 * Extends a stroke to a point of the plane, unless that is too close to its end.
 * @returns {boolean}  whether it was extended
 */
export function extendStroke(stroke, place) {
  const [from, to] = [stroke.at(-1), inUnits(place)];
  if (lengthOf(from, to) < STRIDE) return false;
  // Each difference must fit into a digit.
  const parts = Math.ceil(Math.max(...to.map((value, axis) => Math.abs(value - from[axis]))) / (HALF - 1));
  for (let part = 1; part <= parts; part++) stroke.push(between(from, to, part / parts).map(Math.round));
  return true;
}

/** The points of a stroke: x₀, y₀, x₁, y₁, … */
export function pointsOfStroke(stroke) {
  const random = randomsFrom(stroke[0][0] * BASE ** 2 + stroke[0][1]);
  const points = [];
  const dab = ([x, y], count) => {
    for (let index = 0; index < count; index++) {
      const radius = BRUSH_STD * Math.sqrt(-2 * Math.log(1 - random()));
      const angle = 2 * Math.PI * random();
      points.push(UNIT * x + radius * Math.cos(angle), UNIT * y + radius * Math.sin(angle));
    }
  };
  dab(stroke[0], stroke.length === 1 ? DOT : DAB);
  for (let index = 1; index < stroke.length; index++) {
    const [from, to] = [stroke[index - 1], stroke[index]];
    const dabs = Math.max(1, Math.round(lengthOf(from, to) / STRIDE));
    for (let turn = 1; turn <= dabs; turn++) dab(between(from, to, turn / dabs), DAB);
  }
  return points;
}

/** The text of strokes, separated by full stops. */
export function writeStrokes(strokes) {
  const position = (value) => DIGITS[Math.floor((value + WHOLE) / BASE)] + DIGITS[(value + WHOLE) % BASE];
  const written = ([first, ...others], stroke) => first.map(position).join("")
    + others.map((place, index) => place.map((value, axis) => DIGITS[value - stroke[index][axis] + HALF]).join("")).join("");
  return strokes.map((stroke) => written(stroke, stroke)).join(".");
}

/** @returns {Stroke[]}  the strokes of a text that matches `STROKES` */
export function readStrokes(text) {
  return text.split(".").filter((part) => part !== "").map((part) => {
    const digits = Array.from(part, (digit) => DIGITS.indexOf(digit));
    const stroke = [[BASE * digits[0] + digits[1] - WHOLE, BASE * digits[2] + digits[3] - WHOLE]];
    for (let at = 4; at < digits.length; at += 2) stroke.push([0, 1].map((axis) => stroke.at(-1)[axis] + digits[at + axis] - HALF));
    return stroke;
  });
}
