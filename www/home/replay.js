/** Plays recorded runs on a canvas, which needs neither the engine nor a model. */

import { drawToFit } from "../plot/grid.js";
import { readRecording } from "./recording.js";

const DURATION = 3600; // milliseconds, of a whole run
/** The noise that a run starts from, and its end, are shown for so long. */
const REST = { before: 200, after: 1400 };

/** Until a lab draws by itself a run is repeated, but not for ever: the model may never arrive. */
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
   * @param {HTMLCanvasElement} canvas  of the size that its style gives it
   * @param {{ gap: number, onFrame?: (step: number, steps: number) => void }} options  `gap` between the pictures, in pixels of the page
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

  /** Plays a recording once, and resolves when it is over or was stopped. */
  async play(recording) {
    this.stop();
    const began = performance.now();
    const { promise, resolve } = withResolvers();
    this.#turn = { end: resolve };
    const frame = (now) => {
      const passed = now - began - REST.before;
      const step = Math.max(0, Math.min(recording.steps, Math.floor((passed / DURATION) * (recording.steps + 1))));
      if (step !== this.#step || recording !== this.#recording) this.show(recording, step);
      if (passed > DURATION + REST.after) return this.stop();
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

/** Promise.withResolvers, which browsers have had since 2024. */
function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve) => (parts.resolve = resolve));
  return parts;
}

/**
 * Plays the run that the images lab opens with on its canvas, until the lab draws there itself.
 * @param {import("../shell/lab.js").Lab} lab
 * @returns {Promise<void>}  resolves when the recording is there, so that what is larger can wait for it
 */
export async function playUntilDrawn(lab) {
  // A link that chooses something has another run.
  if (!lab.isDefault || isCalm()) return;
  const canvas = lab.section.querySelector("#grid");
  let isDrawn = false;
  // The lab dims what it has drawn before its first run.
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
