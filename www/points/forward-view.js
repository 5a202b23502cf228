/** Step 2: the forward process q(x_t | x_0) under each noise schedule. */

import { channelsOf } from "../plot/color-map.js";
import { Canvas } from "../plot/canvas.js";
import { Dots } from "../plot/dots.js";
import { Plane } from "../plot/plane.js";
import { pointsTable } from "../share/tables.js";
import { html } from "../shell/element.js";
import { noised, noiseIn } from "./curves.js";
import { axesLayer, samplesLayer } from "./layers.js";
import { SCHEDULES } from "./settings.js";
import { SnrPlot } from "./snr-plot.js";
import { levelOf } from "./timeline.js";

const NOISE_SEED = 1;
/** Duration of a replay. */
export const PLAYBACK = { duration: 4000 }; // milliseconds
const SMALL = { extent: 3, count: 500, size: 0.9, opacity: 0.7 };

export class ForwardView {
  #workspace;
  #snr;
  /** `{ canvas, curves }` of each schedule's thumbnail. */
  #small = new Map();
  #dots = new Dots();
  #clean = new Float32Array(0);
  #noise = new Float32Array(0);
  #noisy = new Float32Array(0);
  #time = 0;

  /** @param {HTMLElement} root  contains `#points-schedules` and `#points-snr` */
  constructor(workspace, root) {
    this.#workspace = workspace;
    this.#snr = new SnrPlot(root.querySelector("#points-snr"));
    const tiles = SCHEDULES.map((name) => {
      const element = html("canvas", { "aria-hidden": "true" });
      this.#small.set(name, { canvas: new Canvas(element, (context, area) => this.#drawSmall(name, context, area)), curves: null });
      const radio = html("input", { type: "radio", name: "schedule", value: name, form: "points-settings" });
      return html("label", {}, radio, html("span", {}, element, name));
    });
    root.querySelector("#points-schedules").append(html("div", { class: "tiles" }, ...tiles));
  }

  async show() {
    await this.prepare();
    const { settings, stage, timeline, dataset } = this.#workspace;
    const curves = await dataset.curves(settings.schedule);
    const points = () => noised(this.#clean, this.#noise, curves.levelAt(timeline.position * curves.last), this.#noisy);
    stage.show([{ title: "", still: [axesLayer], moving: [samplesLayer(points)] }],
      `${dataset.whole.count} points of ${this.#workspace.titleOf(settings.data)} as noise is added up to the time on the timeline, with the ${settings.schedule} schedule.`);
    this.#workspace.setLegend(["accent", "<i>x<sub>t</sub></i> = <i>α</i> <i>x</i><sub>0</sub> + <i>σ</i> <i>ε</i>"]);
    timeline.follow(courseToNoise(curves), settings.time);
    timeline.playback = PLAYBACK;
    this.moved(settings.time);
  }

  /** The frames of an animation: from the points to noise. */
  get film() {
    return { draw: (share, paint) => this.#workspace.timeline.as(share, paint) };
  }

  /** The noisy points at the time that is shown. */
  get tables() {
    return [pointsTable("points", this.#noisy)];
  }

  /** Computes the curves and the noise that all plots need. */
  async prepare() {
    const { settings, dataset, tweedie } = this.#workspace;
    const all = await Promise.all(SCHEDULES.map((name) => dataset.curves(name)));
    SCHEDULES.forEach((name, index) => (this.#small.get(name).curves = all[index]));
    this.#snr.show(new Map(SCHEDULES.map((name, index) => [name, all[index]])), settings.schedule);
    const curves = await dataset.curves(settings.schedule);
    this.#clean = dataset.whole.points;
    const noisiest = await tweedie.forward(dataset.whole, { schedule: settings.schedule, time: curves.last, seed: NOISE_SEED });
    this.#noise = noiseIn(noisiest, this.#clean, curves.levelAt(curves.last));
    this.#noisy = new Float32Array(this.#clean.length);
  }

  moved(position) {
    this.#time = position;
    this.#snr.mark(position);
    for (const { canvas } of this.#small.values()) canvas.redraw();
  }

  #drawSmall(name, context, { width, height, color }) {
    const { curves } = this.#small.get(name);
    if (curves === null) return;
    const ratio = context.getTransform().a;
    const plane = new Plane({ x: 0, y: 0, width: width * ratio, height: height * ratio }, SMALL.extent);
    const count = Math.min(2 * SMALL.count, this.#clean.length);
    const points = noised(this.#clean, this.#noise, curves.levelAt(this.#time * curves.last), new Float32Array(count));
    this.#dots.begin(Math.ceil(width * ratio), Math.ceil(height * ratio));
    const look = { radius: SMALL.size * ratio, color: channelsOf(color("--accent")), opacity: SMALL.opacity };
    this.#dots.add(points, { scale: plane.scale, ...plane.middle }, look);
    this.#dots.paint(context, 0, 0);
  }
}

/** The course of a timeline that plays from data to noise. */
export function courseToNoise(curves) {
  const levelAt = (position) => curves.levelAt(curves.last * position);
  return { direction: "to-noise", signal: (position) => levelAt(position).alpha ** 2, level: (position) => levelOf(levelAt(position)) };
}
