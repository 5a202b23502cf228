/** The form of the restore lab: what it offers for a model, and which controls apply. */

import { html } from "../shell/element.js";
import { classesOf, modelOrigin, sizeOf } from "../shell/models.js";
import { SHIPPED_MODELS } from "../shell/shipped-models.js";
import { ABOUT } from "./about.js";
import { LOSSES } from "./losses.js";
import { METHOD_TEXTS } from "./methods.js";
import { labelOf } from "./plan.js";
import { fitted, methodOf, schema, UNKNOWN } from "./settings.js";

/** Factors of low resolution that are offered. */
const MAX_FACTOR = 16;
const math = (formula) => `<math display="block">${formula}</math>`;

export class Form {
  #root;
  #part;
  /** As `restorers()` lists them. */
  methods = [];

  constructor(root, prefix, settings) {
    this.#root = root;
    this.#part = (id) => root.querySelector(`#${prefix}${id}`);
    for (const [name, first] of [["brush", "hide"], ["brushSize", "2"]]) this.#elements[name].value = first;
    for (const name of ["class", "upright", "turned", "left", "right"]) this.#elements[name].replaceChildren(new Option(settings[name], settings[name]));
    this.#part("factor").replaceChildren(new Option(settings.factor, settings.factor));
  }

  get #elements() {
    return this.#part("settings").elements;
  }

  /** Shows the titles of the methods that the engine has. */
  offerMethods(methods) {
    this.methods = methods;
    for (const input of this.#root.querySelectorAll('input[name="method"]')) {
      const info = methods.find(({ name }) => name === input.value);
      input.closest("label").hidden = info === undefined && input.value !== "auto";
      if (info !== undefined) input.nextElementSibling.textContent = info.title;
    }
  }

  /**
   * Offers the classes and factors of a model, and corrects settings that do not fit it.
   * @returns {Record<string, string>}  a message by setting that was corrected, except for defaults
   */
  suit(pipeline, settings) {
    const [before, fitting] = [{ ...settings }, fitted(settings, pipeline)];
    const problems = {};
    for (const [name, label] of Object.entries(fitting)) {
      if (label !== before[name] && before[name] !== schema[name].initial) problems[name] = `This model has no class “${before[name]}”. Using ${label === UNKNOWN ? UNKNOWN : labelOf(pipeline, label)} instead.`;
    }
    Object.assign(settings, fitting);
    const options = classesOf(pipeline).map((label) => [labelOf(pipeline, label), String(label)]);
    for (const name of ["upright", "turned", "left", "right"]) this.#offer(name, options, settings[name]);
    this.#offer("class", [["unknown", UNKNOWN], ...options], settings.class);
    const [height, width] = sizeOf(pipeline);
    const factors = Array.from({ length: MAX_FACTOR - 1 }, (_, index) => index + 2).filter((factor) => height % factor === 0 && width % factor === 0);
    if (!factors.includes(settings.factor)) settings.factor = factors.includes(4) ? 4 : (factors[0] ?? settings.factor);
    this.#offer("factor", factors.map((factor) => [`${factor} × ${factor}`, String(factor)]), String(settings.factor));
    if (LOSSES[settings.lost].needsColour && pipeline.channels === 1) {
      settings.lost = "paint";
      problems.lost = `The images of this model are grey, so it cannot restore colours. Using ${LOSSES.paint.title.toLowerCase()} instead.`;
    }
    return problems;
  }

  #offer(name, options, value) {
    const select = this.#elements[name];
    const known = [...select.options].map((option) => option.value).join();
    if (known !== options.map(([, option]) => option).join()) select.replaceChildren(...options.map(([words, option]) => new Option(words, option)));
    select.value = value;
  }

  /**
   * Shows the controls that apply, and the formulas.
   * @param {object} settings
   * @param {object | null} pipeline
   * @param {{ model: string } | null} chosen  the model that the labs share
   */
  arrange(settings, pipeline, chosen) {
    this.#offerModels(settings, chosen);
    const info = this.methods.find(({ name }) => name === methodOf(settings));
    const needs = {
      colour: (pipeline?.channels ?? 1) > 1,
      classes: (pipeline?.classCount ?? 1) > 0,
      guidance: (pipeline?.nullClassLabel ?? null) !== null && !(settings.view === "restore" && settings.class === UNKNOWN),
    };
    for (const element of this.#root.querySelectorAll("[data-when], [data-needs], [data-option]")) {
      const { when, needs: need, option } = element.dataset;
      const [name, ...values] = when?.split(" ") ?? [];
      const applies = (name === undefined || values.includes(settings[name])) && (need === undefined || needs[need]) && (option === undefined || option in (info?.options ?? {}));
      element.hidden = !applies;
    }
    this.#disable(settings);
    this.#describeOptions(info);
    this.#explain(settings, info);
  }

  /** Disables the methods that do not support the operator, except the chosen one, so that it can be seen. */
  #disable({ lost, method }) {
    const { engineName } = LOSSES[lost];
    for (const input of this.#root.querySelectorAll('input[name="method"]')) {
      const operators = this.methods.find(({ name }) => name === input.value)?.operators;
      input.disabled = operators !== undefined && !operators.includes(engineName) && input.value !== method;
    }
  }

  #offerModels({ model, device }, chosen) {
    const others = [model, chosen?.model].filter((name) => name != null && !SHIPPED_MODELS.some((shipped) => shipped.name === name));
    const offered = [...SHIPPED_MODELS.map(({ name, title }) => [name, title]), ...[...new Set(others)].map((name) => [name, modelOrigin(name) === "folder" ? "Folder" : name])];
    const place = this.#part("models");
    const shown = [...place.querySelectorAll("input")].map(({ value }) => value).join();
    if (shown !== offered.map(([name]) => name).join()) {
      place.replaceChildren(...offered.map(([value, title]) => html("label", {}, html("input", { type: "radio", name: "model", value, form: "restore-settings" }), html("span", {}, title))));
    }
    this.#elements.model.value = model;
    this.#elements.device.value = device;
  }

  /** Shows the range and the default of the method's options. */
  #describeOptions(info) {
    for (const [name, { minimum, maximum, default: value, meaning }] of Object.entries(info?.options ?? {})) {
      const input = this.#elements[name];
      if (input == null) continue;
      if (value != null) input.placeholder = value;
      if (minimum !== undefined) input.min = minimum;
      if (maximum !== undefined) input.max = maximum;
      input.title = meaning ?? "";
    }
  }

  #explain({ view, lost, method }, info) {
    const { title, formula, sentences, symbols, papers } = ABOUT[view];
    this.#write("about-title", title);
    this.#write("about-formula", math(formula));
    this.#write("about-sentences", sentences);
    this.#write("about-symbols", `${symbols} ${papers.map(([name, url]) => `<a href="${url}">${name}</a>`).join(", ")}`);
    this.#write("loss-formula", math(LOSSES[lost].formula));
    this.#write("loss-words", LOSSES[lost].words);
    this.#write("method-formula", math(METHOD_TEXTS[method].formula));
    this.#write("method-words", METHOD_TEXTS[method].words);
    const paper = this.#part("method-paper");
    paper.hidden = info?.url === undefined;
    if (!paper.hidden) Object.assign(paper, { href: info.url, textContent: info.paper });
  }

  /** Writes HTML only if it has changed, because terms in it are marked after it is written. */
  #write(id, text) {
    const element = this.#part(id);
    if (element.dataset.text === text) return;
    element.dataset.text = text;
    element.innerHTML = text;
  }
}
