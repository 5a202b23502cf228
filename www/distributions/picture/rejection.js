/** Rejection: proposals as points under c·q, accepted where they lie under p as well. */

import { areaBetween, pathThrough, valueAt } from "../../plot/line.js";
import { dot, moved, stroke } from "./layout.js";

/** Shares of a step: x is proposed, its height is drawn, the verdict falls, an accepted one goes down. */
const MOTION = { proposed: [0, 0.25], height: [0.25, 0.55], verdict: 0.58, down: [0.66, 0.96] };
/** Pixels of the upper panel for each point that is shown at a time. */
const ROOM = 70;
const RADIUS = 0.12; // times the size of the numbers
/** Points over one value of a discrete target are spread so far beside it, of the distance between two. */
const SPREAD = 0.3;

/** How high a picture of rejection reaches. */
export const highestOf = ({ p, envelope }, largest) => 1.08 * Math.max(largest(p), Math.min(largest(envelope.height), 4 * largest(p)));

/** Where a proposal is drawn: those over one value of a discrete target stand side by side. */
export function placeOf({ x, height }, index, { x: axis, upper }, isDiscrete) {
  const aside = isDiscrete ? SPREAD * (2 * ((index * 0.6180339887) % 1) - 1) : 0;
  return [axis.at(x + aside), upper.at(height)];
}

/** Draws p and c·q, and shades where p is the higher. */
export function drawEnvelope(context, color, layout, { summary, xs, p, envelope }) {
  if (summary.isDiscrete) return drawColumns(context, color, layout, { xs, p, envelope });
  const { x, upper, size } = layout;
  if (envelope.breaks.length > 0) shadeBreaks(context, color, layout, { xs, p, envelope });
  context.lineJoin = "round";
  context.lineWidth = 2 * (size / 14);
  context.strokeStyle = color("--ink");
  context.stroke(pathThrough(xs, p, x, upper));
  context.strokeStyle = color("--accent");
  context.setLineDash([0.55 * size, 0.4 * size]);
  context.stroke(pathThrough(xs, envelope.height, x, upper));
  context.setLineDash([]);
}

function shadeBreaks(context, color, { x, upper }, { xs, p, envelope }) {
  const lower = xs.map((_, index) => Math.min(p[index], envelope.height[index]));
  context.fillStyle = color("--danger");
  context.globalAlpha = 0.35;
  context.fill(areaBetween(xs, lower, p, x, upper));
  context.globalAlpha = 1;
}

function drawColumns(context, color, { x, upper, size }, { xs, p, envelope }) {
  context.lineWidth = 2 * (size / 14);
  xs.forEach((value, index) => {
    const [left, right] = [x.at(value - 0.36), x.at(value + 0.36)];
    const [over, under] = [upper.at(envelope.height[index]), upper.at(p[index])];
    if (p[index] > envelope.height[index] * (1 + 1e-9)) {
      context.fillStyle = color("--danger");
      context.globalAlpha = 0.35;
      context.fillRect(left, under, right - left, over - under);
      context.globalAlpha = 1;
    }
    context.strokeStyle = color("--ink");
    stroke(context, [left, upper.at(0)], [left, under], [right, under], [right, upper.at(0)]);
    context.strokeStyle = color("--accent");
    context.setLineDash([0.55 * size, 0.4 * size]);
    stroke(context, [left, over], [right, over]);
    context.setLineDash([]);
  });
}

/** Draws the last proposals up to a step, as many as the panel has room for. */
export function drawPoints(context, color, layout, steps, shown, isDiscrete) {
  const { left, right, top, middle, size } = layout;
  const most = Math.round(((right - left) * (middle - top)) / ROOM);
  const radius = RADIUS * size;
  const [accepted, rejected] = [new Path2D(), new Path2D()];
  for (let index = Math.max(0, shown - most); index < shown; index++) {
    const [x, y] = placeOf({ x: steps.x[index], height: steps.height[index] }, index, layout, isDiscrete);
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
 * Draws one proposal on its way.
 * @param {{ place: [number, number], over: number, isAccepted: number }} proposal  where it is, and the envelope over it
 * @param {number} share  of the step that is done
 */
export function drawStep(context, color, { middle, bottom, size }, { place: [x, y], over, isAccepted }, share) {
  const risen = middle + (over - middle) * moved(share, ...MOTION.proposed);
  const height = over + (y - over) * moved(share, ...MOTION.height);
  const isJudged = share > MOTION.verdict;
  context.lineWidth = 1.5 * (size / 14);
  context.strokeStyle = color("--edge");
  stroke(context, [x, middle], [x, risen]);
  context.fillStyle = context.strokeStyle = color(!isJudged || isAccepted ? "--accent" : "--danger");
  if (isJudged && isAccepted) {
    const fallen = y + (bottom - y) * moved(share, ...MOTION.down);
    stroke(context, [x, y], [x, fallen]);
    dot(context, x, fallen, 0.26 * size);
  }
  dot(context, x, share < MOTION.height[0] ? risen : height, 0.32 * size);
  if (isJudged) drawRing(context, x, y, size, moved(share, MOTION.verdict, MOTION.verdict + 0.3));
}

/** The verdict spreads and fades. */
function drawRing(context, x, y, size, spread) {
  context.globalAlpha = 1 - spread;
  context.beginPath();
  context.arc(x, y, size * (0.4 + spread), 0, 2 * Math.PI);
  context.stroke();
  context.globalAlpha = 1;
}

/** The height of the envelope over a proposal. */
export function envelopeAt({ summary, xs, envelope }, x) {
  if (summary.isDiscrete) return envelope.height[xs.indexOf(x)] ?? 0;
  return valueAt(xs, envelope.height, x);
}
