/** Layers that panes of the stage consist of. */

import { drawArrows } from "../plot/arrows.js";
import { drawHeatMap } from "../plot/heat-map.js";

const DATA = { color: "--data", size: 1.4, opacity: 0.55 };
const SAMPLES = { color: "--accent", size: 1.7, opacity: 0.8 };

/** Data points. */
export const dataLayer = (points) => (brush) => brush.dots(points, sized(DATA, points));

/** Moving points; `points()` returns them for every frame. */
export const samplesLayer = (points) => (brush) => {
  const now = points();
  brush.dots(now, sized(SAMPLES, now));
};

/** Draws small sets of points larger. */
function sized(look, points) {
  const count = points.length / 2;
  return count >= 800 ? look : { ...look, size: look.size * Math.min(2.4, (800 / Math.max(1, count)) ** 0.25), opacity: Math.min(1, look.opacity + 0.2) };
}

/** Faint coordinate axes. */
export const axesLayer = ({ context, plane, color }) => {
  const { box, middle } = plane;
  context.strokeStyle = color("--line");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(box.x, Math.round(middle.y) + 0.5);
  context.lineTo(box.x + box.width, Math.round(middle.y) + 0.5);
  context.moveTo(Math.round(middle.x) + 0.5, box.y);
  context.lineTo(Math.round(middle.x) + 0.5, box.y + box.height);
  context.stroke();
};

/** Trajectories of some points of a recording, up to `progress()`. */
export const trailsLayer = (recording, progress, count) => ({ context, plane, color }) => {
  const frames = recording.frames;
  if (frames.length < 2) return;
  const now = recording.at(progress());
  const last = frames.findLastIndex((frame) => frame.step <= progress() * recording.steps);
  const shown = Math.min(count, now.length / 2);
  context.strokeStyle = color("--accent");
  context.globalAlpha = 0.4;
  context.lineWidth = 1;
  context.lineJoin = "round";
  context.beginPath();
  for (let at = 0; at < 2 * shown; at += 2) {
    context.moveTo(plane.atX(frames[0].points[at]), plane.atY(frames[0].points[at + 1]));
    for (let index = 1; index <= last; index++) context.lineTo(plane.atX(frames[index].points[at]), plane.atY(frames[index].points[at + 1]));
    context.lineTo(plane.atX(now[at]), plane.atY(now[at + 1]));
  }
  context.stroke();
  context.globalAlpha = 1;
};

/** A vector field as arrows. */
export const arrowsLayer = (field, spacing) => ({ context, plane, color }) => {
  context.strokeStyle = color("--accent");
  context.lineWidth = 1.5;
  context.lineCap = context.lineJoin = "round";
  drawArrows(context, plane, field, spacing * 0.95);
};

/** Lines from points to others. */
export const linesLayer = (from, to) => ({ context, plane, color }) => {
  context.strokeStyle = color("--accent");
  context.globalAlpha = 0.3;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = 0; at < from.length; at += 2) {
    context.moveTo(plane.atX(from[at]), plane.atY(from[at + 1]));
    context.lineTo(plane.atX(to[at]), plane.atY(to[at + 1]));
  }
  context.stroke();
  context.globalAlpha = 1;
};

/** A heat map over the whole pane; `map(color)` creates it in the page's colours. */
export const mapLayer = (map) => ({ context, plane, color }) => drawHeatMap(context, map(color), plane.box);

/** Dims the layers below it while they are outdated. */
export const paleLayer = (isOld) => ({ context, plane, color }) => {
  if (!isOld()) return;
  const { x, y, width, height } = plane.box;
  context.fillStyle = color("--surface");
  context.globalAlpha = 0.55;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
};

/** A curve through `[count, 2]` positions. */
export function curveOf(context, plane, positions) {
  for (let at = 0; at < positions.length; at += 2) {
    context[at === 0 ? "moveTo" : "lineTo"](plane.atX(positions[at]), plane.atY(positions[at + 1]));
  }
}
