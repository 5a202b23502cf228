/** Curves over two logarithmic axes, as an SVG: its colours follow the page's. */

import { svg } from "../shell/element.js";

/** Pixels of the type around the picture that make a pixel of the picture a unit. */
const TYPE = 16;
/** A picture that is not shown is drawn for this size. */
const UNSEEN = { width: 360, height: 280 };
const FRAME = { left: 34, right: 128, top: 8, bottom: 36 };
/** Labels stand at least so far apart, and have at most so many letters. */
const LINE = 14;
const LETTERS = 20;
/** An axis has at most so many marks; else there is one to each power of ten. */
const MAX_MARKS = 7;

/**
 * @typedef {object} Curve
 * @property {string} label  written at its end
 * @property {string} className  gives it its colour, as `stroke` and `fill`
 * @property {{ x: number, y: number }[]} points  positive, from left to right
 */

/** What each picture shows, so that it can be drawn anew when its size changes. */
const contents = new WeakMap();

/**
 * Draws the curves, each with its name at its end; the style sheet decides the size of the picture and of its type.
 * @param {SVGSVGElement} picture
 * @param {Curve[]} curves
 * @param {{ x: string, y: string }} titles  of the axes
 */
export function drawCurves(picture, curves, titles) {
  if (!contents.has(picture)) new ResizeObserver(() => draw(picture, contents.get(picture))).observe(picture);
  contents.set(picture, { curves, titles });
  draw(picture, contents.get(picture));
}

function draw(picture, { curves, titles }) {
  const drawn = curves.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((curve) => curve.points);
  const size = sizeOf(picture);
  const frame = { left: FRAME.left, right: size.width - FRAME.right, top: FRAME.top, bottom: size.height - FRAME.bottom };
  const x = axis([1, 100, ...points.map((point) => point.x)], frame.left, frame.right);
  const y = axis([0.1, 1, ...points.map((point) => point.y)], frame.bottom, frame.top);
  picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  picture.replaceChildren(...gridOf(x, y, frame), ...titlesOf(titles, frame), ...drawn.map((curve) => curveOf(curve, x, y)), ...labelsOf(drawn, x, y, frame));
}

/** Width and height in units that grow with the type. */
function sizeOf(picture) {
  const { width, height } = picture.getBoundingClientRect();
  if (width === 0 || height === 0) return UNSEEN;
  const unit = parseFloat(getComputedStyle(picture.parentElement).fontSize) / TYPE;
  return { width: Math.max(width / unit, UNSEEN.width / 1.25), height: height / unit };
}

/** A logarithmic axis that holds all the values: where each lies, and the marks along it. */
function axis(values, from, to) {
  const [least, most] = [roundBelow(Math.min(...values)), roundAbove(Math.max(...values))];
  const at = (value) => from + ((to - from) * Math.log(value / least)) / Math.log(most / least);
  const fine = roundNumbers([1, 2, 5], least, most);
  return { at, marks: fine.length > MAX_MARKS ? roundNumbers([1], least, most) : fine };
}

const roundBelow = (value) => roundNumbers([1, 2, 5], value / 10, value).at(-1);
const roundAbove = (value) => roundNumbers([1, 2, 5], value, 10 * value)[0];

/** The numbers from `least` to `most` that are one of the digits times a power of ten. */
function roundNumbers(digits, least, most) {
  const numbers = [];
  for (let power = Math.floor(Math.log10(least)); Number(`1e${power}`) <= most; power++) {
    numbers.push(...digits.map((digit) => Number(`${digit}e${power}`)));
  }
  return numbers.filter((number) => number >= least && number <= most);
}

function gridOf(x, y, { left, right, top, bottom }) {
  return [
    ...x.marks.flatMap((mark) => [
      svg("line", { class: "mark", x1: x.at(mark), x2: x.at(mark), y1: top, y2: bottom }),
      svg("text", { class: "tick", x: x.at(mark), y: bottom + 15, "text-anchor": "middle" }, mark),
    ]),
    ...y.marks.flatMap((mark) => [
      svg("line", { class: "mark", x1: left, x2: right, y1: y.at(mark), y2: y.at(mark) }),
      svg("text", { class: "tick", x: left - 6, y: y.at(mark) + 4, "text-anchor": "end" }, mark),
    ]),
  ];
}

function titlesOf({ x, y }, { left, right, top, bottom }) {
  return [
    svg("text", { class: "title", x: (left + right) / 2, y: bottom + 32, "text-anchor": "middle" }, x),
    svg("text", { class: "title", x: left + 6, y: top + 12 }, y),
  ];
}

function curveOf({ className, points }, x, y) {
  const places = points.map((point) => [x.at(point.x), y.at(point.y)]);
  return svg("g", { class: `curve ${className}` },
    svg("polyline", { points: places.map((place) => place.map((value) => value.toFixed(1)).join(",")).join(" ") }),
    ...places.map(([cx, cy]) => svg("circle", { cx, cy, r: 2.75 })),
  );
}

/** The names, beside the last points as far as they leave each other room. */
function labelsOf(curves, x, y, frame) {
  const ends = curves.map(({ label, className, points }) => ({ label, className, x: x.at(points.at(-1).x), y: y.at(points.at(-1).y) }));
  const heights = apart(ends.map((end) => end.y), frame.top + LINE / 2, frame.bottom - LINE / 2);
  const left = frame.right + 12;
  return ends.map((end, index) => svg("g", { class: `curve ${end.className}` },
    svg("path", { class: "leader", d: `M${end.x + 4} ${end.y}L${left - 3} ${heights[index]}` }),
    svg("text", { x: left, y: heights[index] + 4 }, shortened(end.label)),
  ));
}

const shortened = (label) => (label.length > LETTERS ? `${label.slice(0, LETTERS - 1).trimEnd()}…` : label);

/** Moves heights as little apart as it takes to keep them a line from each other, between `top` and `bottom`. */
function apart(heights, top, bottom) {
  const order = heights.map((_, index) => index).sort((one, other) => heights[one] - heights[other]);
  const moved = [...heights];
  let least = top;
  for (const index of order) {
    moved[index] = Math.max(moved[index], least);
    least = moved[index] + LINE;
  }
  let most = bottom;
  for (const index of order.toReversed()) {
    moved[index] = Math.min(moved[index], most);
    most = moved[index] - LINE;
  }
  return moved;
}
