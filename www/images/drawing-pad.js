/** A canvas to draw on with a pen: a pointer, or the keyboard. */

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Shares of the width of the canvas. */
const PEN = 0.085;
const MOVE = 0.05;

export class DrawingPad {
  #canvas;
  #cursor;
  #ink;
  #onDrawn;
  /** The position of the pen, in pixels of the canvas. */
  #place = null;
  #isDown = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {object} options
   * @param {HTMLElement} options.cursor  shows where the pen of the keyboard is
   * @param {() => string} options.ink  the colour of the pen
   * @param {() => void} options.onDrawn  called after each stroke
   */
  constructor(canvas, { cursor, ink, onDrawn }) {
    this.#canvas = canvas;
    this.#cursor = cursor;
    this.#ink = ink;
    this.#onDrawn = onDrawn;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => {
      if (this.#isDown) for (const part of event.getCoalescedEvents?.() ?? [event]) this.#lineTo(this.#placeOf(part));
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.#up());
    canvas.addEventListener("keydown", (event) => this.#key(event) && event.preventDefault());
    for (const change of ["focus", "blur"]) canvas.addEventListener(change, () => this.#showCursor());
  }

  #down(event) {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#isDown = true;
    this.#place = this.#placeOf(event);
    this.#lineTo(this.#place);
  }

  #up() {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#onDrawn();
  }

  /** Arrow keys move the pen; with Shift they draw. Space draws a dot. */
  #key({ key, shiftKey }) {
    const { width, height } = this.#canvas;
    this.#place ??= [width / 2, height / 2];
    if (key !== " " && !(key in MOVES)) return false;
    const [x, y] = MOVES[key] ?? [0, 0];
    const to = [Math.min(width, Math.max(0, this.#place[0] + x * MOVE * width)), Math.min(height, Math.max(0, this.#place[1] + y * MOVE * width))];
    if (shiftKey || key === " ") this.#lineTo(to);
    this.#place = to;
    this.#showCursor();
    if (shiftKey || key === " ") this.#onDrawn();
    return true;
  }

  #lineTo(place) {
    const context = this.#canvas.getContext("2d");
    context.strokeStyle = this.#ink();
    context.lineWidth = PEN * this.#canvas.width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...this.#place);
    context.lineTo(...place);
    context.stroke();
    this.#place = place;
  }

  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) * this.#canvas.width) / width, ((clientY - top) * this.#canvas.height) / height];
  }

  #showCursor() {
    const { width, height } = this.#canvas;
    const [x, y] = this.#place ?? [width / 2, height / 2];
    this.#cursor.hidden = !this.#canvas.matches(":focus-visible");
    Object.assign(this.#cursor.style, { left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%` });
  }
}
