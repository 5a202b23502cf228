/** The table of measurements: a row for each model. */

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

  /** Model and measurements of each row that is complete, in the order of the rows. */
  get measured() {
    return [...this.#rows.keys()].filter((model) => this.#measured.has(model)).map((model) => [model, this.#measured.get(model)]);
  }

  /** Shows empty rows. */
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

  /** The model could not be trained or measured. */
  fail(model) {
    if (!this.#measured.has(model)) this.#fill(model, "failed", () => "–");
  }

  #fill(model, state, text) {
    const row = this.#rows.get(model);
    row?.replaceChildren(row.firstChild, ...COLUMNS.map((column) => html("td", { "data-state": state }, text(column))));
  }
}
