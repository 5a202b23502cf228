/** How cells show pictures: as a grid of them. */

import { drawGrid, gridLayout, noiseBatch } from "../plot/grid.js";

/** Between the pictures of one cell, in pixels of the page. */
const GAP = 3;

export class Pictures {
  #count;
  #size;

  /**
   * @param {number} count  of the pictures of a cell
   * @param {[number, number]} size  height and width of each
   */
  constructor(count, [height, width]) {
    this.#count = count;
    this.#size = { width, height };
    this.name = "pictures";
    this.aspectRatio = `${width} / ${height}`;
    /** What a cell shows until something is computed: all begin with the same noise, and its grey stand-in is the same in all, too. */
    this.blank = noiseBatch(count, width, height).pixels;
  }

  /** What there is to show of a sampling by now. */
  read(sampling) {
    return sampling.images();
  }

  /** @param {Uint8ClampedArray} pixels  RGBA, [count, height, width, 4] */
  draw(canvas, pixels, ratio) {
    const { width, height } = this.#size;
    const place = { width: canvas.width, height: canvas.height, gap: Math.round(GAP * ratio) };
    const layout = gridLayout({ count: this.#count, imageWidth: width, imageHeight: height, ...place });
    drawGrid(canvas.getContext("2d"), layout, { pixels, width, height }, Math.min(6 * ratio, layout.cellWidth / 12));
  }
}
