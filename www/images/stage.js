/** The stage: the grid of samples, the timeline of noise levels and the buttons below. */

import { drawToFit, gridAsPng, noiseBatch } from "../plot/grid.js";
import { signalVarianceAt } from "../plot/noise-levels.js";
import { saveFile } from "../shell/save.js";
import { captionOf } from "./caption.js";

/** Approximate duration of a replay. */
const REPLAY = 3000; // milliseconds
const PNG_CELL = 224; // pixels

export class Stage {
  #parts;
  #batch;
  #trajectory = null;
  #variances;
  #description = "";
  #index = 0;
  #view = "noisy";
  #replay = null;
  #dimmed = true;

  constructor(root) {
    const part = (id) => root.querySelector(`#${id}`);
    this.#parts = {
      canvas: part("grid"), scrub: part("scrub"), signal: part("signal"), ahead: part("ahead"),
      level: part("level"), caption: part("caption"), play: part("play"), save: part("save"),
    };
    this.#batch = noiseBatch(16, 28, 28);
    new ResizeObserver(() => this.#draw()).observe(this.#parts.canvas);
    this.#parts.scrub.addEventListener("input", () => {
      this.#stopReplay();
      this.#show(this.#parts.scrub.valueAsNumber);
    });
    this.#parts.play.addEventListener("click", () => (this.#replay === null ? this.#startReplay() : this.#stopReplay()));
    this.#parts.save.addEventListener("click", () => this.#save());
  }

  /** Shows a new run. `description` is for screen readers; `variances` is alpha² at each timestep. */
  follow(trajectory, variances, description) {
    this.#stopReplay();
    this.#trajectory = trajectory;
    this.#variances = variances;
    this.#description = description;
    this.#dimmed = false;
    for (const part of ["scrub", "play", "save"]) this.#parts[part].disabled = true;
    this.showLatest();
  }

  /** Shows the newest frame of the run. */
  showLatest() {
    this.#drawRibbon(this.#trajectory.steps);
    this.#show(this.#trajectory.frames.length - 1);
  }

  /** Enables the timeline and the buttons when the run has ended or was cancelled. */
  settle() {
    const { frames, last } = this.#trajectory;
    this.#drawRibbon(Math.max(1, last.step));
    this.#show(frames.length - 1);
    this.#parts.save.disabled = false;
    this.#parts.scrub.disabled = this.#parts.play.disabled = frames.length < 2;
  }

  /** Switches between x_t ("noisy") and the estimate of x_0 ("clean"). */
  setView(view) {
    this.#view = view;
    if (this.#trajectory !== null) this.#show(this.#index);
  }

  /** What is shown, or null before the first run. */
  get shown() {
    if (this.#trajectory === null) return null;
    const { canvas, scrub } = this.#parts;
    return {
      trajectory: this.#trajectory, index: this.#index, view: this.#view, description: this.#description, batch: this.#batch,
      isSettled: !scrub.disabled, width: canvas.clientWidth, height: canvas.clientHeight,
    };
  }

  #show(index) {
    const trajectory = this.#trajectory;
    this.#index = index;
    this.#batch = { pixels: trajectory.pixels(index, this.#view), width: trajectory.width, height: trajectory.height };
    this.#draw();

    const level = this.#levelAt(index);
    const { step } = trajectory.frames[index];
    this.#parts.scrub.value = index;
    this.#parts.scrub.setAttribute("aria-valuetext", `after step ${step} of ${trajectory.steps}${level.spoken}`);
    this.#parts.level.innerHTML = level.written;
    this.#parts.caption.innerHTML = captionOf({ view: this.#view, step, steps: trajectory.steps, sigma: level.sigma });
    const what = this.#view === "noisy" ? "noisy x t" : "predicted x 0";
    this.#parts.canvas.setAttribute("aria-label", `${this.#description}: ${what} after step ${step} of ${trajectory.steps}.`);
  }

  #levelAt(index) {
    const { step } = this.#trajectory.frames[index];
    const timestep = this.#trajectory.timesteps()?.[step];
    if (timestep === undefined) return { written: "", spoken: "" };
    const time = timestep < 0 ? "clean" : `<i>t</i> = ${Math.round(timestep)}`;
    const spoken = timestep < 0 ? ", clean" : `, timestep ${Math.round(timestep)}`;
    const signal = signalVarianceAt(this.#variances, timestep);
    const noise = Math.sqrt(1 - signal);
    const [alpha, sigma] = [Math.sqrt(signal), noise].map((value) => value.toFixed(2));
    return {
      sigma: noise,
      written: `<span>${time}</span><span><i>α</i> = ${alpha}</span><span><i>σ</i> = ${sigma}</span>`,
      spoken: `${spoken}, alpha ${alpha}, sigma ${sigma}`,
    };
  }

  #draw() {
    const { canvas } = this.#parts;
    const { pixels, width, height } = this.#batch;
    canvas.classList.toggle("dimmed", this.#dimmed);
    drawToFit(canvas, this.#batch, gapFor(pixels.length / (4 * width * height)));
  }

  /** Draws the noise levels of the steps up to `extent`, with future steps in a lighter colour. */
  #drawRibbon(extent) {
    const { frames, last } = this.#trajectory;
    const timesteps = this.#trajectory.timesteps();
    this.#parts.scrub.max = frames.length - 1;
    this.#parts.ahead.setAttribute("x", (100 * last.step) / extent);
    if (timesteps === null) return this.#parts.signal.setAttribute("d", "");
    const points = timesteps.slice(0, extent + 1).map((timestep, step) => {
      const noise = 1 - signalVarianceAt(this.#variances, timestep);
      return `${((100 * step) / extent).toFixed(2)} ${noise.toFixed(4)}`;
    });
    this.#parts.signal.setAttribute("d", `M0 1L${points.join("L")}L100 1Z`);
  }

  #startReplay() {
    const { frames } = this.#trajectory;
    if (this.#index === frames.length - 1) this.#show(0);
    const pause = Math.min(150, Math.max(30, REPLAY / frames.length));
    this.#parts.play.classList.add("playing");
    this.#parts.play.setAttribute("aria-label", "Pause");
    this.#replay = setInterval(() => {
      if (this.#index < frames.length - 1) this.#show(this.#index + 1);
      else this.#stopReplay();
    }, pause);
  }

  #stopReplay() {
    clearInterval(this.#replay);
    this.#replay = null;
    this.#parts.play.classList.remove("playing");
    this.#parts.play.setAttribute("aria-label", "Play the trajectory");
  }

  async #save() {
    const blob = await gridAsPng(this.#batch, PNG_CELL);
    saveFile(blob, `tweedie-step-${this.#trajectory.frames[this.#index].step}.png`);
  }
}

/** The gap between cells, in CSS pixels; smaller for many cells. */
function gapFor(count) {
  return count > 36 ? 4 : count > 16 ? 6 : 8;
}
