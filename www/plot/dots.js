/** Draws thousands of antialiased dots by blending them into a pixel buffer. */

/** Number of subpixel positions per axis, so that slow dots move smoothly. */
const PHASES = 4;

export class Dots {
  #layer = new OffscreenCanvas(1, 1);
  #image = new ImageData(1, 1);
  /** The same memory, with one number per pixel. */
  #pixels = new Uint32Array(this.#image.data.buffer);
  /** Masks by radius and opacity. */
  #masks = new Map();

  /** Starts an empty buffer, in pixels of the canvas. */
  begin(width, height) {
    if (this.#layer.width === width && this.#layer.height === height) {
      this.#pixels.fill(0);
      return;
    }
    Object.assign(this.#layer, { width, height });
    this.#image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
  }

  /**
   * Adds a disc for each point. All of one picture have one colour; where they overlap it becomes denser.
   * @param {Float32Array} points  `[count, 2]`
   * @param {{ scale: number, x: number, y: number }} origin  a point p lies at `x + scale·p₀`, `y − scale·p₁`, in pixels of the canvas
   * @param {{ radius: number, color: readonly number[], opacity: number }} look  red, green and blue from 0 to 255
   */
  add(points, { scale, x, y }, { radius, color, opacity }) {
    const { masks, reach } = this.#masksOf(radius, opacity);
    const { width, height } = this.#layer;
    const pixels = this.#pixels;
    const [red, green, blue] = color;
    const ink = red | (green << 8) | (blue << 16);
    for (let at = 0; at + 1 < points.length; at += 2) {
      const left = x + scale * points[at] - reach;
      const top = y - scale * points[at + 1] - reach;
      const [column, row] = [Math.floor(left), Math.floor(top)];
      // Also false for NaN.
      if (!(column >= 0 && row >= 0 && column + 2 * reach + 1 < width && row + 2 * reach + 1 < height)) continue;
      const phase = PHASES * Math.floor(PHASES * (top - row)) + Math.floor(PHASES * (left - column));
      const { columns, rows, opacities } = masks[phase];
      const corner = row * width + column;
      for (let index = 0; index < opacities.length; index++) {
        const pixel = corner + rows[index] * width + columns[index];
        const before = pixels[pixel] >>> 24;
        const after = before + Math.round((opacities[index] * (255 - before)) / 255);
        pixels[pixel] = ink | (after << 24);
      }
    }
  }

  /** Draws the buffer at a position of the canvas, ignoring its transform. */
  paint(context, x, y) {
    this.#layer.getContext("2d").putImageData(this.#image, 0, 0);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#layer, x, y);
    context.restore();
  }

  #masksOf(radius, opacity) {
    const key = `${radius} ${opacity}`;
    if (!this.#masks.has(key)) this.#masks.set(key, masksOf(radius, opacity));
    return this.#masks.get(key);
  }
}

/** Coverage of the pixels around a dot, for each subpixel position. */
function masksOf(radius, opacity) {
  const reach = Math.ceil(radius + 0.5);
  const masks = [];
  for (let row = 0; row < PHASES; row++) {
    for (let column = 0; column < PHASES; column++) {
      const middle = [column, row].map((phase) => reach + (phase + 0.5) / PHASES);
      masks.push(maskOf(middle, { radius, opacity, size: 2 * reach + 2 }));
    }
  }
  return { masks, reach };
}

function maskOf([middleX, middleY], { radius, opacity, size }) {
  const covered = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const share = radius + 0.5 - Math.hypot(column + 0.5 - middleX, row + 0.5 - middleY);
      const value = Math.round(255 * opacity * Math.min(1, Math.max(0, share)));
      if (value > 0) covered.push({ column, row, value });
    }
  }
  return {
    columns: Uint8Array.from(covered, ({ column }) => column),
    rows: Uint8Array.from(covered, ({ row }) => row),
    opacities: Uint8Array.from(covered, ({ value }) => value),
  };
}
