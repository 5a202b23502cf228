/** The choice of a sampler among those that the package lists, and a control for each of its own options. */

import { choice, integer, number } from "../shell/address.js";
import { html } from "../shell/element.js";
import { isAdaptive, KINDS, necessaryOptions } from "../shell/samplers.js";

/** The value of an option that follows from the model. */
const AUTO = "auto";
/** More whole numbers than this are typed in, not chosen from a row. */
const MOST_SEGMENTS = 6;
/** Words that are longer together have no place in a row. */
const MOST_LETTERS = 20;
/** A range that spans more than this factor is no slider. */
const WIDEST_SLIDER = 100;

const HINTS = {
  ddpm: "Ancestral sampling: fresh noise after every step. Likes many steps.",
  ddim: "Reuses the predicted noise, so few steps suffice.",
  "probability-flow": "A differential equation without randomness; solvers follow it.",
};
const WORDS = { rk4: "RK4", bh1: "h", bh2: "exp(h) − 1", "euler-maruyama": "Euler–Maruyama" };

export class SamplerForm {
  #form;
  #list;
  /** What was chosen of each sampler's options, by its name, so that it is there when the sampler comes back. */
  #chosen = new Map();
  #model = null;

  /**
   * @param {HTMLFormElement} form
   * @param {readonly object[]} list  as the package's `samplers()` gives it
   */
  constructor(form, list) {
    this.#form = form;
    this.#list = list;
    this.offer(new Map());
  }

