/** The figure of the restore lab: the picture, what is observed of it, the answers, and what they have in common. */

import { imageOf, pixelsAt } from "../images/picture.js";
import { Trajectory } from "../images/trajectory.js";
import { Canvas } from "../plot/canvas.js";
import { rampOf } from "../plot/color-map.js";
import { noiseBatch } from "../plot/grid.js";
import { heatMapOf } from "../plot/heat-map.js";
import { sizeOf } from "../shell/models.js";
import { Answers } from "./answers.js";
import { Divider } from "./divider.js";
import { Easel } from "./easel.js";
import { LOSSES, seenBy } from "./losses.js";
import { drawSharp, observedPixels, overChannels, pixelsOfValues, showPixels } from "./pixels.js";
import { ResidualPlot } from "./residual-plot.js";
import { Turntable } from "./turntable.js";

/** Interval between updates with reduced motion. */
const CALM_INTERVAL = 1000; // milliseconds
/** The darkest colour of the standard deviation stands for at least this, in units of [−1, 1]. */
const MIN_STD = 0.2;
/** Side of the noise that is shown before the first run, in pixels. */
const NOISE = 28;

export class Exhibition {
  #root;
  #part;
  #settings;
  #answers;
  #divider;
  #turntable;
  #std;
  #deviation = null;
  #trajectory = null;
  #index = 0;
  #seen = null;
  easel;
  plot;
  /** What is seen of the picture: `{ pixels, size }`, or null. */
  observed = null;

  /**
   * @param {HTMLElement} root
   * @param {string} prefix
   * @param {{ settings: object, onBegin: () => void, onStroke: (isOver: boolean) => void }} lab
   */
  constructor(root, prefix, { settings, onBegin, onStroke }) {
    this.#root = root;
    this.#part = (id) => root.querySelector(`#${prefix}${id}`);
    this.#settings = settings;
    const { elements } = this.#part("settings");
    this.easel = new Easel(this.#part("easel"), this.#part("pad"), {
      radius: () => Number(elements.brushSize.value), hides: () => elements.brush.value === "hide", onBegin, onStroke,
    });
    this.#answers = new Answers(this.#part("answers"), `${prefix}settings`);
    this.#divider = new Divider(this.#part("divider"));
    this.#turntable = new Turntable(this.#part("turntable"), this.#part("turning"), () => this.#readTurn());
    this.#std = new Canvas(this.#part("std"), (context, area) => this.#drawStd(context, area));
    this.plot = new ResidualPlot(this.#part("residual-plot"));
    this.#part("turn-over").addEventListener("click", () => this.#turntable.toggle());
    this.#part("scrub").addEventListener("input", ({ target }) => this.showFrame(target.valueAsNumber));
    // The place that the first answers will take.
    const isWide = settings.view === "panorama";
    this.#answers.arrange(isWide ? settings.canvases : settings.count, [1, isWide ? settings.windows : 1], settings.answer);
    this.#answers.show(noiseBatch(isWide ? settings.canvases : settings.count, NOISE * (isWide ? settings.windows : 1), NOISE));
  }

  /** Shows the parts of the view. */
  arrange({ view, turn }) {
    this.#part("bench").dataset.view = view;
    this.#turntable.setTurn(turn);
  }

  /** Marks the answers as those of earlier settings. */
  dim(isEarlier) {
    this.#answers.dim(isEarlier);
  }

  // The picture and its observation.

  /** Shows a picture before the engine has started. */
  preview(image, size, { settings, mask }) {
    this.easel.show(image, size, mask);
    this.#seen = size;
    this.easel.setSeen(seenBy(LOSSES[settings.lost].operator(settings, size, mask), size));
  }

