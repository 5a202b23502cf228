/** Curves over two logarithmic axes, as an SVG: its colours follow the page's. */

import { svg } from "../shell/element.js";

const [WIDTH, HEIGHT] = [360, 280];
const FRAME = { left: 34, right: 128, top: 8, bottom: 36 };
/** Labels stand at least so far apart, and have at most so many letters. */
const LINE = 14;
const LETTERS = 20;
/** An axis has at most so many marks; else there is one to each power of ten. */
const MOST_MARKS = 7;

/**
 * @typedef {object} Curve
 * @property {string} label  written at its end
 * @property {string} className  gives it its colour, as `stroke` and `fill`
 * @property {{ x: number, y: number }[]} points  positive, from left to right
 */

/**
 * Draws the curves, each with its name at its end.
 * @param {SVGSVGElement} picture
 * @param {Curve[]} curves
 * @param {{ x: string, y: string }} titles  of the axes
 */
export function drawCurves(picture, curves, titles) {
  const drawn = curves.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((curve) => curve.points);
  const x = axis([1, 100, ...points.map((point) => point.x)], FRAME.left, WIDTH - FRAME.right);
  const y = axis([0.1, 1, ...points.map((point) => point.y)], HEIGHT - FRAME.bottom, FRAME.top);
  picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  picture.replaceChildren(...gridOf(x, y), ...titlesOf(titles), ...drawn.map((curve) => curveOf(curve, x, y)), ...labelsOf(drawn, x, y));
}

/** A logarithmic axis that holds all the values: where each lies, and the marks along it. */
function axis(values, from, to) {
  const [least, most] = [roundBelow(Math.min(...values)), roundAbove(Math.max(...values))];
  const at = (value) => from + ((to - from) * Math.log(value / least)) / Math.log(most / least);
  const fine = roundNumbers([1, 2, 5], least, most);
  return { at, marks: fine.length > MOST_MARKS ? roundNumbers([1], least, most) : fine };
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

function gridOf(x, y) {
  const [right, bottom] = [WIDTH - FRAME.right, HEIGHT - FRAME.bottom];
  return [
    ...x.marks.flatMap((mark) => [
      svg("line", { class: "mark", x1: x.at(mark), x2: x.at(mark), y1: FRAME.top, y2: bottom }),
      svg("text", { class: "tick", x: x.at(mark), y: bottom + 15, "text-anchor": "middle" }, mark),
    ]),
    ...y.marks.flatMap((mark) => [
      svg("line", { class: "mark", x1: FRAME.left, x2: right, y1: y.at(mark), y2: y.at(mark) }),
      svg("text", { class: "tick", x: FRAME.left - 6, y: y.at(mark) + 4, "text-anchor": "end" }, mark),
    ]),
  ];
}

function titlesOf({ x, y }) {
  return [
    svg("text", { class: "title", x: (FRAME.left + WIDTH - FRAME.right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, x),
    svg("text", { class: "title", x: FRAME.left + 6, y: FRAME.top + 12 }, y),
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
function labelsOf(curves, x, y) {
  const ends = curves.map(({ label, className, points }) => ({ label, className, x: x.at(points.at(-1).x), y: y.at(points.at(-1).y) }));
  const heights = apart(ends.map((end) => end.y), FRAME.top + LINE / 2, HEIGHT - FRAME.bottom - LINE / 2);
  const left = WIDTH - FRAME.right + 12;
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
