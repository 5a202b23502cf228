/** The guided tour: a card over the picture of a lab that asks for a prediction, and then says what one sees. */

import { html } from "../shell/element.js";
import { TOUR } from "./tour-steps.js";

const GAP = 12; // CSS pixels
/** Below this width the card is at the edge of the screen. */
const NARROW = 700; // CSS pixels

/** The address of a step, from 1. */
export function tourAddress(number) {
  const [query, hash] = TOUR[number - 1].link.split("#");
  return `${query === "" ? "?" : `${query}&`}tour=${number}#${hash}`;
}

export class Tour {
  #number;
  #step;
  #card;
  #mark = html("span", { class: "tour-mark", "aria-hidden": "true" });
  #body = html("div", { class: "body", "aria-live": "polite" });
  #options;
  #listeners = new AbortController();
  #onEnd;

  /**
   * Shows a step.
   * @param {number} number  from 1
   * @param {() => void} onEnd  called when the visitor ends the tour
   */
  constructor(number, onEnd) {
    this.#number = number;
    this.#step = TOUR[number - 1];
    this.#onEnd = onEnd;
    const { question, options } = this.#step;
    this.#options = options.map((words, index) => html("button", { type: "button", class: "secondary" }, `${index + 1}. ${words}`));
    this.#options.forEach((button, index) => button.addEventListener("click", () => this.#predict(index)));
    this.#body.append(html("p", { class: "question" }, question), html("div", { class: "options" }, ...this.#options));
    const title = `Tour, step ${number} of ${TOUR.length}`;
    const end = html("button", { type: "button", class: "quiet end" }, "End", html("kbd", {}, "Esc"));
    end.addEventListener("click", () => this.end());
    this.#card = html("section", { class: "tour-card", "aria-label": title, tabindex: "-1" }, html("header", {}, html("strong", {}, title), end), this.#body, this.#navigation());
    document.documentElement.dataset.tour = "asking";
    document.body.append(this.#mark, this.#card);
    this.#listen();
    this.#place();
    this.#card.focus({ preventScroll: true });
    // While the page loads, the browser moves the focus to the section that the address names.
    addEventListener("load", () => setTimeout(() => this.#card.focus({ preventScroll: true })), { once: true, signal: this.#listeners.signal });
  }

  /** Ends the tour; the view stays. */
  end() {
    this.#listeners.abort();
    this.#card.remove();
    this.#mark.remove();
    delete document.documentElement.dataset.tour;
    this.#onEnd();
  }

  #navigation() {
    const link = (words, number, attributes = {}) => html("a", { class: "button secondary", href: tourAddress(number), ...attributes }, words);
    const items = [];
    if (this.#number > 1) items.push(link("← Back", this.#number - 1, { rel: "prev" }));
    if (this.#number < TOUR.length) items.push(link("Skip →", this.#number + 1, { rel: "next" }));
    return html("nav", { "aria-label": "Steps of the tour" }, ...items);
  }

  #listen() {
    const { signal } = this.#listeners;
    // Before the labs, in which Escape cancels a run.
    addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
    for (const event of ["scroll", "resize"]) addEventListener(event, () => this.#place(), { signal, passive: true });
    const observer = new ResizeObserver(() => this.#place());
    for (const element of [document.body, this.#card]) observer.observe(element);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  #key(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(":popover-open, dialog[open]") !== null) return;
    if (key === "Escape") return void (event.stopPropagation(), this.end());
    // Sliders, fields and pads use these keys themselves.
    if (target.closest?.("input, textarea, select, [role=application]")) return;
    const isAsking = document.documentElement.dataset.tour === "asking";
    if (isAsking && this.#options[Number(key) - 1] !== undefined) this.#predict(Number(key) - 1);
    else if (key === "ArrowRight") this.#card.querySelector("[rel=next]")?.click();
    else if (key === "ArrowLeft") this.#card.querySelector("[rel=prev]")?.click();
    else return;
    event.preventDefault();
  }

  /** Shows the picture, and whether the prediction was right. */
  #predict(index) {
    const { answer, options, sentence } = this.#step;
    document.documentElement.dataset.tour = "shown";
    const verdict = index === answer ? "Right." : `The answer is: ${options[answer].replace(/^[A-Z]/, (letter) => letter.toLowerCase())}.`;
    this.#body.replaceChildren(html("p", {}, html("strong", {}, verdict), ` ${sentence}`));
    const next = this.#card.querySelector("[rel=next]");
    if (next !== null) next.textContent = "Next →";
    (next ?? this.#card).focus({ preventScroll: true });
    this.#place();
  }

  /** Puts the mark on its place in the picture, and the card in a corner of the picture. */
  #place() {
    const picture = document.querySelector(this.#step.picture);
    const box = picture?.getBoundingClientRect();
    const isShown = box !== undefined && box.width > 0;
    this.#mark.hidden = !isShown;
    if (!isShown) return;
    const [x, y] = this.#step.at;
    Object.assign(this.#mark.style, { left: `${box.left + x * box.width}px`, top: `${box.top + y * box.height}px` });
    const isNarrow = innerWidth < NARROW;
    this.#card.classList.toggle("narrow", isNarrow);
    if (isNarrow) return void Object.assign(this.#card.style, { left: "", top: "" });
    const { width, height } = this.#card.getBoundingClientRect();
    const within = (value, most) => `${Math.max(GAP, Math.min(value, most))}px`;
    this.#card.style.left = within(box.right - width - GAP, innerWidth - width - GAP);
    this.#card.style.top = within(box.bottom - height - GAP, innerHeight - height - GAP);
  }
}
