/** One cell of the comparison: the samples, their cost and their distance to the reference. */

import { FINEST } from "../plot/canvas.js";
import { html } from "../shell/element.js";
import { duration } from "../shell/progress.js";
import { DIVERGED } from "./plan.js";

export class Cell {
  #canvas;
  #look;
  /** The data shown, in the format of the look. */
  #shown;
  #evaluations = html("span", {});
  #time = html("span", {});
  #value = html("span", { class: "value" });
  #bar = html("span", { class: "bar" });
  #refusal = html("p", { class: "refusal" });

  /**
   * @param {{ title: string, options: object }} run
   * @param {import("./pictures.js").Pictures | import("./scatter.js").Scatter} look  draws the samples
   * @param {string} label  label for narrow screens, which have no column headers
   */
  constructor(run, look, label) {
    this.#look = look;
    this.#shown = look.blank;
    this.#canvas = html("canvas", { role: "img", "aria-label": run.title, class: look.name });
    this.#canvas.style.aspectRatio = look.aspectRatio;
    const distance = html("p", { class: "distance" }, html("span", { class: "visually-hidden" }, "distance "), this.#value, this.#bar);
    const cost = html("p", { class: "cost" }, this.#evaluations, " ", this.#time);
    this.element = html("td", { role: "cell", class: "cell", "data-state": "waiting" },
      html("p", { class: "label", "aria-hidden": "true" }, label), this.#canvas, distance, cost, this.#refusal);
  }

  /** The error that is shown instead of samples, or null. */
  get refusal() {
    return this.element.dataset.state === "refused" ? this.#refusal.textContent : null;
  }

  /** Shows the current state of a running sampling. */
  show(shown) {
    this.element.dataset.state = "running";
    this.#shown = shown;
    this.draw();
  }

  showEvaluations(evaluations) {
    this.#evaluations.textContent = evaluations === 1 ? "1 eval" : `${evaluations} evals`;
  }

  showResult({ shown, evaluations, milliseconds }) {
    this.show(shown);
    this.showEvaluations(evaluations);
    // Precomputed results have no run time.
    this.#time.textContent = milliseconds === null ? "" : duration(milliseconds);
    this.element.dataset.state = "done";
  }

  /** Marks the sampling as cancelled; its latest state remains visible. */
  showCancelled() {
    this.element.dataset.state = "waiting";
  }

  showDistance(distance) {
    this.#value.textContent = distance > DIVERGED ? "diverged" : distance.toFixed(3);
    this.#bar.style.setProperty("--share", Math.min(1, distance));
  }

  /** Shows an error instead of samples. */
  refuse(sentence) {
    this.element.dataset.state = "refused";
    this.#refusal.textContent = sentence;
  }

  draw() {
    const canvas = this.#canvas;
    const ratio = Math.min(devicePixelRatio, FINEST);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * ratio));
    if (width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#look.draw(canvas, this.#shown, ratio);
  }
}
