/** A canvas at the screen's resolution and in the page's colours; redrawn when its size or the colours change. */

/** Maximum device pixels per CSS pixel; more cannot be seen and cost memory. */
export const FINEST = 3;

export class Canvas {
  #element;
  #context;
  #draw;
  /** The requested animation frame, or null. */
  #frame = null;
  /** Cache of colours by custom property. */
  #colors = new Map();

  /**
   * @param {HTMLCanvasElement} element  sized by CSS
   * @param {(context: CanvasRenderingContext2D, area: { width: number, height: number, type: number, color: (property: string) => string }) => void} draw
   *   draws on a clear canvas, in CSS pixels; `type` is the size of the page's type relative to 16 pixels, and `color("--accent")` the current
   *   value of a custom property
   */
  constructor(element, draw) {
    this.#element = element;
    this.#context = element.getContext("2d");
    this.#draw = draw;
    // Draws immediately, because resizing clears a canvas.
    new ResizeObserver(() => this.draw()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#colors.clear();
      this.redraw();
    });
    this.#watchRatio();
  }

  /** Draws once before the next frame. */
  redraw() {
    this.#frame ??= requestAnimationFrame(() => this.draw());
  }

  /** Draws immediately. */
  draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    const ratio = Math.min(devicePixelRatio, FINEST);
    const [width, height] = [this.#element.clientWidth, this.#element.clientHeight];
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    if (size.width === 0 || size.height === 0) return;
    if (this.#element.width !== size.width || this.#element.height !== size.height) Object.assign(this.#element, size);
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, size.width, size.height);
    this.#context.setTransform(size.width / width, 0, 0, size.height / height, 0, 0);
    this.#draw(this.#context, this.#area({ width, height }));
  }

  /** The size of the picture, in pixels of the page. */
  get size() {
    return { width: this.#element.clientWidth, height: this.#element.clientHeight };
  }

  /**
   * Draws the picture on another canvas.
   * @param {number} scale  pixels of that canvas per pixel of the page
   * @param {object} [other]
   * @param {OffscreenCanvas} [other.canvas]  is resized
   * @param {Function} [other.draw]  draws instead of the canvas's own function
   * @returns {OffscreenCanvas}
   */
  copy(scale, { canvas = new OffscreenCanvas(1, 1), draw = this.#draw } = {}) {
    const { width, height } = this.size;
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const context = canvas.getContext("2d");
    context.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    draw(context, this.#area({ width, height }));
    return canvas;
  }

  /** The position of a pointer, in the coordinates of `draw`. */
  placeOf({ clientX, clientY }) {
    const { left, top } = this.#element.getBoundingClientRect();
    return { x: clientX - left - this.#element.clientLeft, y: clientY - top - this.#element.clientTop };
  }

  #area({ width, height }) {
    const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    return { width, height, type, color: (property) => this.#color(property) };
  }

  #color(property) {
    if (!this.#colors.has(property)) this.#colors.set(property, colorOf(this.#element, property));
    return this.#colors.get(property);
  }

  /** Redraws when the pixel ratio changes, by zooming or moving to another screen. */
  #watchRatio() {
    const changed = () => {
      this.redraw();
      this.#watchRatio();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", changed, { once: true });
  }
}

/** The computed colour of a custom property for an element. Setting it as the element's own colour resolves expressions. */
export function colorOf(element, property) {
  element.style.color = `var(${property})`;
  const { color } = getComputedStyle(element);
  element.style.color = "";
  return color;
}
