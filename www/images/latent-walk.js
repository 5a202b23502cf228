/** A walk through the latents of the images, whose frames are computed once and then scrubbed. */

import { encodeGif } from "../share/gif.js";
import { Film } from "../share/film.js";
import { saveFile } from "../shell/save.js";
import { imageOf, pixelsAt, valuesOf } from "./picture.js";
import { MAX_STOPS, PER_SEGMENT, walkThrough } from "./walk.js";

/** Time from one image to the next when the walk plays. */
const SEGMENT = 900; // milliseconds
/** Edge of a saved frame, in pixels. */
const FILM_EDGE = 280;
const ADVICE = "A walk needs at least two images. Set the batch to 2 or more.";

export class LatentWalk {
  #parts;
  #drawn = null;
  /** A canvas per frame, or null where it is not computed yet. */
  #frames = [];
  #request = null;

  constructor(root) {
    const part = (id) => root.querySelector(`#walk${id}`);
    this.#parts = { button: part(""), view: part("-view"), canvas: part("-canvas"), scrub: part("-scrub"), play: part("-play"), save: part("-save"), figures: part("-figures") };
    const { scrub, play, save } = this.#parts;
    scrub.addEventListener("input", () => {
      this.#pause();
      this.#draw();
    });
    play.addEventListener("click", () => (this.#request === null ? this.#play() : this.#pause()));
    save.addEventListener("click", () => this.#save());
  }

  /** Sets the images to walk through, or null. Clears the previous walk. */
  offer(drawn) {
    this.#drawn = drawn;
    this.#pause();
    this.#frames = [];
    const { button, view, figures } = this.#parts;
    view.hidden = true;
    const isEnough = drawn !== null && drawn.count > 1;
    button.disabled = !isEnough;
    figures.textContent = drawn === null || isEnough ? "" : ADVICE;
  }

  /**
   * Computes the frames.
   * @param {object} work
   * @param {Function} work.slerp  the package's
   * @param {AbortSignal} work.signal
   * @param {(done: number, whole: number) => Promise<void>} work.onStep
   */
  async run({ slerp, signal, onStep }) {
    const { pipeline, classLabels, width, height } = this.#drawn;
    const stops = Math.min(MAX_STOPS, this.#drawn.count);
    const pictures = Array.from({ length: stops }, (_, index) => valuesOf(pixelsAt(this.#drawn, index), pipeline.channels));
    this.#begin(stops * PER_SEGMENT, { width, height });
    await walkThrough(pipeline, slerp, { pictures, classLabels: classLabels ?? [], signal }, {
      step: onStep,
      frames: (indices, pixels) => {
        indices.forEach((frame, index) => (this.#frames[frame] = imageOf(pixelsAt({ pixels, width, height }, index), width, height)));
        this.#draw();
        this.#say(stops);
      },
    });
    this.#parts.save.disabled = false;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.#play();
  }

  #begin(count, { width, height }) {
    this.#pause();
    this.#frames = Array.from({ length: count }, () => null);
    const { canvas, view, scrub, save } = this.#parts;
    // Whole pixels, so that every pixel of an image is a square.
    const scale = Math.max(1, Math.floor(FILM_EDGE / Math.max(width, height)));
    Object.assign(canvas, { width: scale * width, height: scale * height });
    Object.assign(scrub, { max: count, value: 0 });
    save.disabled = true;
    view.hidden = false;
  }

  #say(stops) {
    const known = this.#frames.filter((frame) => frame !== null).length;
    const { canvas, figures } = this.#parts;
    figures.textContent = `${known} of ${this.#frames.length} frames`;
    canvas.setAttribute("aria-label", `Walk through the latents of ${stops} images: ${known} of ${this.#frames.length} frames are computed.`);
  }

  /** Draws the frame at the slider, blended from the two nearest ones that are computed. */
  #draw() {
    const { canvas, scrub } = this.#parts;
    this.#drawAt(canvas.getContext("2d"), scrub.valueAsNumber);
    const [from] = [Math.floor(scrub.valueAsNumber / PER_SEGMENT)];
    const stops = this.#frames.length / PER_SEGMENT;
    scrub.setAttribute("aria-valuetext", `from image ${(from % stops) + 1} to image ${((from + 1) % stops) + 1}`);
  }

  #drawAt(context, position) {
    const [before, after] = [this.#near(Math.floor(position), -1), this.#near(Math.floor(position) + 1, 1)];
    if (before === null) return;
    const { width, height } = context.canvas;
    context.imageSmoothingEnabled = false;
    context.globalAlpha = 1;
    context.drawImage(this.#frames[before.index], 0, 0, width, height);
    context.globalAlpha = (position - before.place) / Math.max(1, after.place - before.place);
    context.drawImage(this.#frames[after.index], 0, 0, width, height);
    context.globalAlpha = 1;
  }

  /** The nearest frame that is computed, in one direction around the walk. */
  #near(start, direction) {
    const { length } = this.#frames;
    for (let distance = 0; distance < length; distance++) {
      const place = start + direction * distance;
      const index = ((place % length) + length) % length;
      if (this.#frames[index] !== null) return { place, index };
    }
    return null;
  }

  #play() {
    const { scrub } = this.#parts;
    const { length } = this.#frames;
    const start = performance.now() - (scrub.valueAsNumber % length) * (SEGMENT / PER_SEGMENT);
    this.#showPlaying(true);
    const turn = (now) => {
      this.#request = requestAnimationFrame(turn);
      scrub.value = Math.min(length, Math.max(0, ((now - start) * PER_SEGMENT) / SEGMENT));
      this.#draw();
      if (scrub.valueAsNumber >= length) this.#pause();
    };
    this.#request = requestAnimationFrame(turn);
  }

  #pause() {
    if (this.#request === null) return;
    cancelAnimationFrame(this.#request);
    this.#request = null;
    this.#showPlaying(false);
  }

  #showPlaying(isPlaying) {
    this.#parts.play.classList.toggle("playing", isPlaying);
    this.#parts.play.setAttribute("aria-label", isPlaying ? "Pause the walk" : "Play the walk");
  }

  async #save() {
    const { canvas, save, figures } = this.#parts;
    const { width, height } = canvas;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    const frame = (index) => {
      this.#drawAt(context, index);
      return context.canvas;
    };
    save.disabled = true;
    const { signal } = new AbortController(); // it takes a second
    const film = new Film({ width, height, scale: 1, count: this.#frames.length, frame }, [`Walk through the latents of ${this.#frames.length / PER_SEGMENT} images`]);
    saveFile(await encodeGif(film, { signal, onProgress: (share) => (figures.textContent = `Making the GIF: ${Math.round(100 * share)} %`) }), "tweedie-latent-walk.gif");
    figures.textContent = "Saved tweedie-latent-walk.gif.";
    save.disabled = false;
  }
}
