/** Panel of step 1: choice of the data set. */

import { decodeText } from "../../src/web/js/text.js";
import { html } from "../shell/element.js";
import { thumbnailOf } from "./thumbnail.js";

const OWN = [
  { name: "drawn", title: "Draw", description: "Your name, or any shape.", picture: "✎" },
  { name: "csv", title: "CSV", description: "Your own points, pasted or from a file.", picture: "x, y" },
];
/** Typed text is read after this pause. */
const PAUSE = 400; // milliseconds

export class DataPanel {
  #part;
  #infos = new Map();

  constructor(part) {
    this.#part = part;
  }

  /**
   * Creates a tile for each data set.
   * @param tweedie  the package
   * @param {readonly object[]} datasets  entries of `datasets()`
   */
  offer(tweedie, datasets) {
    const named = datasets.map((info) => this.#tile(info, thumbnailOf(tweedie, info.name)));
    const own = OWN.map((info) => this.#tile(info, html("span", { class: "sign", "aria-hidden": "true" }, info.picture)));
    const [drawn, csv] = own;
    this.#part("datasets").replaceChildren(drawn, ...named, csv);
  }

  #tile(info, picture) {
    this.#infos.set(info.name, info);
    return html("label", {}, html("input", { type: "radio", name: "data", value: info.name }), html("span", {}, picture, info.title));
  }

  /** Describes the selected data set. */
  describe({ data }, { whole }) {
    const info = this.#infos.get(data);
    const size = whole === null || OWN.includes(info) === false ? "" : ` ${whole.count} points. From step 2 on, they are normalised to mean 0 and variance 1.`;
    const notes = (data === "csv" && whole?.notes) || [];
    this.#part("data-hint").textContent = [`${info?.description ?? ""}${size}`, ...notes].join(" ");
    for (const field of ["count-field", "seed-field"]) this.#part(field).hidden = OWN.includes(info);
  }

  /**
   * Connects the text and files of a CSV.
   * @param {HTMLElement} section  drop target for files
   * @param {(text: string) => void} onText
   */
  connectCsv(section, onText) {
    const [area, input] = [this.#part("csv"), this.#part("csv-input")];
    let resting = null;
    area.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(resting);
      resting = setTimeout(() => onText(area.value), PAUSE);
    });
    const take = async (file) => {
      area.value = decodeText(new Uint8Array(await file.arrayBuffer()));
      onText(area.value);
    };
    this.#part("csv-choose").addEventListener("click", () => input.click());
    input.addEventListener("change", (event) => {
      event.stopPropagation();
      if (input.files.length > 0) take(input.files[0]);
      input.value = "";
    });
    section.addEventListener("drop", (event) => {
      const file = [...(event.dataTransfer?.files ?? [])].find(({ name, type }) => /\.(csv|tsv|txt)$/i.test(name) || type.startsWith("text/"));
      if (file === undefined) return;
      // Prevents the page from treating the file as a checkpoint.
      event.preventDefault();
      take(file);
    });
  }
}
