/** One picture that can be turned: by a drag, by the slider below it, or by a button. */

import { showPixels } from "./pixels.js";

/** Duration of a whole turn by the button. */
const TURN = 900; // milliseconds
/** Full turn in degrees of each transform; flips are seen from behind. */
const ANGLES = { "rotate-180": 180, "rotate-90": 90, "rotate-270": -90, "flip-vertical": 180, "flip-horizontal": 180 };
const AXES = { "flip-vertical": "rotateX", "flip-horizontal": "rotateY" };
/** Share of the picture's width that a finger drags for a whole turn. */
const REACH = 0.75;

export class Turntable {
  #canvas;
  #slider;
  #turn = "rotate-180";
  #onTurn;
  #drag = null;
  #frame = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLInputElement} slider  from 0, upright, to 1, turned
   * @param {(share: number) => void} onTurn
   */
  constructor(canvas, slider, onTurn) {
    this.#canvas = canvas;
    this.#slider = slider;
    this.#onTurn = onTurn;
    slider.addEventListener("input", () => {
      this.#stop();
      this.#set(slider.valueAsNumber);
    });
    this.#connect();
  }

  setTurn(turn) {
    this.#turn = turn;
    this.#set(this.share);
  }

  show(pixels, size) {
    showPixels(this.#canvas, pixels, size);
  }

  /** 0 if the picture is upright, 1 if it is turned. */
  get share() {
    return this.#slider.valueAsNumber;
  }

  /** The transform of the picture for a share of the turn, in CSS. */
  transformAt(share) {
    return `${AXES[this.#turn] ?? "rotate"}(${share * ANGLES[this.#turn]}deg)`;
  }

  /** Turns the picture over, or back, at once with reduced motion. */
  toggle() {
    const [from, to] = [this.share, this.share < 0.5 ? 1 : 0];
    this.#stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.#set(to);
    const began = performance.now();
    const advance = () => {
      const share = Math.min(1, (performance.now() - began) / TURN);
      this.#set(from + (to - from) * share * share * (3 - 2 * share));
      this.#frame = share < 1 ? requestAnimationFrame(advance) : null;
    };
    advance();
  }

  #stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  #set(share) {
    this.#slider.value = share;
    this.#slider.setAttribute("aria-valuetext", share < 0.05 ? "upright" : share > 0.95 ? "turned" : `${Math.round(100 * share)} % turned`);
    this.#canvas.style.transform = this.transformAt(share);
    this.#onTurn(share);
  }

  #connect() {
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#stop();
      this.#drag = { x: event.clientX, share: this.share };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.#drag === null) return;
      const moved = (event.clientX - this.#drag.x) / (REACH * canvas.clientWidth);
      // Either way turns an upright picture, and turns back a turned one.
      const way = this.#drag.share < 0.5 ? 1 : -1;
      this.#set(Math.min(1, Math.max(0, this.#drag.share + way * Math.abs(moved))));
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.#drag = null));
  }
}
