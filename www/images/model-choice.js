/** The model menu: a shipped model, a Hub model or a local folder. */

import { html } from "../shell/element.js";
import { chosenFiles } from "../shell/folders.js";
import { modelOrigin, modelSchema, sizeOf } from "../shell/models.js";
import { megabytes } from "../shell/progress.js";
import { SHIPPED_MODELS, shippedModel } from "../shell/shipped-models.js";
import { describeOrigin, forgetClass } from "./settings.js";

export class ModelChoice {
  #part;
  #form;
  #problems;

  constructor(root, form, problems) {
    this.#part = (id) => root.querySelector(`#${id}`);
    this.#form = form;
    this.#problems = problems;
    const chips = SHIPPED_MODELS.map(({ name, title }) => html("label", {}, html("input", { type: "radio", name: "origin", value: name }), html("span", {}, title)));
    this.#part("origins").prepend(...chips);
  }

  /**
   * @param {object} asked
   * @param {() => void} asked.onLoad  called to load a Hub model
   * @param {(files: Record<string, File>) => void} asked.onFolder
   */
  connect({ onLoad, onFolder }) {
    this.#part("hub-load").addEventListener("click", onLoad);
    this.#part("hub-id").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      onLoad();
    });
    this.#part("folder-choose").addEventListener("click", () => this.#part("folder-input").click());
    this.#part("folder-input").addEventListener("change", () => onFolder(chosenFiles(this.#part("folder-input"))));
  }

  /** Updates the form for a new origin. Returns whether its model can be loaded immediately. */
  originChanged() {
    describeOrigin(this.#form);
    this.#problems.clear("model");
    return shippedModel(this.#form.elements.origin.value) !== undefined;
  }

  /**
   * Writes the model in the form to `settings`. Returns false, with an error message, if the form does not name one.
   * The class label is reset, because labels differ between models.
   */
  take(settings) {
    const origin = this.#form.elements.origin.value;
    const id = this.#form.elements.hubId.value.trim();
    if (origin === "hub" && (modelSchema.model.read(id) === undefined || modelOrigin(id) !== "hub")) {
      this.#problems.show("model", "A Hub id must have the form owner/name, for example google/ddpm-cifar10-32");
      return false;
    }
    const model = origin === "hub" ? id : origin;
    if (model !== settings.model) forgetClass(this.#form, settings);
    settings.model = model;
    return true;
  }

  /** Shows the facts about the loaded model. */
  describe(pipeline, bytes) {
    const { parameterCount, channels, warnings } = pipeline;
    const [height, width] = sizeOf(pipeline);
    const size = bytes > 0 ? ` · ${megabytes(bytes)}` : "";
    const facts = `${parameterCount.toLocaleString("en")} parameters · ${height} × ${width} × ${channels}${size}`;
    this.#part("model-facts").textContent = [facts, ...warnings].join(". ");
  }
}
