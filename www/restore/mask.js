/** The mask of a painted picture: a grid of cells that are hidden or known. */

/** Cells along the longer side. Masks of larger models have larger cells, so that a link can contain them. */
const MAX_CELLS = 32;
/** A mask in a link: columns, rows, and one bit per cell. */
export const MASK_TEXT = /^(\d{1,2}x\d{1,2}_[\w-]{1,180})?$/;
/** The stroke that a picture opens with, in shares of its sides. */
const STROKE = [[0.34, 0.16], [0.26, 0.36], [0.38, 0.52], [0.26, 0.68], [0.36, 0.86]];
const STROKE_RADIUS = 0.16;

export class Mask {
  /**
   * @param {number} columns
   * @param {number} rows
   * @param {Uint8Array} [hidden]  1 where a cell is hidden, row by row
   */
  constructor(columns, rows, hidden = new Uint8Array(columns * rows)) {
    Object.assign(this, { columns, rows, hidden });
  }

  /** An empty mask for pictures of this size. */
  static for([height, width]) {
    const scale = Math.max(1, Math.max(height, width) / MAX_CELLS);
    return new Mask(Math.round(width / scale), Math.round(height / scale));
  }

  /** The mask that a picture opens with: one stroke of the brush. */
  static stroke(size) {
    const mask = Mask.for(size);
    const at = ([x, y]) => [x * mask.columns, y * mask.rows];
    STROKE.slice(1).forEach((end, index) => mask.line(at(STROKE[index]), at(end), STROKE_RADIUS * mask.columns, true));
    return mask;
  }

  /** The mask of a link for pictures of this size; the stroke for "". A mask of another size is resampled. */
  static read(text, size) {
    if (text === "") return Mask.stroke(size);
    const [, columns, rows, bits] = text.match(/^(\d+)x(\d+)_(.*)$/);
    const bytes = bytesOf(bits);
    const at = (column, row) => {
      const index = Math.floor(row) * columns + Math.floor(column);
      return ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1;
    };
    const mask = Mask.for(size);
    mask.each((column, row) => at(((column + 0.5) * columns) / mask.columns, ((row + 0.5) * rows) / mask.rows));
    return mask;
  }

  /** The mask as a link has it. */
  get text() {
    const bytes = new Uint8Array(Math.ceil(this.hidden.length / 8));
    this.hidden.forEach((isHidden, index) => (bytes[index >> 3] |= isHidden << (index & 7)));
    return `${this.columns}x${this.rows}_${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  }

  /** Share of the cells that are hidden. */
  get share() {
    return this.hidden.reduce((sum, isHidden) => sum + isHidden, 0) / this.hidden.length;
  }

  /** Hides or shows the cells within `radius` of a line, in cells. */
  line([x0, y0], [x1, y1], radius, isHidden) {
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    this.each((column, row, before) => {
      const [x, y] = [column + 0.5, row + 0.5];
      const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length));
      const distance = Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0));
      return distance <= radius ? Number(isHidden) : before;
    });
  }

  clear() {
    this.hidden.fill(0);
  }

  /** The option `mask` of the operator "inpaint", `[height, width]`: 1 where a pixel is known. */
  known([height, width]) {
    const known = new Uint8Array(height * width);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const [x, y] = [Math.floor(((column + 0.5) * this.columns) / width), Math.floor(((row + 0.5) * this.rows) / height)];
        known[row * width + column] = 1 - this.hidden[y * this.columns + x];
      }
    }
    return known;
  }

  /** Sets every cell to what `value` returns. */
  each(value) {
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        const index = row * this.columns + column;
        this.hidden[index] = value(column, row, this.hidden[index]);
      }
    }
  }
}

function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(); // Everything is known, which the engine refuses with a reason.
  }
}
