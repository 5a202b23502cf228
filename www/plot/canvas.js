/** A canvas as sharp as the screen and in the page's colours; drawn anew when its size or the colours change. */

/** Pixels finer than this per pixel of the page cannot be told apart, and cost memory. */
export const FINEST = 3;

export class Canvas {
  #element;
  #context;
  #draw;
  /** The frame that will draw, or null. */
  #frame = null;
  /** Colours that were asked for, by their custom property. */
  #colors = new Map();

  /**
   * @param {HTMLCanvasElement} element  whose size the style sheet decides
   * @param {(context: CanvasRenderingContext2D, area: { width: number, height: number, color: (property: string) => string }) => void} draw
   *   draws on a clear canvas, in pixels of the page; `color("--accent")` is the value that the property has by now
   */
  constructor(element, draw) {
    this.#element = element;
    this.#context = element.getContext("2d");
    this.#draw = draw;
    // At once: a canvas of another size is blank.
    new ResizeObserver(() => this.draw()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#colors.clear();
      this.redraw();
    });
    this.#watchRatio();
  }

  /** Draws before the next frame, once, however often it is asked until then. */
  redraw() {
    this.#frame ??= requestAnimationFrame(() => this.draw());
  }

  /** Draws now. */
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
    this.#draw(this.#context, { width, height, color: (property) => this.#color(property) });
  }

  /** Where a pointer is, in the pixels that `draw` draws in. */
  placeOf({ clientX, clientY }) {
    const { left, top } = this.#element.getBoundingClientRect();
    return { x: clientX - left - this.#element.clientLeft, y: clientY - top - this.#element.clientTop };
  }

  #color(property) {
    if (!this.#colors.has(property)) this.#colors.set(property, colorOf(this.#element, property));
    return this.#colors.get(property);
  }

  /** The page may move to another screen, or be zoomed. */
  #watchRatio() {
    const changed = () => {
      this.redraw();
      this.#watchRatio();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", changed, { once: true });
  }
}

/** The colour that a custom property is for an element, as `getComputedStyle` writes it: the property may be an expression, as the element's own colour it becomes a value. */
export function colorOf(element, property) {
  element.style.color = `var(${property})`;
  const { color } = getComputedStyle(element);
  element.style.color = "";
  return color;
}
