/** The editor of a probability mass function: a bar for each outcome, dragged or moved by keys. */

import { html } from "../shell/element.js";

const MAX_COLUMNS = 100;
const NEW = 30;
/** What each key adds to a weight. */
const KEYS = { ArrowUp: 2, ArrowRight: 2, ArrowDown: -2, ArrowLeft: -2, PageUp: 10, PageDown: -10, Home: -MAX_COLUMNS, End: MAX_COLUMNS };

export class Columns {
  #container;
  #buttons;
  #limits;
  #onChange;
  #value = [];

  /**
   * @param {HTMLElement} container
   * @param {{ add: HTMLButtonElement, drop: HTMLButtonElement, limits: [number, number], onChange: () => void }} editor
   *   `limits` is how many outcomes there may be
   */
  constructor(container, { add, drop, limits, onChange }) {
    this.#container = container;
    this.#buttons = { add, drop };
    this.#limits = limits;
    this.#onChange = onChange;
    container.addEventListener("keydown", (event) => this.#pressed(event));
    container.addEventListener("pointerdown", (event) => this.#grabbed(event));
    add.addEventListener("click", () => this.#change([...this.#value, NEW]));
    drop.addEventListener("click", () => this.#change(this.#value.slice(0, -1)));
  }

  /** @type {number[]} whole weights from 0 to 100 */
  get value() {
    return this.#value;
  }

  set value(weights) {
    this.#value = [...weights];
    this.#container.replaceChildren(...weights.map((_, index) => html("div", {
      role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-valuemin": "0", "aria-valuemax": String(MAX_COLUMNS),
      "aria-label": `Weight of outcome ${index + 1}`, "aria-describedby": "distributions-weights-error",
    }, html("span", { class: "bar" }), html("span", { class: "outcome" }, String(index + 1)))));
    this.#show();
  }

  #change(weights) {
    this.value = weights;
    this.#onChange();
  }

  #show() {
    const sum = this.#value.reduce((sum, weight) => sum + weight, 0);
    this.#value.forEach((weight, index) => {
      const column = this.#container.children[index];
      const share = sum === 0 ? 0 : (100 * weight) / sum;
      column.setAttribute("aria-valuenow", weight);
      column.setAttribute("aria-valuetext", `${weight}, a probability of ${share.toFixed(1)} %`);
      column.title = `${share.toFixed(1)} %`;
      column.style.setProperty("--share", `${(100 * weight) / MAX_COLUMNS}%`);
    });
    const [fewest, most] = this.#limits;
    this.#buttons.add.disabled = this.#value.length >= most;
    this.#buttons.drop.disabled = this.#value.length <= fewest;
  }

  #set(index, weight) {
    const whole = Math.round(Math.min(MAX_COLUMNS, Math.max(0, weight)));
    if (whole === this.#value[index]) return;
    this.#value[index] = whole;
    this.#show();
    this.#onChange();
  }

  #pressed(event) {
    const index = [...this.#container.children].indexOf(event.target);
    if (index < 0 || !(event.key in KEYS)) return;
    event.preventDefault();
    this.#set(index, this.#value[index] + KEYS[event.key]);
  }

  #grabbed(event) {
    const column = event.target.closest("[role=slider]");
    if (column === null || event.button !== 0) return;
    event.preventDefault();
    column.focus({ preventScroll: true });
    column.setPointerCapture(event.pointerId);
    const index = [...this.#container.children].indexOf(column);
    const follow = ({ clientY }) => {
      const { top, bottom } = column.querySelector(".bar").getBoundingClientRect();
      this.#set(index, (MAX_COLUMNS * (bottom - clientY)) / (bottom - top));
    };
    follow(event);
    column.addEventListener("pointermove", follow);
    column.addEventListener("lostpointercapture", () => column.removeEventListener("pointermove", follow), { once: true });
  }
}
