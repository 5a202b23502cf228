/** Draws rejection sampling: proposals are points under c·q, and are accepted if they are also under p. */

import { areaBetween, pathThrough, valueAt } from "../../plot/line.js";
import { largest } from "../scene.js";
import { beside, dot, moved, stroke, writeWord, writeX } from "./layout.js";

/** Phases of a step, as fractions: x is proposed, its height is drawn, it is accepted or rejected, an accepted one moves down. */
const MOTION = { proposed: [0, 0.25], height: [0.25, 0.55], decision: 0.58, down: [0.66, 0.96] };
/** Height of the panel relative to its contents, which are cut at `TALLEST` times the density. */
const ROOM_ABOVE = 1.08;
const TALLEST = 4;
/** Pixels of the upper panel per visible point. */
const ROOM = 70;
/** Radius of a point relative to the text size; it decreases with the number of points. */
const RADIUS = { few: 0.28, many: 0.13, perTenfold: 0.05 };
/** Horizontal jitter of the points over a discrete value, relative to the distance between values. */
const JITTER = 0.3;
/** Half the width of the box over a discrete value. */
const HALF = 0.36;

/** Maximum of the upper panel. */
export function highestOf({ p, envelope }) {
  const top = largest(p);
  return ROOM_ABOVE * Math.max(top, Math.min(largest(envelope?.height ?? []), TALLEST * top));
}

/** Position of a proposal, with jitter for a discrete target. */
export function placeOf({ x, height }, index, { x: axis, upper }, { isDiscrete }) {
  const aside = isDiscrete ? JITTER * (2 * ((index * 0.6180339887) % 1) - 1) : 0;
  return [axis.at(x + aside), upper.at(height)];
}

/** Draws p and c·q, and shades where p is above the envelope. */
export function drawEnvelope(context, color, layout, scene) {
  const { envelope, summary } = scene;
  const [shade, draw] = summary.isDiscrete ? [shadeColumns, drawLevels] : [shadeBetween, drawCurve];
  context.lineJoin = "round";
  context.lineWidth = 2 * (layout.size / 14);
  if (envelope !== null && envelope.breaks.length > 0) {
    context.fillStyle = color("--danger");
    context.globalAlpha = 0.35;
    shade(context, layout, scene);
    context.globalAlpha = 1;
  }
  context.strokeStyle = color("--ink");
  draw(context, layout, scene.xs, scene.p);
  if (envelope === null) return;
  context.strokeStyle = color("--accent");
  context.setLineDash([0.55 * layout.size, 0.4 * layout.size]);
  draw(context, layout, scene.xs, envelope.height);
  context.setLineDash([]);
}

function drawCurve(context, { x, upper }, xs, heights) {
  context.stroke(pathThrough(xs, heights, x, upper));
}

/** Draws a box over each value. */
function drawLevels(context, { x, upper }, xs, heights) {
  xs.forEach((value, index) => {
    const [left, right, top] = [x.at(value - HALF), x.at(value + HALF), upper.at(heights[index])];
    stroke(context, [left, upper.from], [left, top], [right, top], [right, upper.from]);
  });
}

function shadeBetween(context, { x, upper }, { xs, p, envelope }) {
  const lower = xs.map((_, index) => Math.min(p[index], envelope.height[index]));
  context.fill(areaBetween(xs, lower, p, x, upper));
}

function shadeColumns(context, { x, upper }, { xs, p, envelope }) {
  xs.forEach((value, index) => {
    const [left, right] = [x.at(value - HALF), x.at(value + HALF)];
    const [low, high] = [upper.at(envelope.height[index]), upper.at(p[index])];
    if (high < low) context.fillRect(left, high, right - left, low - high);
  });
}

/** Draws the latest proposals, as many as the panel has room for. */
export function drawPoints(context, color, layout, steps, shown, summary) {
  const { left, right, top, middle, size } = layout;
  const most = Math.round(((right - left) * (middle - top)) / ROOM);
  const radius = size * Math.max(RADIUS.many, RADIUS.few - RADIUS.perTenfold * Math.log10(1 + Math.min(shown, most)));
  const [accepted, rejected] = [new Path2D(), new Path2D()];
  for (let index = Math.max(0, shown - most); index < shown; index++) {
    const [x, y] = placeOf({ x: steps.x[index], height: steps.height[index] }, index, layout, summary);
    const path = steps.isAccepted[index] ? accepted : rejected;
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = color("--accent");
  context.globalAlpha = 0.75;
  context.fill(accepted);
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = color("--edge");
  context.stroke(rejected);
}

/**
 * Draws one proposal in progress.
 * @param {{ value: number, place: [number, number], over: number, isAccepted: number }} proposal  its x, its position, and the
 *   height of the envelope above it
 * @param {number} share  completed fraction of the step
 */
export function drawStep(context, color, layout, { value, place: [x, y], over, isAccepted }, share) {
  const { left, right, middle, bottom, size } = layout;
  const risen = middle + (over - middle) * moved(share, ...MOTION.proposed);
  const height = over + (y - over) * moved(share, ...MOTION.height);
  const isDecided = share > MOTION.decision;
  const paint = color(!isDecided || isAccepted ? "--accent" : "--danger");
  context.lineWidth = 1.5 * (size / 14);
  context.strokeStyle = color("--edge");
  stroke(context, [x, middle], [x, risen]);
  context.fillStyle = context.strokeStyle = paint;
  if (isDecided && isAccepted) {
    const fallen = y + (bottom - y) * moved(share, ...MOTION.down);
    stroke(context, [x, y], [x, fallen]);
    dot(context, x, fallen, 0.26 * size);
  }
  dot(context, x, share < MOTION.height[0] ? risen : height, 0.32 * size);
  if (isDecided) drawRing(context, x, y, { size, growth: moved(share, MOTION.decision, MOTION.decision + 0.3) });
  writeX(context, layout, value, x, color("--paper"));
  if (isDecided) writeWord(context, isAccepted ? "accepted" : "rejected", { ...beside(x, left, right, size), y, size, halo: color("--paper") });
}

/** Draws an expanding, fading ring around a decided proposal. */
function drawRing(context, x, y, { size, growth }) {
  context.globalAlpha = 1 - growth;
  context.beginPath();
  context.arc(x, y, size * (0.4 + growth), 0, 2 * Math.PI);
  context.stroke();
  context.globalAlpha = 1;
}

/** The height of the envelope over a proposal. */
export function envelopeAt({ summary, xs, envelope }, x) {
  if (summary.isDiscrete) return envelope.height[xs.indexOf(x)] ?? 0;
  return valueAt(xs, envelope.height, x);
}
