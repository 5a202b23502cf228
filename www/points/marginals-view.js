/** Step 2 in 1-D: a mixture of two Gaussians becomes N(0, 1), with paths over the heat map of the marginals. */

import { Axis, drawBelow, drawLeft, font } from "../plot/axis.js";
import { rampOf } from "../plot/color-map.js";
import { drawHeatMap, heatMapOf } from "../plot/heat-map.js";
import { PLAYBACK, courseToNoise } from "./forward-view.js";
import { courseToData, UNFINISHED } from "./data-view.js";
import { mixtureOf, mixtureQuantiles, normalQuantiles } from "./mixture.js";
import { Recording } from "./recording.js";

const RANGE = 3.6;
/** Columns and rows of the heat map. */
const [TIMES, PLACES] = [120, 180];
const PATHS = 32;
/** Steps of the reverse SDE and of the flow. */
const SDE_STEPS = 250;
const FLOW_STEPS = 100;
/** Space for the densities of data and noise at the two sides. */
const SIDE = 56;
const FRAME = { left: 34, bottom: 44, top: 34, right: 12 };
const SIZE = 12;
/** Lightens the heat map, so that the paths remain visible. */
const PALE = 1.6;
const WORDS = {
  forward: "from data to noise, by the forward process",
  flow: "from noise to data, by the probability-flow ODE",
  sde: "from noise to data, by the reverse-time SDE",
};

export class MarginalsView {
  #workspace;
  #model = null;
  /** The densities, as `{ columns, rows, values }`. */
  #grid = null;
  /** Paths, each `{ times, values }`, with times from 0 to 1. */
  #paths = [];
  #curves = null;
  #forward;

  /** @param {import("./forward-view.js").ForwardView} forward  provides the thumbnails and curves */
  constructor(workspace, forward) {
    this.#workspace = workspace;
    this.#forward = forward;
  }

  moved(position) {
    this.#forward.moved(position);
  }

  /** The frames of an animation: the paths as they grow. */
  get film() {
    return this.#paths.length === 0 ? UNFINISHED : { draw: (share, paint) => this.#workspace.timeline.as(share, paint) };
  }

  /** The paths. */
  get tables() {
    if (this.#paths.length === 0) return UNFINISHED;
    const rows = () => this.#paths.flatMap(({ times, values }, path) => Array.from(times, (time, index) => [path + 1, time, values[index]]));
    return [{ title: "paths", name: "paths", columns: ["path", "time", "x"], rows }];
  }

  async show(signal) {
    const { settings, dataset, timeline, tweedie, stage } = this.#workspace;
    await this.#forward.prepare();
    this.#curves = await dataset.curves(settings.schedule);
    const isForward = settings.paths === "forward";
    const end = isForward ? 1 : 0;
    timeline.follow((isForward ? courseToNoise : courseToData)(this.#curves), this.#workspace.isCalm ? end : 1 - end);
    timeline.playback = PLAYBACK;
    this.#paths = [];
    this.#workspace.setLegend(["pale", "<i>p<sub>t</sub></i>(<i>x</i>)"], ["path", `${PATHS} paths ${WORDS[settings.paths]}`]);
    const mixture = mixtureOf(settings);
    this.#model = await tweedie.PointModel.mixture(mixture, { schedule: settings.schedule });
    try {
      await this.#computeGrid(signal);
      this.#paths = await this.#computePaths(mixture, signal);
    } finally {
      this.#model.free();
    }
    stage.redraw();
    if (!this.#workspace.isCalm) timeline.play(PLAYBACK);
  }

  async #computeGrid(signal) {
    const places = Float32Array.from({ length: PLACES }, (_, row) => RANGE * (1 - (2 * row + 1) / PLACES));
    const values = new Float32Array(TIMES * PLACES);
    for (let column = 0; column < TIMES; column++) {
      const time = Math.min(this.#curves.last, (this.#curves.last * column) / (TIMES - 1));
      const logs = await this.#model.logDensity(places, { time, signal });
      signal.throwIfAborted();
      for (let row = 0; row < PLACES; row++) values[row * TIMES + column] = Math.exp(logs[row]);
    }
    // The previous grid was shown until now.
    this.#grid = { columns: TIMES, rows: PLACES, values };
    this.#show();
  }

  async #computePaths(mixture, signal) {
    const { settings, tweedie } = this.#workspace;
    const { schedule } = settings;
    const { last } = this.#curves;
    if (settings.paths === "forward") {
      const times = Array.from({ length: TIMES }, (_, column) => Math.min(last, (last * column) / (TIMES - 1)));
      const paths = await tweedie.forwardPaths(mixtureQuantiles(mixture, PATHS), { schedule, times, seed: settings.seed });
      return pathsOf(paths, PATHS, last);
    }
    if (settings.paths === "flow") {
      return pathsOf(await this.#model.paths(normalQuantiles(PATHS), { from: last, to: 0, steps: FLOW_STEPS }), PATHS, last);
    }
    const recording = new Recording();
    const sampling = this.#model.sample({ sampler: "ddpm", steps: SDE_STEPS, initialNoise: normalQuantiles(PATHS), seed: settings.seed, signal });
    try {
      await recording.record(sampling, () => {});
    } finally {
      sampling.free();
    }
    const { frames } = recording;
    const positions = new Float32Array(frames.length * PATHS);
    frames.forEach(({ points }, index) => positions.set(points, index * PATHS));
    return pathsOf({ times: frames.map(({ time }) => time ?? 0), positions }, PATHS, last);
  }

  #show() {
    const { settings, stage, timeline } = this.#workspace;
    const still = (brush) => this.#drawStill(brush);
    const moving = (brush) => {
      this.#drawPaths(brush, timeline.progress);
      this.#drawCursor(brush, timeline.position);
    };
    const summary = `Marginals of a mixture of two Gaussians that becomes N(0, 1), with time from left to right and ${PATHS} paths ${WORDS[settings.paths]}.`;
    stage.show([{ title: "", still: [still], moving: [moving] }], summary);
  }

  #axes({ plane: { box }, type }) {
    const [left, right] = [box.x + (FRAME.left + SIDE) * type, box.x + box.width - (FRAME.right + SIDE) * type];
    return {
      time: new Axis([0, 1], [left, right]),
      place: new Axis([-RANGE, RANGE], [box.y + box.height - FRAME.bottom * type, box.y + FRAME.top * type]),
    };
  }

  #drawStill({ context, plane, type, color }) {
    const { time, place } = this.#axes({ plane, type });
    const side = SIDE * type;
    const map = heatMapOf(this.#compressed(), [0, PALE], rampOf(["--surface", "--accent"].map(color)));
    drawHeatMap(context, map, { x: time.from, y: place.to, width: time.to - time.from, height: place.from - place.to });
    const look = { size: SIZE * type, ink: color("--muted"), line: color("--line") };
    drawLeft(context, place, { x: plane.box.x + FRAME.left * type, ...look });
    drawBelow(context, time, { y: place.from + 4, ...look });
    for (const [column, x, sign, words] of [[0, time.from - 4, -1, "data"], [TIMES - 1, time.to + 4, 1, "N(0, 1)"]]) {
      this.#drawSide(context, place, { column, x, width: sign * (side - 10), ink: color("--accent") });
      context.fillStyle = color("--ink");
      context.font = font((SIZE + 1) * type, "600");
      context.textAlign = "center";
      context.textBaseline = "bottom";
      context.fillText(words, x + (sign * side) / 2, place.to - 8);
    }
    context.fillStyle = color("--muted");
    context.font = font(SIZE * type);
    context.fillText("time t / T", (time.from + time.to) / 2, place.to - 8);
  }

  /** The current time, as a vertical line. */
  #drawCursor({ context, plane, type, color }, position) {
    const { time, place } = this.#axes({ plane, type });
    context.strokeStyle = color("--ink");
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(time.at(position), place.to);
    context.lineTo(time.at(position), place.from);
    context.stroke();
  }

  /** The square roots of the densities, relative to the maximum, so that a narrow peak does not hide the rest. */
  #compressed() {
    const { columns, rows, values } = this.#grid;
    const most = values.reduce((most, value) => Math.max(most, value), 0);
    return { columns, rows, values: values.map((value) => Math.sqrt(value / most)) };
  }