  /**
   * Shows a picture and what is observed of it.
   * @param {object} pipeline
   * @param {object} settings
   * @param {{ values: Float32Array, name: string, mask: import("./mask.js").Mask }} picture
   * @returns {Promise<object>}  the picture with its operator and observation
   */
  async observe(pipeline, settings, picture) {
    const size = sizeOf(pipeline);
    const operator = LOSSES[settings.lost].operator(settings, size, picture.mask);
    this.easel.show(imageOf(pixelsOfValues(picture.values, size[0] * size[1]), size[1], size[0]), size, picture.mask);
    this.easel.setSeen(seenBy(operator, size));
    const observation = await pipeline.observe(picture.values, { operator, noise: settings.noise, seed: settings.seed });
    this.observed = observedPixels(observation, operator, size);
    showPixels(this.#part("observed"), this.observed.pixels, this.observed.size);
    this.#divider.showBefore(this.observed.pixels, this.observed.size);
    this.#part("easel").setAttribute("aria-label", `The picture: ${picture.name}.`);
    this.#part("observed").setAttribute("aria-label", `The observation of ${picture.name}: ${LOSSES[settings.lost].title.toLowerCase()}.`);
    this.#seen = size;
    return { ...picture, operator, observation };
  }

  /** Shows the mask while it is painted. */
  showMask(mask) {
    if (this.#seen !== null) this.easel.setSeen(mask.known(this.#seen));
  }

  // The answers.

  /**
   * Runs a sampling to its end and shows each step. If it is cancelled or fails, the answers remain as far as they came.
   * @returns {Promise<number | null>}  the run time in milliseconds, or null if it was cancelled
   */
  async follow(sampling, plan, { progress, lab, signal, onShown }) {
    const noise = await sampling.images();
    this.#trajectory = new Trajectory(sampling, plan.size, noise);
    this.#answers.arrange(plan.options.batch, plan.size, Math.min(this.#settings.answer, plan.options.batch));
    this.plot.begin(plan.options.noise ?? 0, sampling.steps);
    this.#part("residual").textContent = "";
    this.#part("scrub").disabled = true;
    onShown();
    this.dim(false);
    this.showFrame(0);
    try {
      await this.#trajectory.record(sampling, this.#stepper(sampling, plan, { progress, lab, signal }));
      return progress.finished().milliseconds;
    } catch (error) {
      if (!signal.aborted) throw error;
      progress.end(`Cancelled after step ${this.#trajectory.last.step} of ${this.#trajectory.steps}.`);
      return null;
    } finally {
      this.#settle(plan);
    }
  }

  /** The callback that is awaited after each step. */
  #stepper(sampling, plan, { progress, lab, signal }) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const showStep = progress.stepper();
    let shownAt = -Infinity;
    return async (step) => {
      showStep(step);
      const isLast = step.step === step.steps;
      if (plan.picture !== null) this.plot.add(step.step, step.steps, await sampling.residual());
      if (isLast || !isCalm || performance.now() - shownAt >= CALM_INTERVAL) {
        shownAt = performance.now();
        if (plan.picture !== null) await this.#summarise(sampling, plan);
        this.showFrame();
      }
      progress.discount(await lab.turn(signal));
    };
  }

  /** Shows mean and standard deviation over the answers, and the residual. */
  async #summarise(sampling, { size, options, settings }) {
    const count = size[0] * size[1];
    const [mean, std] = [await sampling.mean(), await sampling.std()];
    showPixels(this.#part("mean"), pixelsOfValues(mean, count), size);
    this.#deviation = { values: overChannels(std, count), size };
    this.#std.redraw();
    this.#part("largest-std").textContent = `≤ ${Math.max(...this.#deviation.values).toFixed(2)}`;
    const { last } = this.plot;
    this.#part("residual").textContent = `residual ${last.mean.toFixed(3)}${options.batch > 1 ? ` ± ${last.std.toFixed(3)}` : ""} · noise level ${settings.noise}`;
  }

  #drawStd(context, { width, height, color }) {
    if (this.#deviation === null) return;
    const { values, size: [rows, columns] } = this.#deviation;
    const map = heatMapOf({ columns, rows, values }, [0, Math.max(MIN_STD, ...values)], rampOf(["--surface", "--accent", "--ink"].map(color)));
    drawSharp(context, map, { width, height });
  }

  #settle({ description, picture }) {
    const scrub = this.#part("scrub");
    scrub.max = this.#trajectory.frames.length - 1;
    scrub.disabled = this.#trajectory.frames.length < 2;
    this.showFrame();
    this.plot.describe();
    this.#part("picture-status").textContent = `${description}.`;
    if (picture === null) return;
    this.#part("mean").setAttribute("aria-label", `The mean of ${description}.`);
    this.#part("std").setAttribute("aria-label", `The standard deviation of ${description}. The largest is ${Math.max(...(this.#deviation?.values ?? [0])).toFixed(2)}.`);
  }

  /** Shows a frame of the recording, by default the current one, or the newest of a run. */
  showFrame(index = this.#part("scrub").disabled ? (this.#trajectory?.frames.length ?? 0) - 1 : Math.min(this.#index, (this.#trajectory?.frames.length ?? 0) - 1)) {
    if (this.#trajectory === null) return;
    this.#index = index;
    const scrub = this.#part("scrub");
    if (scrub.disabled) scrub.max = Math.max(1, this.#trajectory.frames.length - 1);
    scrub.value = index;
    scrub.setAttribute("aria-valuetext", `after step ${this.#trajectory.frames[index].step} of ${this.#trajectory.steps}`);
    this.#answers.show(this.batch);
    this.#showChosen();
  }

  /** The answers of the frame that is shown, or null. */
  get batch() {
    if (this.#trajectory === null) return null;
    return this.batchAt(this.#index);
  }

  batchAt(index) {
    const { width, height } = this.#trajectory;
    return { pixels: this.#trajectory.pixels(index, this.#settings.shown), width, height };
  }

  /** The recording of the run, or null; `isSettled` once it has ended. */
  get recording() {
    return this.#trajectory === null ? null : { trajectory: this.#trajectory, isSettled: !this.#part("scrub").disabled };
  }

  /** Follows a change of the chosen answer. */
  choose() {
    this.#answers.choose(this.#settings.answer);
    this.#showChosen();
  }

  #showChosen() {
    const { batch } = this;
    if (batch === null) return;
    const count = batch.pixels.length / (4 * batch.width * batch.height);
    const pixels = pixelsAt(batch, Math.min(this.#settings.answer, count) - 1);
    const size = [batch.height, batch.width];
    this.#divider.showAfter(pixels, size);
    this.#turntable.show(pixels, size);
  }

  /** Says what the turned picture should show. */
  #readTurn() {
    const share = this.#turntable.share;
    const nameOf = (name) => this.#part(name).selectedOptions[0]?.textContent;
    const [upright, turned] = ["upright", "turned"].map(nameOf);
    this.#part("turn-caption").textContent = share < 0.05 ? `Upright: ${upright} · drag to turn` : share > 0.95 ? `Turned: ${turned} · drag to turn back` : "…";
  }
}
