/** Plays recorded runs on a canvas, without the engine or a model. */

import { drawToFit } from "../plot/grid.js";
import { readRecording } from "./recording.js";

const DURATION = 3600; // milliseconds, of a whole run
/** Pauses at the initial noise and at the end, in milliseconds. */
const PAUSE = { before: 200, after: 1400 };

/** The run repeats until the lab draws, up to this limit, because the model may never load. */
const MAX_ROUNDS = 12;

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Replay {
  #canvas;
  #gap;
  #onFrame;
  #recording = null;
  #step = 0;
  #turn = null;

  /**
   * @param {HTMLCanvasElement} canvas  sized by CSS
   * @param {{ gap: number, onFrame?: (step: number, steps: number) => void }} options  `gap` between the images, in CSS pixels
   */
  constructor(canvas, { gap, onFrame = () => {} }) {
    this.#canvas = canvas;
    this.#gap = gap;
    this.#onFrame = onFrame;
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  get isPlaying() {
    return this.#turn !== null;
  }

  /** Shows a step of a recording. */
  show(recording, step) {
    this.#recording = recording;
    this.#step = step;
    this.#draw();
  }

  /** Plays a recording once; resolves when it has ended or was stopped. */
  async play(recording) {
    this.stop();
    const began = performance.now();
    const { promise, resolve } = withResolvers();
    this.#turn = { end: resolve };
    const frame = (now) => {
      const passed = now - began - PAUSE.before;
      const step = Math.max(0, Math.min(recording.steps, Math.floor((passed / DURATION) * (recording.steps + 1))));
      if (step !== this.#step || recording !== this.#recording) this.show(recording, step);
      if (passed > DURATION + PAUSE.after) return this.stop();
      this.#turn.request = requestAnimationFrame(frame);
    };
    this.show(recording, 0);
    this.#turn.request = requestAnimationFrame(frame);
    return promise;
  }

  stop() {
    if (this.#turn === null) return;
    const { request, end } = this.#turn;
    this.#turn = null;
    cancelAnimationFrame(request);
    end();
  }

  #draw() {
    if (this.#recording === null) return;
    const { frames, width, height, steps } = this.#recording;
    drawToFit(this.#canvas, { pixels: frames[this.#step], width, height }, this.#gap);
    this.#onFrame(this.#step, steps);
  }
}

/** Promise.withResolvers, which browsers support since 2024. */
function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve) => (parts.resolve = resolve));
  return parts;
}

/**
 * Plays the default run of the images lab on its canvas, until the lab draws there.
 * @param {import("../shell/lab.js").Lab} lab
 * @returns {Promise<void>}  resolves when the recording is loaded, so that larger downloads can wait for it
 */
export async function playUntilDrawn(lab) {
  // A link with settings has a different run.
  if (!lab.isDefault || isCalm()) return;
  const canvas = lab.section.querySelector("#grid");
  let isDrawn = false;
  // The lab dims its canvas before the first run.
  const replay = new Replay(canvas, { gap: 8, onFrame: () => canvas.classList.remove("dimmed") });
  const observer = new MutationObserver(() => {
    isDrawn = true;
    observer.disconnect();
    replay.stop();
  });
  observer.observe(canvas, { attributeFilter: ["aria-label"] });
  const recording = await readRecording("digits").catch(() => null);
  const repeat = async () => {
    for (let round = 0; !isDrawn && round < MAX_ROUNDS; round++) await replay.play(recording);
  };
  if (recording !== null) repeat();
}
