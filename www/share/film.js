/** The frames of an animation, with a caption, as pixels of one size. */

import { captioned } from "./sheet.js";

/** A film lasts about this long, before its last frame is held. */
const DURATION = 4000; // milliseconds
const DELAY = { least: 40, most: 250 }; // milliseconds
const HOLD = { first: 400, last: 1600 }; // milliseconds
/** More frames make files that are slow to load. */
export const MAX_FRAMES = 60;
/** Width of the picture in the file, in pixels. */
const MAX_WIDTH = 560;

/**
 * @typedef {object} Animation
 * @property {number} width  of a frame, in CSS pixels
 * @property {number} height
 * @property {number} count  of the frames, at most `MAX_FRAMES`
 * @property {number} [scale]  pixels of the file per CSS pixel
 * @property {(index: number, scale: number) => CanvasImageSource} frame  draws one
 */

export class Film {
  #animation;
  #sheet;
  #delay;

  /**
   * @param {Animation} animation
   * @param {string[]} caption  lines below the picture
   */
  constructor(animation, caption) {
    const { width, height, count } = animation;
    this.#animation = animation;
    this.#sheet = captioned({ width, height, scale: animation.scale ?? Math.min(1, MAX_WIDTH / width), lines: caption, isEven: true });
    this.#delay = Math.min(DELAY.most, Math.max(DELAY.least, DURATION / count));
    this.frames = count;
    this.width = this.#sheet.canvas.width;
    this.height = this.#sheet.canvas.height;
  }

  /** The canvas that `draw` draws on. */
  get canvas() {
    return this.#sheet.canvas;
  }

  draw(index) {
    this.#sheet.draw(this.#animation.frame(index, this.#sheet.scale));
  }

  /** The pixels of a frame, RGBA. */
  pixels(index) {
    this.draw(index);
    return this.#sheet.context.getImageData(0, 0, this.width, this.height).data;
  }

  /** How long a frame is shown, in milliseconds. */
  delay(index) {
    if (index === this.frames - 1) return HOLD.last;
    return index === 0 ? HOLD.first : this.#delay;
  }
}
