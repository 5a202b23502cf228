/** The choice of a model: one of those that come with the page, one of the Hub, or a folder. */

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
   * @param {() => void} asked.onLoad  a model of the Hub is to be loaded
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

  /** Another origin was chosen; tells whether its model can be loaded at once. */
  originChanged() {
    describeOrigin(this.#form);
    this.#problems.clear("model");
    return shippedModel(this.#form.elements.origin.value) !== undefined;
  }

  /**
   * Takes the model that the form asks for into `settings`; false, with a sentence, when the form does not name one.
   * What is class 3 of one model is something else in another, so that the class does not outlive its model.
   */
  take(settings) {
    const origin = this.#form.elements.origin.value;
    const id = this.#form.elements.hubId.value.trim();
    if (origin === "hub" && (modelSchema.model.read(id) === undefined || modelOrigin(id) !== "hub")) {
      this.#problems.show("model", "A Hub id has the form owner/name, as in google/ddpm-cifar10-32");
      return false;
    }
    const model = origin === "hub" ? id : origin;
    if (model !== settings.model) forgetClass(this.#form, settings);
    settings.model = model;
    return true;
  }

  /** Says what is known of a model that was loaded. */
  describe(pipeline, bytes) {
    const { parameterCount, channels, warnings } = pipeline;
    const [height, width] = sizeOf(pipeline);
    const size = bytes > 0 ? ` · ${megabytes(bytes)}` : "";
    const facts = `${parameterCount.toLocaleString("en")} parameters · ${height} × ${width} × ${channels}${size}`;
    this.#part("model-facts").textContent = [facts, ...warnings].join(". ");
  }
}
