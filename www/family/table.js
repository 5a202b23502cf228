/** The table of measurements, with one row per model. */

import { html } from "../shell/element.js";
import { COLUMNS } from "./measures.js";
import { MODELS } from "./models.js";

export class FamilyTable {
  #element;
  #rows = new Map();
  #measured = new Map();

  /** @param {HTMLTableElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** Model and measurements of each completed row, in row order. */
  get measured() {
    return [...this.#rows.keys()].filter((model) => this.#measured.has(model)).map((model) => [model, this.#measured.get(model)]);
  }

  /** Shows an empty row for each model. */
  begin(models) {
    this.#measured.clear();
    this.#rows = new Map(models.map((model) => [model, html("tr", {}, html("th", { scope: "row" }, MODELS[model].title))]));
    for (const model of models) this.#fill(model, "pending", () => "…");
    const head = html("tr", {}, html("th", { scope: "col" }, "Model"), ...COLUMNS.map(({ title, hint }) => html("th", { scope: "col", title: hint }, title)));
    this.#element.replaceChildren(html("thead", {}, head), html("tbody", {}, ...this.#rows.values()));
  }

  show(model, measurements) {
    this.#measured.set(model, measurements);
    this.#fill(model, "done", ({ text }) => text(measurements));
  }

  /** Marks a model that could not be trained or measured. */
  fail(model) {
    if (!this.#measured.has(model)) this.#fill(model, "failed", () => "–");
  }

  #fill(model, state, text) {
    const row = this.#rows.get(model);
    row?.replaceChildren(row.firstChild, ...COLUMNS.map((column) => html("td", { "data-state": state }, text(column))));
  }
}
