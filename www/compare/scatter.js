/** How cells show points of the plane: over the points that the model is about. */

import { colorOf } from "../plot/canvas.js";
import { channelsOf } from "../plot/color-map.js";
import { Dots } from "../plot/dots.js";
import { Plane } from "../plot/plane.js";

/** −EXTENT to EXTENT is seen: data of unit variance lie within, and noise but for one point in 80. */
const EXTENT = 2.5;
/** Points of the data that are drawn; more of them are a blot in so small a picture. */
const MAX_DATA = 600;
const DATA = { color: "--data", radius: 0.8, opacity: 0.4 };
const SAMPLES = { color: "--accent", radius: 1, opacity: 0.75 };

export class Scatter {
  #data;
  #dots = new Dots();
  name = "scatter";
  aspectRatio = "1";
  /** What a cell shows until something is computed. */
  blank = new Float32Array(0);

  /** @param {Float32Array} data  `[count, 2]` */
  constructor(data) {
    this.#data = data.subarray(0, 2 * MAX_DATA);
  }

  /** What there is to show of a sampling by now. */
  read(sampling) {
    return sampling.noisy();
  }

  /** @param {Float32Array} points  `[count, 2]` */
  draw(canvas, points, ratio) {
    const { width, height } = canvas;
    const context = canvas.getContext("2d");
    const { scale, middle } = new Plane({ x: 0, y: 0, width, height }, EXTENT);
    context.clearRect(0, 0, width, height);
    for (const [dots, { color, radius, opacity }] of [[this.#data, DATA], [points, SAMPLES]]) {
      this.#dots.begin(width, height);
      this.#dots.add(dots, { scale, ...middle }, { radius: radius * ratio, color: channelsOf(colorOf(canvas, color)), opacity });
      this.#dots.paint(context, 0, 0);
    }
  }
}
