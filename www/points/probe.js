/** A draggable point: its paths along the probability-flow ODE to data and to noise, and its clean estimate. */

import { curveOf } from "./layers.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const MOVE = 0.05;
const EDGE = 4;
/** Maximum distance from the point at which a finger can grab it, in units of the data. */
const NEAR = 0.75;
const STEPS = 40;

export class Probe {
  #workspace;
  #time = () => 0;
  #progress = null;
  /** The kinds of model, one for each pane. */
  #kinds = [];
  /** Results for the point by kind of model: `{ toClean, toNoise, clean }`. */
  #ways = new Map();
  #updating = null;
  #isStale = false;

  constructor(workspace) {
    this.#workspace = workspace;
  }

  get isShown() {
    return this.#workspace.settings.probe === "on";
  }

  /**
   * Switches to other models.
   * @param {("network" | "ideal")[]} kinds  one for each pane
   * @param {object} place
   * @param {() => number} place.time  timestep of the point
   * @param {() => number} [place.progress]  position on its path to the data, from 0 to 1; null shows only the path
   */
  follow(kinds, { time, progress = null }) {
    this.#kinds = kinds;
    this.#time = time;
    this.#progress = progress;
    this.#ways.clear();
    this.update();
  }

  /** Whether a touch here grabs the point. */
  isNear(event) {
    const [x, y] = this.#workspace.stage.pointAt(event);
    const { settings } = this.#workspace;
    return Math.hypot(x - settings.x, y - settings.y) <= NEAR;
  }

  /** Moves the point to the pointer. */
  drag(event) {
    this.#place(this.#workspace.stage.pointAt(event));
  }

  /** Handles a key. Returns whether the point uses it. */
  key({ key, shiftKey }) {
    if (!(key in MOVES)) return false;
    const { settings } = this.#workspace;
    const step = MOVE * (shiftKey ? 5 : 1);
    this.#place([settings.x + step * MOVES[key][0], settings.y + step * MOVES[key][1]]);
    return true;
  }

  #place(point) {
    const [x, y] = point.map((value) => Math.round(100 * Math.min(EDGE, Math.max(-EDGE, value))) / 100);
    this.#workspace.movePoint(x, y);
    this.update();
  }

  /** Recomputes the paths; during the computation only the latest position is queued. */
  async update() {
    this.#workspace.stage.redraw();
    if (!this.isShown) return;
    this.#isStale = true;
    this.#updating ??= this.#compute().finally(() => (this.#updating = null));
    await this.#updating;
  }

  async #compute() {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        for (const kind of new Set(this.#kinds)) this.#ways.set(kind, await this.#wayUnder(kind));
      } catch {
        // The data or the model were replaced, which triggers another update. Other errors are reported elsewhere.
        return;
      }
      this.#workspace.stage.redraw();
      this.#describe();
    }
  }

  #wayUnder(kind) {
    const { settings, curves } = this.#workspace;
    const point = Float32Array.of(settings.x, settings.y);
    const time = Math.min(curves.last, Math.max(0, this.#time()));
    return this.#workspace.withModel(kind, async (model) => {
      const way = (to) => (Math.abs(to - time) < 1 ? { positions: point } : model.paths(point, { from: time, to, steps: STEPS }));
      const [toClean, toNoise, clean] = await Promise.all([way(0), way(curves.last), model.field(point, { time, quantity: "clean" })]);
      return { toClean: toClean.positions, toNoise: toNoise.positions, clean, time };
    });
  }

  #describe() {
    const { settings } = this.#workspace;
    const sentences = [...new Set(this.#kinds)].filter((kind) => this.#ways.has(kind)).map((kind) => {
      const { toClean, clean } = this.#ways.get(kind);
      return `${capital(this.#workspace.nameOfModel(kind))}: the flow ends at ${pair(toClean.slice(-2))}; clean estimate x̂₀ = ${pair(clean)}.`;
    });
    this.#workspace.part("probe-figures").textContent = `At ${pair([settings.x, settings.y])}, t = ${Math.round(this.#time())}. ${sentences.join(" ")}`;
  }

  /** The layer for a pane, by its index. */
  layer(index) {
    return (brush) => {
      if (!this.isShown) return;
      const way = this.#ways.get(this.#kinds[index]);
      if (way !== undefined) drawWay(brush, way);
      drawHandle(brush, this.#workspace.settings);
      if (way !== undefined && this.#progress !== null) drawTraveller(brush, way, this.#progress());
    };
  }
}

function drawWay({ context, plane, color }, { toClean, toNoise, clean }) {
  context.lineJoin = context.lineCap = "round";
  const halo = (width, ink, dash = []) => {
    context.setLineDash(dash);
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.stroke();
    context.setLineDash([]);
  };
  for (const [positions, ink, width] of [[toNoise, "--muted", 1.5], [toClean, "--probe", 2.5]]) {
    context.beginPath();
    curveOf(context, plane, positions);
    halo(width + 3, color("--surface"));
    halo(width, color(ink));
  }
  const [startX, startY] = [toClean[0], toClean[1]];
  context.beginPath();
  curveOf(context, plane, [startX, startY, ...clean]);
  halo(1.5, color("--probe"), [2, 5]);
  disc(context, plane, toClean.slice(-2), 5, color("--probe"));
  cross(context, plane, clean, color("--probe"));
}

function drawHandle({ context, plane, color }, { x, y }) {
  context.beginPath();
  context.arc(plane.atX(x), plane.atY(y), 9, 0, 2 * Math.PI);
  context.fillStyle = color("--surface");
  context.fill();
  context.lineWidth = 3;
  context.strokeStyle = color("--probe");
  context.stroke();
}

/** The point at its current position on the path to the data. */
function drawTraveller({ context, plane, color }, { toClean }, progress) {
  const last = toClean.length / 2 - 1;
  const at = 2 * Math.round(progress * last);
  disc(context, plane, toClean.slice(at, at + 2), 6, color("--probe"));
}

function disc(context, plane, [x, y], radius, ink) {
  context.beginPath();
  context.arc(plane.atX(x), plane.atY(y), radius, 0, 2 * Math.PI);
  context.fillStyle = ink;
  context.fill();
}

function cross(context, plane, [x, y], ink) {
  const [middleX, middleY] = [plane.atX(x), plane.atY(y)];
  context.beginPath();
  for (const turn of [1, -1]) {
    context.moveTo(middleX - 6, middleY - 6 * turn);
    context.lineTo(middleX + 6, middleY + 6 * turn);
  }
  context.strokeStyle = ink;
  context.lineWidth = 2.5;
  context.stroke();
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const pair = ([x, y]) => `(${[x, y].map((value) => value.toFixed(2).replace("-", "−")).join(", ")})`;
