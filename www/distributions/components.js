/** The editor of a mixture: a row of three sliders for each component. */

import { html } from "../shell/element.js";
import { showValue } from "./form.js";
import { MAX_COMPONENTS } from "./settings.js";

const SLIDERS = {
  weight: { title: "Weight", min: 0.05, max: 1, step: 0.05 },
  mean: { title: "Mean", min: -5, max: 5, step: 0.1 },
  sd: { title: "Sd", min: 0.1, max: 3, step: 0.05 },
};
const NEW = { weight: 0.5, mean: 3, sd: 0.5 };

export class Components {
  #container;
  #add;
  #onChange;
  #value = [];

  /**
   * @param {HTMLElement} container
   * @param {HTMLButtonElement} add
   * @param {() => void} onChange
   */
  constructor(container, add, onChange) {
    this.#container = container;
    this.#add = add;
    this.#onChange = onChange;
    container.addEventListener("input", ({ target }) => this.#edited(target));
    add.addEventListener("click", () => this.#grow());
  }

  /** @type {{ weight: number, mean: number, sd: number }[]} */
  get value() {
    return this.#value;
  }

  set value(components) {
    this.#value = components.map((component) => ({ ...component }));
    this.#build();
  }

  #build() {
    this.#container.replaceChildren(...this.#value.map((component, index) => this.#row(component, index)));
    this.#container.querySelectorAll("input").forEach(showValue);
    this.#add.disabled = this.#value.length >= MAX_COMPONENTS;
  }

  #row(component, index) {
    const remove = html("button", { type: "button", class: "quiet", "aria-label": `Remove component ${index + 1}` }, "Remove");
    remove.disabled = this.#value.length === 1;
    remove.addEventListener("click", () => this.#drop(index));
    const sliders = Object.entries(SLIDERS).map(([name, { title, ...range }]) => {
      const limits = { ...range, min: Math.min(range.min, component[name]), max: Math.max(range.max, component[name]) };
      const id = `distributions-component-${index}-${name}`;
      return html("div", { class: "field" },
        html("label", { for: id }, html("span", {}, title), html("output", { for: id })),
        html("input", { id, type: "range", ...limits, value: component[name], "data-index": index, "data-name": name }));
    });
    return html("fieldset", {}, html("legend", {}, `Component ${index + 1}`, remove), ...sliders);
  }

  #edited(slider) {
    this.#value[slider.dataset.index][slider.dataset.name] = Number(slider.value);
    showValue(slider);
    this.#onChange();
  }

  #grow() {
    this.value = [...this.#value, NEW];
    this.#container.lastElementChild.querySelector("input").focus();
    this.#onChange();
  }

  #drop(index) {
    this.value = this.#value.filter((_, place) => place !== index);
    (this.#container.children[Math.min(index, this.#value.length - 1)].querySelector("button:enabled") ?? this.#add).focus();
    this.#onChange();
  }
}
