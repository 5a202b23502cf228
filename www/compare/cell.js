/** One cell of the comparison: the picture, what it cost, and how far it is from the picture of many steps. */

import { drawGrid, gridLayout } from "../plot/grid.js";
import { html } from "../shell/element.js";
import { duration } from "../shell/progress.js";
import { DIVERGED } from "./plan.js";

/** Between the pictures of one cell, in pixels of the page. */
const GAP = 3;

export class Cell {
  #canvas;
  #batch;
  #evaluations = html("span", {});
  #time = html("span", {});
  #value = html("span", { class: "value" });
  #bar = html("span", { class: "bar" });
  #refusal = html("p", { class: "refusal" });

  /**
   * @param {{ title: string, options: object }} run
   * @param {{ pixels: Uint8ClampedArray, width: number, height: number }} noise  what is shown until it is computed
   * @param {string} label  says which of its row it is, where there is no room for a head over the columns
   */
  constructor(run, noise, label) {
    const { width, height } = noise;
    this.#batch = noise;
    this.#canvas = html("canvas", { role: "img", "aria-label": run.title });
    this.#canvas.style.aspectRatio = `${width} / ${height}`;
    const distance = html("p", { class: "distance" }, html("span", { class: "visually-hidden" }, "distance "), this.#value, this.#bar);
    const cost = html("p", { class: "cost" }, this.#evaluations, " ", this.#time);
    this.element = html("td", { role: "cell", class: "cell", "data-state": "waiting" },
      html("p", { class: "label", "aria-hidden": "true" }, label), this.#canvas, distance, cost, this.#refusal);
  }

  /** The sentence that it shows instead of a picture, or null. */
  get refusal() {
    return this.element.dataset.state === "refused" ? this.#refusal.textContent : null;
  }

  /** Shows how a sampling that goes on looks by now. */
  showPixels(pixels) {
    this.element.dataset.state = "running";
    this.#batch = { ...this.#batch, pixels };
    this.draw();
  }

  showEvaluations(evaluations) {
    this.#evaluations.textContent = evaluations === 1 ? "1 eval" : `${evaluations} evals`;
  }

  showResult({ pixels, evaluations, milliseconds }) {
    this.showPixels(pixels);
    this.showEvaluations(evaluations);
    this.#time.textContent = duration(milliseconds);
    this.element.dataset.state = "done";
  }

  /** The sampling was cancelled; what is seen of it stays. */
  showCancelled() {
    this.element.dataset.state = "waiting";
  }

  showDistance(distance) {
    this.#value.textContent = distance > DIVERGED ? "diverged" : distance.toFixed(3);
    this.#bar.style.setProperty("--share", Math.min(1, distance));
  }

  /** Shows why there is no picture. */
  refuse(sentence) {
    this.element.dataset.state = "refused";
    this.#refusal.textContent = sentence;
  }

  draw() {
    const canvas = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 3);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * ratio));
    if (width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const { pixels, width: imageWidth, height: imageHeight } = this.#batch;
    const count = pixels.length / (4 * imageWidth * imageHeight);
    const layout = gridLayout({ count, imageWidth, imageHeight, width, height, gap: Math.round(GAP * ratio) });
    drawGrid(canvas.getContext("2d"), layout, this.#batch, Math.min(6 * ratio, layout.cellWidth / 12));
  }
}
