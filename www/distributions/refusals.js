/** Shows engine errors next to the control that caused them. Formula errors also show their position. */

import { PlacedError } from "../shell/problems.js";
import { proposalSlidersOf, slidersOf } from "./settings.js";

/** Settings with their own editors, by target. */
const EDITORS = { mixture: "components", drawn: "drawing", formula: "source", discrete: "weights" };
/** Codes of errors caused by a setting. */
const ABOUT_OPTIONS = ["envelope", "formula", "invalid-option"];
/** Maximum characters of a formula that are repeated below its field. */
const EXCERPT = 30;

/** Awaits a promise. Adds the part of the lab, `place`, to its error. */
export async function placed(place, promise) {
  try {
    return await promise;
  } catch (error) {
    throw new PlacedError(place, error);
  }
}

export class Refusals {
  #problems;
  #part;
  /** Where an error is shown, or null. */
  #place = null;

  /**
   * @param {import("../shell/problems.js").Problems} problems
   * @param {(id: string) => HTMLElement} part  returns an element by the end of its id
   */
  constructor(problems, part) {
    this.#problems = problems;
    this.#part = part;
  }

  clear() {
    if (this.#place !== null) this.#problems.clear(this.#place);
    this.#place = null;
    this.#part("source-caret").hidden = true;
  }

  /** @param {PlacedError} error */
  show(error, settings) {
    this.clear();
    this.#place = placeOf(error, settings);
    this.#problems.show(this.#place, error.message);
    if (error.cause?.column !== undefined) this.#point(settings.source, error.cause.column);
  }

  /** Repeats the formula with a caret under the column, counted from 1. */
  #point(source, column) {
    const from = Math.max(0, Math.min(column - 1 - EXCERPT / 2, source.length - EXCERPT + 1));
    const caret = this.#part("source-caret");
    caret.textContent = `${source.slice(from, from + EXCERPT)}\n${" ".repeat(column - 1 - from)}^`;
    caret.hidden = false;
  }
}

/** The control of the option that the error is about, or else the default one for the error's part of the lab. */
function placeOf({ place, cause }, { target, proposal, fit, envelope }) {
  if (!ABOUT_OPTIONS.includes(cause?.code)) return "run";
  if (cause.code === "formula") return "source";
  const { option } = cause;
  const ownOf = (sliders) => sliders.find((slider) => slider.split("-").at(-1) === option);
  if (place === "target") return ownOf(slidersOf(target)) ?? EDITORS[target] ?? "target";
  if (envelope === "hand" && option === "c") return "c";
  if (place === "run") return option === "count" ? "count" : "run";
  return ownOf(fit === "hand" ? proposalSlidersOf(proposal) : []) ?? "proposal";
}
