/** The sampler menu and the options of the selected sampler. */

import { choice } from "../shell/address.js";
import { html } from "../shell/element.js";
import { ESTIMATED_STEPS, isAdaptive, KINDS, necessaryOptions } from "../shell/samplers.js";
import { AUTO, controlOf, fieldOf, show, typed, writtenIn } from "./sampler-controls.js";

/** Default until a model is loaded, and instead of DDPM, which runs all training timesteps and takes minutes on a CPU. */
const OPENING = "ddim";

const HINTS = {
  ddpm: "Ancestral sampling with fresh noise after every step. Needs many steps.",
  ddim: "Deterministic unless eta is above 0. Works with few steps.",
  "probability-flow": "Solves the probability-flow ODE, which is deterministic.",
};

export class SamplerForm {
  #form;
  #list;
  /** The options set for each sampler, by name, so that they are restored when it is selected again. */
  #chosen = new Map();
  #model = null;
  /** Whether the user selected the sampler; otherwise it is the model's default. */
  #isChosen = false;

  /**
   * @param {HTMLFormElement} form
   * @param {readonly object[]} list  as returned by the package's `samplers()`
   */
  constructor(form, list) {
    this.#form = form;
    this.#list = list;
    this.offer(new Map());
  }

  /** The address field of the sampler. */
  get field() {
    return choice(OPENING, this.#list.map(({ name }) => name));
  }

  /** The same field for writing a link, which omits the sampler only if it is the model's default. */
  get writtenField() {
    return { ...this.field, ...(this.#isChosen && { initial: null }) };
  }

  /** Expected number of network evaluations of a run. */
  evaluations({ sampler: name, steps }) {
    const info = this.info(name);
    return info.evaluations * (isAdaptive(info) ? ESTIMATED_STEPS : steps);
  }

  /** The entry of a sampler in the package's list. */
  info(name) {
    return this.#list.find((sampler) => sampler.name === name);
  }

  /** The address fields of a sampler's own options. */
  schemaOf(name) {
    return Object.fromEntries(Object.entries(this.info(name).options).map(([option, domain]) => [option, fieldOf(domain)]));
  }

  /** Fills the menu. Samplers that the model does not support are disabled, except the selected one. */
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

  /** Shows the sampler and the options of a link, which may leave both to the model. */
  begin(settings, { isChosen }) {
    this.#isChosen = isChosen;
    this.#show(settings);
  }

  /**
   * Reads the sampler and its options into `settings`.
   * @param {string} edited  name of the edited control
   * @returns {Record<string, string>}  a message for each invalid value, by name
   */
  read(settings, edited) {
    const name = edited === "shortcut" ? this.#form.elements.shortcut.value : this.#form.elements.sampler.value;
    if (name !== settings.sampler) {
      this.#isChosen = true;
      Object.assign(settings, { sampler: name, options: {} });
      this.#show(settings);
      return {};
    }
    const problems = {};
    for (const [option, field] of Object.entries(this.schemaOf(name))) {
      const written = writtenIn(this.#form.elements[option]);
      const value = field.read(written);
      if (value === undefined) problems[option] = `This must be ${field.chosen.expects}.`;
      // Options that were never edited keep the model's default.
      else if (option === edited || settings.options[option] !== AUTO) settings.options[option] = value;
    }
    this.#arrange(settings);
    return problems;
  }

  /** Applies the defaults of a new model to everything that the user did not set. */
  suit(model, settings) {
    if (model === this.#model) return;
    this.#model = model;
    if (!this.#isChosen) {
      const own = model.schedulerDefaults.sampler;
      const name = own === "ddpm" ? OPENING : own;
      if (name !== settings.sampler) {
        Object.assign(settings, { sampler: name, options: {} });
        return this.#show(settings);
      }
    }
    // The controls and their messages are kept.
    this.#fill(settings);
  }

  /** The sampler and the options set by the user, for `pipeline.sample`. The model's defaults apply to the rest. */
  optionsFor({ sampler: name, steps, options }, model) {
    const info = this.info(name);
    const chosen = Object.entries(options).filter(([, value]) => value !== AUTO).map(([option, value]) => [option, typed(info.options[option], value)]);
    const own = { ...necessaryOptions(info, model), ...Object.fromEntries(chosen) };
    return isAdaptive(info) ? { sampler: name, ...own } : { sampler: name, steps, ...own };
  }

  /** The known values of the sampler's options. */
  values({ sampler: name, options }) {
    return { ...this.#initialOf(this.info(name)), ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== AUTO)) };
  }

  /** Shows a sampler with `settings.options`; the rest keeps its last value or the model's default. */
  #show(settings) {
    const { sampler: name } = settings;
    const info = this.info(name);
    const open = Object.fromEntries(Object.keys(info.options).map((option) => [option, AUTO]));
    settings.options = { ...open, ...this.#chosen.get(name), ...settings.options };
    this.#chosen.set(name, settings.options);
    this.#form.elements.sampler.value = name;
    for (const shortcut of this.#form.querySelectorAll("input[name=shortcut]")) shortcut.checked = shortcut.value === name;
    this.#form.querySelector("#steps-field").hidden = isAdaptive(info);
    const controls = Object.entries(info.options).map(([option, domain]) => controlOf(option, domain));
    this.#form.querySelector("#sampler-options").replaceChildren(...controls);
    this.#fill(settings);
  }

  /** Writes the values set by the user, or the model's defaults, to the controls of the selected sampler. */
  #fill(settings) {
    const info = this.info(settings.sampler);
    this.#form.querySelector("#sampler-hint").replaceChildren(`${hintOf(info)} `, html("a", { href: info.paper.url }, info.paper.title), this.#modelDefault());
    const initial = this.#initialOf(info);
    for (const [option, value] of Object.entries(settings.options)) {
      show(this.#form.elements[option], value === AUTO ? initial[option] : value);
    }
    this.#arrange(settings);
  }

  /** Default of each option, by name; none where the default depends on the model's noise levels. */
  #initialOf(info) {
    const listed = Object.entries(info.options).map(([option, { default: initial }]) => [option, initial]);
    const own = this.#model?.schedulerDefaults.options[info.name];
    return { ...Object.fromEntries(listed), ...own, ...necessaryOptions(info, { alphasCumprod: [] }) };
  }

  #modelDefault() {
    if (this.#model === null) return "";
    return `. The checkpoint’s default is ${this.info(this.#model.schedulerDefaults.sampler).title}.`;
  }

  /** Shows the values next to the sliders, and defaults that depend on the model as placeholders. */
  #arrange({ sampler: name }) {
    const info = this.info(name);
    const suiting = this.#model === null ? {} : necessaryOptions(info, this.#model);
    for (const option of Object.keys(info.options)) {
      const control = this.#form.elements[option];
      if (control.type === "range") this.#form.querySelector(`#${option}-value`).value = Number(control.value).toFixed(2);
      if (control.type === "text") control.placeholder = option in suiting ? suiting[option].toPrecision(2) : "";
    }
  }
}

/** A hint about the sampler. */
function hintOf({ name, noise, evaluations }) {
  if (name in HINTS) return HINTS[name];
  const kind = noise === "none" ? "Deterministic after the initial noise." : "Stochastic: fresh noise at every step.";
  return evaluations === 1 ? kind : `${kind} ${evaluations} network evaluations per step.`;
}
