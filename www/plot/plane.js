/** A plane on part of a canvas: equal scales, the origin in the centre, y upwards. */

export class Plane {
  /**
   * @param {{ x: number, y: number, width: number, height: number }} box  on the canvas, in pixels
   * @param {number} extent  −extent to extent is seen along the shorter side; the longer one shows more
   */
  constructor(box, extent) {
    this.box = box;
    this.scale = Math.min(box.width, box.height) / (2 * extent);
    this.middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Half of the visible width, in units of the plane. */
  get halfWidth() {
    return this.box.width / 2 / this.scale;
  }

  /** Half of the visible height, in units of the plane. */
  get halfHeight() {
    return this.box.height / 2 / this.scale;
  }

  /** The position of x on the canvas. */
  atX(x) {
    return this.middle.x + this.scale * x;
  }

  /** The position of y on the canvas. */
  atY(y) {
    return this.middle.y - this.scale * y;
  }

  /** The point of the plane at a position on the canvas. */
  pointAt({ x, y }) {
    return [(x - this.middle.x) / this.scale, (this.middle.y - y) / this.scale];
  }

  /** Whether a position on the canvas is in the box. */
  holds({ x, y }) {
    const { box } = this;
    return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
  }

  /**
   * The middles of a grid of cells that covers the box, rows from the top.
   * @param {number} spacing  about so many pixels from one to the next
   * @returns {{ columns: number, rows: number, points: Float32Array }}  points: `[rows·columns, 2]`
   */
  grid(spacing) {
    const columns = Math.max(1, Math.round(this.box.width / spacing));
    const rows = Math.max(1, Math.round(this.box.height / spacing));
    const points = new Float32Array(2 * columns * rows);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = 2 * (row * columns + column);
        points[at] = this.halfWidth * ((2 * column + 1) / columns - 1);
        points[at + 1] = this.halfHeight * (1 - (2 * row + 1) / rows);
      }
    }
    return { columns, rows, points };
  }
}

/**
 * Divides a canvas among `count` panes, each as large as possible.
 * @returns {{ x: number, y: number, width: number, height: number }[]}
 */
export function divided({ width, height }, count, gap) {
  let best = { size: 0, columns: 1 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const size = Math.min((width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows);
    if (size > best.size) best = { size, columns };
  }
  const { columns } = best;
  const rows = Math.ceil(count / columns);
  const box = { width: (width - gap * (columns - 1)) / columns, height: (height - gap * (rows - 1)) / rows };
  return Array.from({ length: count }, (_, index) => ({
    x: (index % columns) * (box.width + gap),
    y: Math.floor(index / columns) * (box.height + gap),
    ...box,
  }));
}
