/** Panel of step 1: choice of the data set. */

import { channelsOf } from "../plot/color-map.js";
import { Canvas } from "../plot/canvas.js";
import { Dots } from "../plot/dots.js";
import { Plane } from "../plot/plane.js";
import { html } from "../shell/element.js";

const SMALL = { count: 300, size: 0.9, opacity: 0.8, margin: 1.12 };
const OWN = [
  { name: "drawn", title: "Draw", description: "Points that you paint in the plot.", picture: "✎" },
  { name: "csv", title: "CSV", description: "Your own points, pasted or from a file.", picture: "x, y" },
];
/** Typed text is read after this pause. */
const PAUSE = 400; // milliseconds

export class DataPanel {
  #part;
  #infos = new Map();
  #dots = new Dots();

  constructor(part) {
    this.#part = part;
  }

  /**
   * Creates a tile for each data set.
   * @param tweedie  the package
   * @param {readonly object[]} datasets  entries of `datasets()`
   */
  offer(tweedie, datasets) {
    const named = datasets.map((info) => {
      const element = html("canvas", { "aria-hidden": "true" });
      let points = new Float32Array(0);
      const canvas = new Canvas(element, (context, area) => this.#draw(points, context, area));
      tweedie.PointData.named(info.name, { count: SMALL.count }).then((data) => {
        points = data.points;
        canvas.redraw();
      }, () => {});
      return this.#tile(info, element);
    });
    const own = OWN.map((info) => this.#tile(info, html("span", { class: "sign", "aria-hidden": "true" }, info.picture)));
    this.#part("datasets").replaceChildren(...named, ...own);
  }

  #tile(info, picture) {
    this.#infos.set(info.name, info);
    return html("label", {}, html("input", { type: "radio", name: "data", value: info.name }), html("span", {}, picture, info.title));
  }

  #draw(points, context, { width, height, color }) {
    const ratio = context.getTransform().a;
    const plane = new Plane({ x: 0, y: 0, width: width * ratio, height: height * ratio }, SMALL.margin * extentOf(points));
    this.#dots.begin(Math.ceil(width * ratio), Math.ceil(height * ratio));
    this.#dots.add(points, { scale: plane.scale, ...plane.middle }, { radius: SMALL.size * ratio, color: channelsOf(color("--accent")), opacity: SMALL.opacity });
    this.#dots.paint(context, 0, 0);
  }

  /** Describes the selected data set. */
  describe({ data }, { whole }) {
    const info = this.#infos.get(data);
    const size = whole === null || OWN.includes(info) === false ? "" : ` ${whole.count} points. From step 2 on, they are normalised to mean 0 and variance 1.`;
    const notes = (data === "csv" && whole?.notes) || [];
    this.#part("data-hint").textContent = [`${info?.description ?? ""}${size}`, ...notes].join(" ");
    for (const field of ["count-field", "seed-field"]) this.#part(field).hidden = OWN.includes(info);
  }

  /**
   * Connects the text and files of a CSV.
   * @param {HTMLElement} section  drop target for files
   * @param {(text: string) => void} onText
   */
  connectCsv(section, onText) {
    const [area, input] = [this.#part("csv"), this.#part("csv-input")];
    let resting = null;
    area.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(resting);
      resting = setTimeout(() => onText(area.value), PAUSE);
    });
    const take = async (file) => {
      area.value = await file.text();
      onText(area.value);
    };
    this.#part("csv-choose").addEventListener("click", () => input.click());
    input.addEventListener("change", (event) => {
      event.stopPropagation();
      if (input.files.length > 0) take(input.files[0]);
      input.value = "";
    });
    section.addEventListener("drop", (event) => {
      const file = [...(event.dataTransfer?.files ?? [])].find(({ name, type }) => /\.(csv|tsv|txt)$/i.test(name) || type.startsWith("text/"));
      if (file === undefined) return;
      // Prevents the page from treating the file as a checkpoint.
      event.preventDefault();
      take(file);
    });
  }
}

/** The largest absolute coordinate. */
const extentOf = (points) => points.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
