/** The table of samples: a row for each sampler, a column for each step count, and the references at the end. */

import { html } from "../shell/element.js";
import { counted } from "../shell/progress.js";
import { isAdaptive, KINDS } from "../shell/samplers.js";
import { Cell } from "./cell.js";

/** Number of distinct colours. */
const HUES = 8;

const GROUPS = {
  none: { title: KINDS.none, note: "Random only in the initial noise. All follow the probability flow to the same result." },
  "each-step": { title: KINDS["each-step"], note: "Fresh noise at every step, so each step count gives a different result." },
};

/** CSS class for the colour of a row, in the table and the plot. */
export const hueOf = (index, { noise }) => `hue-${index % HUES} ${noise}`;

export class Table {
  #table;
  #rows = [];
  /** Cells by the key of their run. */
  #cells = new Map();

  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.#table = table;
    new ResizeObserver(() => this.#draw()).observe(table);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /**
   * Lays out the rows of a plan, without samples.
   * @param {ReturnType<typeof import("./plan.js").planOf>} rows
   * @param {import("./pictures.js").Pictures | import("./scatter.js").Scatter} look  draws the samples
   */
  build(rows, look) {
    this.#rows = [];
    this.#cells.clear();
    const columns = Math.max(1, ...rows.map(({ cells }) => cells.length));
    const parts = [headOf(rows)];
    let line = 2; // grid line; the first is the header
    for (const kind of Object.keys(GROUPS)) {
      const members = rows.filter(({ sampler }) => sampler.noise === kind);
      if (members.length === 0) continue;
      const body = html("tbody", { role: "rowgroup", class: kind }, ...this.#group(kind, members, rows, look));
      for (const row of body.children) row.style.setProperty("--line", row.matches(".shared") ? line : line++);
      body.style.setProperty("--members", members.length);
      parts.push(body);
    }
    this.#table.style.setProperty("--columns", columns);
    this.#table.replaceChildren(...parts);
    this.#draw();
  }

  /** Removes all rows. */
  clear() {
    this.#rows = [];
    this.#cells.clear();
    this.#table.replaceChildren();
  }

  /** The cells that show a run. */
  cellsOf({ key }) {
    return this.#cells.get(key) ?? [];
  }

  /** Shows an error that all cells of a row share once, across them. */
  mergeRefusals() {
    for (const { element, cells } of this.#rows) {
      const sentences = new Set(cells.map((cell) => cell.refusal));
      element.classList.toggle("refused", sentences.size === 1 && !sentences.has(null));
    }
  }

  /** The rows of one group. A shared reference comes first. */
  #group(kind, members, rows, look) {
    const { title, note } = GROUPS[kind];
    const words = [html("strong", {}, title), " ", html("span", { class: "hint" }, note)];
    const head = html("th", { role: "rowheader", scope: "rowgroup", class: "group" }, ...words);
    const lines = members.map((member) => this.#row(member, rows.indexOf(member), look));
    const { reference } = members[0];
    const shared = kind === "none" ? [this.#shared(reference, look)] : [];
    return [html("tr", { role: "row" }, head), ...shared, ...lines];
  }

  #shared(reference, look) {
    const words = "Solution of the probability flow, to which these samplers converge.";
    const head = html("th", { role: "rowheader", scope: "row", class: "hint" }, words);
    return html("tr", { role: "row", class: "shared" }, head, this.#cell(reference, look, "reference").element);
  }

  #row({ sampler, cells, reference }, index, look) {
    const { title, paper } = sampler;
    const head = html("th", { role: "rowheader", scope: "row", class: hueOf(index, sampler) },
      html("span", { class: "name" }, title), html("a", { href: paper.url, class: "hint" }, paper.title));
    const made = cells.map((run) => this.#cell(run, look, isAdaptive(sampler) ? "adaptive" : ""));
    for (const { element } of made) element.classList.add(...hueOf(index, sampler).split(" "));
    const own = sampler.noise === "none" ? [] : [this.#cell(reference, look, "reference")];
    const all = [...made, ...own];
    const element = html("tr", { role: "row" }, head, ...all.map((cell) => cell.element));
    this.#rows.push({ element, cells: all });
    return element;
  }

  #cell(run, look, className) {
    const { steps } = run.options;
    const isReference = run.coarse !== undefined;
    const cell = new Cell(run, look, isReference ? "reference" : steps === undefined ? "adaptive steps" : counted(steps));
    if (className !== "") cell.element.classList.add(className);
    // A reference first shows the coarse run.
    for (const { key } of isReference ? [run, run.coarse] : [run]) this.#cells.set(key, [...this.cellsOf({ key }), cell]);
    return cell;
  }

  #draw() {
    for (const cells of this.#cells.values()) for (const cell of cells) cell.draw();
  }
}

function headOf(rows) {
  const stepped = rows.find(({ sampler }) => !isAdaptive(sampler)) ?? rows[0];
  const titles = stepped.cells.map(({ options }) => (options.steps === undefined ? "" : counted(options.steps)));
  const heads = ["Sampler", ...titles, "Reference"].map((title) => html("th", { role: "columnheader", scope: "col" }, title));
  return html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...heads));
}
