/** Small pictures of data sets, for menus. */

import { Canvas } from "../plot/canvas.js";
import { channelsOf } from "../plot/color-map.js";
import { Dots } from "../plot/dots.js";
import { Plane } from "../plot/plane.js";
import { html } from "../shell/element.js";

const SMALL = { count: 300, size: 0.9, opacity: 0.8, margin: 1.12 };
const dots = new Dots();

/**
 * A canvas with some points of a data set.
 * @param tweedie  the package
 * @param {string} name  of the data set
 * @returns {HTMLCanvasElement}  empty until the points are there
 */
export function thumbnailOf(tweedie, name) {
  const element = html("canvas", { "aria-hidden": "true" });
  let points = new Float32Array(0);
  const canvas = new Canvas(element, (context, area) => draw(points, context, area));
  tweedie.PointData.named(name, { count: SMALL.count }).then((data) => {
    points = data.points;
    canvas.redraw();
  }, () => {});
  return element;
}

function draw(points, context, { width, height, color }) {
  const ratio = context.getTransform().a;
  const plane = new Plane({ x: 0, y: 0, width: width * ratio, height: height * ratio }, SMALL.margin * extentOf(points));
  dots.begin(Math.ceil(width * ratio), Math.ceil(height * ratio));
  dots.add(points, { scale: plane.scale, ...plane.middle }, { radius: SMALL.size * ratio, color: channelsOf(color("--accent")), opacity: SMALL.opacity });
  dots.paint(context, 0, 0);
}

/** The largest absolute coordinate. */
const extentOf = (points) => points.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