  /** The field of the address that names the sampler. */
  get field() {
    return choice("ddim", this.#list.map(({ name }) => name));
  }

  /** What the package says of a sampler. */
  info(name) {
    return this.#list.find((sampler) => sampler.name === name);
  }

  /** The fields of the address for a sampler's own options. */
  schemaOf(name) {
    const { options } = this.info(name);
    const initial = necessaryOptions({ options }, { alphasCumprod: [] });
    return Object.fromEntries(Object.entries(options).map(([option, domain]) => [option, fieldOf(domain, initial[option])]));
  }

  /** Lists the samplers; those that the model refuses cannot be chosen, unless one is chosen already. */
  offer(refusals) {
    const select = this.#form.elements.sampler;
    const chosen = select.value;
    const groups = Object.entries(KINDS).map(([noise, label]) => {
      const members = this.#list.filter((sampler) => sampler.noise === noise);
      const options = members.map(({ name, title }) => {
        const option = new Option(title, name);
        option.disabled = refusals.has(name) && name !== chosen;
        return option;
      });
      return html("optgroup", { label }, ...options);
    });
    select.replaceChildren(...groups);
    select.value = chosen;
    const reasons = this.#list.filter(({ name }) => refusals.has(name)).map(({ name, title }) => `${title}: ${refusals.get(name)}`);
    const line = this.#form.querySelector("#sampler-refusals");
    line.hidden = reasons.length === 0;
    line.querySelector("p").textContent = reasons.join(" ");
  }

  /** Shows a sampler with what `settings.options` says of it; what that leaves open is as it was chosen before, or the default. */
  show(settings) {
    const { sampler: name } = settings;
    const schema = this.schemaOf(name);
    const initial = Object.fromEntries(Object.entries(schema).map(([option, field]) => [option, field.initial]));
    settings.options = { ...initial, ...this.#chosen.get(name), ...settings.options };
    this.#chosen.set(name, settings.options);
    const info = this.info(name);
    this.#form.elements.sampler.value = name;
    for (const shortcut of this.#form.querySelectorAll("input[name=shortcut]")) shortcut.checked = shortcut.value === name;
    this.#form.querySelector("#steps-field").hidden = isAdaptive(info);
    this.#form.querySelector("#sampler-hint").replaceChildren(`${hintOf(info)} `, html("a", { href: info.paper.url }, info.paper.title));
    const controls = Object.entries(info.options).map(([option, domain]) => controlOf(option, domain, settings.options[option]));
    this.#form.querySelector("#sampler-options").replaceChildren(...controls);
    this.#arrange(settings);
  }

  /**
   * Takes the sampler and its options into `settings`.
   * @param {string} edited  name of the control that was changed
   * @returns {Record<string, string>}  a sentence for each value that cannot be used, by its name
   */
  read(settings, edited) {
    const name = edited === "shortcut" ? this.#form.elements.shortcut.value : this.#form.elements.sampler.value;
    if (name !== settings.sampler) {
      Object.assign(settings, { sampler: name, options: {} });
      this.show(settings);
      return {};
    }
    const problems = {};
    for (const [option, field] of Object.entries(this.schemaOf(name))) {
      const value = field.read(writtenIn(this.#form.elements[option]));
      if (value === undefined) problems[option] = `This needs ${field.expects}.`;
      else settings.options[option] = value;
    }
    this.#arrange(settings);
    return problems;
  }

  /** Takes up a model: some options follow from it. */
  suit(model, settings) {
    this.#model = model;
    this.#arrange(settings);
  }

  /** The sampler and its options for `pipeline.sample`. */
  optionsFor({ sampler: name, steps, options }, model) {
    const info = this.info(name);
    const chosen = Object.entries(options).filter(([, value]) => value !== AUTO).map(([option, value]) => [option, typed(info.options[option], value)]);
    const own = { ...necessaryOptions(info, model), ...Object.fromEntries(chosen) };
    return isAdaptive(info) ? { sampler: name, ...own } : { sampler: name, steps, ...own };
  }

  /** Writes values beside their sliders, and what follows from the model into fields that leave it open. */
  #arrange({ sampler: name, options }) {
    const info = this.info(name);
    const suiting = this.#model === null ? {} : necessaryOptions(info, this.#model);
    for (const option of Object.keys(info.options)) {
      const control = this.#form.elements[option];
      if (control.type === "range") this.#form.querySelector(`#${option}-value`).value = Number(options[option]).toFixed(2);
      if (control.type === "text") control.placeholder = option in suiting ? suiting[option].toPrecision(2) : "";
    }
  }
}

/** The sampler's nature, where there is nothing better to say. */
function hintOf({ name, noise, evaluations }) {
  if (name in HINTS) return HINTS[name];
  const kind = noise === "none" ? "No noise but the first." : "Fresh noise in each step.";
  return evaluations === 1 ? kind : `${kind} Asks the network ${evaluations} times per step.`;
}

/** A field of the address for an option; `initial` takes the place of its own default. */
function fieldOf(option, initial = option.default) {
  switch (option.type) {
    case "flag":
      return choice(String(initial), ["true", "false"]);
    case "choice":
      return choice(initial, option.choices);
    case "integer":
      return integer(initial, option.minimum, option.maximum);
  }
  const field = number(initial, option.minimum, option.maximum);
  if (initial !== null) return field;
  const read = (text) => (text === AUTO ? AUTO : field.read(text));
  return { initial: AUTO, expects: `“${AUTO}” or ${field.expects}`, read };
}

/** The value of an option as the package takes it. */
const typed = ({ type }, value) => (type === "flag" ? value === "true" : value);

/** What a control says, as the address would. */
function writtenIn(control) {
  if (control.type === "checkbox") return String(control.checked);
  return control.type === "text" && control.value.trim() === "" ? AUTO : control.value;
}

/** The field of the form for an option. */
function controlOf(name, option, value) {
  const { title, meaning, type } = option;
  const said = [html("p", { id: `${name}-hint`, class: "hint" }, meaning), html("p", { id: `${name}-error`, class: "error", role: "alert", hidden: "" })];
  const described = { id: name, name, "aria-describedby": `${name}-hint ${name}-error` };
  if (type === "flag") {
    const box = html("input", { ...described, type: "checkbox" });
    box.checked = value === "true";
    return html("div", { class: "field" }, html("label", { class: "flag", for: name }, box, title), ...said);
  }
  const choices = choicesOf(option);
  if (choices !== null && isRow(choices)) {
    const segments = choices.map((choice) => {
      const radio = html("input", { type: "radio", name, value: choice });
      radio.checked = String(choice) === String(value);
      return html("label", {}, radio, html("span", {}, wordOf(choice)));
    });
    return html("fieldset", { class: "field", "aria-describedby": described["aria-describedby"] },
      html("legend", {}, title), html("div", { class: "segments wide" }, ...segments), ...said);
  }
  const control = choices === null ? numberControl(option, described) : html("select", described, ...choices.map((choice) => new Option(wordOf(choice), choice)));
  control.value = value === AUTO ? "" : value;
  const label = html("label", { for: name }, title);
  if (control.type === "range") label.append(" ", html("output", { id: `${name}-value`, for: name }));
  return html("div", { class: "field" }, label, control, ...said);
}

/** All values of an option that has few of them, or null. */
function choicesOf({ type, choices, minimum, maximum }) {
  if (type === "choice") return choices;
  const count = maximum - minimum + 1;
  return type === "integer" && count <= MOST_SEGMENTS ? Array.from({ length: count }, (_, index) => minimum + index) : null;
}

const isRow = (choices) => choices.map(wordOf).join("").length <= MOST_LETTERS;

function numberControl({ type, minimum, maximum, default: initial }, described) {
  const range = { min: minimum, max: maximum, step: type === "integer" ? 1 : "any" };
  if (type === "integer") return html("input", { ...described, ...range, type: "number", inputmode: "numeric" });
  const isSlider = initial !== null && maximum <= WIDEST_SLIDER * (minimum || maximum);
  if (isSlider) return html("input", { ...described, ...range, type: "range", step: 0.01 });
  return html("input", { ...described, type: "text", inputmode: "decimal", autocomplete: "off" });
}

function wordOf(choice) {
  const words = String(choice);
  return WORDS[choice] ?? words.charAt(0).toUpperCase() + words.slice(1).replaceAll("-", " ");
}