  /** The density at one end of the time axis, as a vertical curve. */
  #drawSide(context, place, { column, x, width, ink }) {
    const { columns, rows, values } = this.#grid;
    const at = (row) => values[row * columns + column];
    const most = Math.max(...Array.from({ length: rows }, (_, row) => at(row)));
    context.beginPath();
    context.moveTo(x, place.to);
    for (let row = 0; row < rows; row++) context.lineTo(x + width * (at(row) / most), place.to + ((place.from - place.to) * (row + 0.5)) / rows);
    context.lineTo(x, place.from);
    context.closePath();
    context.fillStyle = ink;
    context.globalAlpha = 0.25;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = ink;
    context.lineWidth = 1.5;
    context.stroke();
  }

  #drawPaths({ context, plane, type, color }, progress) {
    const { time, place } = this.#axes({ plane, type });
    context.save();
    context.beginPath();
    context.rect(time.from, place.to, time.to - time.from, place.from - place.to);
    context.clip();
    context.strokeStyle = color("--ink");
    context.fillStyle = color("--probe");
    context.lineWidth = 1;
    context.lineJoin = "round";
    context.beginPath();
    const ends = this.#paths.map((path) => trace(context, path, { time, place, progress }));
    context.globalAlpha = 0.7;
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    for (const { x, y } of ends) {
      context.moveTo(x + 3.5, y);
      context.arc(x, y, 3.5, 0, 2 * Math.PI);
    }
    context.fill();
    context.restore();
  }
}

/** One path for each point, with times from 0 to 1. */
function pathsOf({ times, positions }, count, last) {
  const scaled = Float64Array.from(times, (time) => time / last);
  return Array.from({ length: count }, (_, index) => ({ times: scaled, values: Float32Array.from(scaled, (_, at) => positions[at * count + index]) }));
}

/** Draws a path up to a fraction of its time; returns the end point. */
function trace(context, { times, values }, { time, place, progress }) {
  const [first, last] = [times[0], times.at(-1)];
  const now = first + (last - first) * progress;
  const isPast = (at) => Math.abs(at - first) <= Math.abs(now - first);
  let end = { x: time.at(first), y: place.at(values[0]) };
  context.moveTo(end.x, end.y);
  for (let index = 1; index < times.length && isPast(times[index]); index++) {
    end = { x: time.at(times[index]), y: place.at(values[index]) };
    context.lineTo(end.x, end.y);
  }
  return end;
}
