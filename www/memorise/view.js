/** The picture of the lab: samples of the ideal denoiser and of the network, side by side, with lines to their nearest training points. */

import { axesLayer, dataLayer } from "../points/layers.js";
import { Stage } from "../points/stage.js";
import { percent, separated } from "./copies.js";

const COPIES = { color: "--probe", size: 2, opacity: 0.85 };
const OTHERS = { color: "--accent", size: 1.8, opacity: 0.85 };

/** @typedef {{ samples: Float32Array, neighbours: import("./copies.js").Neighbours }} Shown */

export class MemoriseView {
  #stage;
  #training = new Float32Array(0);
  /** @type {{ ideal: Shown | null, network: Shown | null }} */
  #shown = { ideal: null, network: null };

  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.#stage = new Stage(element);
  }

  get picture() {
    return this.#stage.picture;
  }

  /** Shows other training points, without samples. */
  begin(training) {
    this.#training = training;
    this.#shown = { ideal: null, network: null };
    this.#show();
  }

  /**
   * Shows the samples of a model.
   * @param {"ideal" | "network"} model
   * @param {Shown} shown
   */
  update(model, shown) {
    this.#shown[model] = shown;
    this.#show();
  }

  /** The samples that are shown: `[model, samples]`. */
  get samples() {
    return Object.entries(this.#shown).filter(([, shown]) => shown !== null).map(([model, { samples }]) => [model, samples]);
  }

  #show() {
    const count = this.#training.length / 2;
    const fact = (shown) => (shown === null ? "" : `${percent(shown.neighbours.share)} copies`);
    const pane = (title, shown) => ({ title, fact: fact(shown), still: [axesLayer, dataLayer(this.#training), ...(shown === null ? [] : layersOf(shown))], moving: [] });
    const titles = { ideal: "Ideal denoiser", network: "Network" };
    const said = Object.entries(titles).map(([model, title]) => `${title}: ${fact(this.#shown[model]) || "no samples yet"}.`);
    this.#stage.show(Object.entries(titles).map(([model, title]) => pane(title, this.#shown[model])), `${count} training points. ${said.join(" ")}`);
  }
}

/** Lines to the nearest training points, and the samples over them. */
function layersOf({ samples, neighbours: { nearest, isCopy } }) {
  const { copies, others } = separated(samples, isCopy);
  const lines = ({ context, plane, color }) => {
    context.strokeStyle = color("--ink");
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.beginPath();
    for (let at = 0; at < samples.length; at += 2) {
      context.moveTo(plane.atX(samples[at]), plane.atY(samples[at + 1]));
      context.lineTo(plane.atX(nearest[at]), plane.atY(nearest[at + 1]));
    }
    context.stroke();
    context.globalAlpha = 1;
  };
  return [lines, (brush) => brush.dots(others, OTHERS), (brush) => brush.dots(copies, COPIES)];
}
