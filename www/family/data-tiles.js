/** Tiles with a small preview of each data set. */

import { Canvas } from "../plot/canvas.js";
import { channelsOf } from "../plot/color-map.js";
import { Dots } from "../plot/dots.js";
import { Plane } from "../plot/plane.js";
import { html } from "../shell/element.js";
import { DATASETS } from "./settings.js";

const COUNT = 300;
const EXTENT = 2.6;
const LOOK = { size: 0.9, opacity: 0.8 };

export class DataTiles {
  #place;
  #dots = new Dots();

  constructor(place) {
    this.#place = place;
  }

  /**
   * @param tweedie  the package
   * @param {readonly object[]} datasets  entries of `datasets()`
   */
  offer(tweedie, datasets) {
    const infos = DATASETS.map((name) => datasets.find((info) => info.name === name)).filter((info) => info !== undefined);
    this.#place.replaceChildren(...infos.map(({ name, title }) => {
      const picture = html("canvas", { "aria-hidden": "true" });
      let points = new Float32Array(0);
      const canvas = new Canvas(picture, (context, area) => this.#draw(points, context, area));
      tweedie.PointData.named(name, { count: COUNT }).then((data) => {
        points = data.points;
        canvas.redraw();
      }, () => {});
      return html("label", {}, html("input", { type: "radio", name: "data", value: name, form: "family-settings" }), html("span", {}, picture, title));
    }));
  }

  #draw(points, context, { width, height, color }) {
    const ratio = context.getTransform().a;
    const plane = new Plane({ x: 0, y: 0, width: width * ratio, height: height * ratio }, EXTENT);
    this.#dots.begin(Math.ceil(width * ratio), Math.ceil(height * ratio));
    this.#dots.add(points, { scale: plane.scale, ...plane.middle }, { radius: LOOK.size * ratio, color: channelsOf(color("--accent")), opacity: LOOK.opacity });
    this.#dots.paint(context, 0, 0);
  }
}
