/** Draws the images of a cell as a grid. */

import { drawGrid, gridLayout, noiseBatch } from "../plot/grid.js";

/** Gap between the images of a cell, in CSS pixels. */
const GAP = 3;

export class Pictures {
  #count;
  #size;

  /**
   * @param {number} count  number of images in a cell
   * @param {[number, number]} size  height and width of each
   */
  constructor(count, [height, width]) {
    this.#count = count;
    this.#size = { width, height };
    this.name = "pictures";
    this.aspectRatio = `${width} / ${height}`;
    /** Grey noise that every cell shows before it is computed; it stands for the common initial noise. */
    this.blank = noiseBatch(count, width, height).pixels;
  }

  /** Reads the current images of a sampling. */
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
