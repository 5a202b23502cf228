/** The choice of a sampler among those that the package lists, and of its own options. */

import { choice } from "../shell/address.js";
import { html } from "../shell/element.js";
import { ESTIMATED_STEPS, isAdaptive, KINDS, necessaryOptions } from "../shell/samplers.js";
import { AUTO, controlOf, fieldOf, show, typed, writtenIn } from "./sampler-controls.js";

/** What is shown until a model is there, and in place of DDPM: that takes all timesteps of training, minutes on a CPU. */
const OPENING = "ddim";

const HINTS = {
  ddpm: "Ancestral sampling: fresh noise after every step. Likes many steps.",
  ddim: "Reuses the predicted noise, so few steps suffice.",
  "probability-flow": "A differential equation without randomness; solvers follow it.",
};

export class SamplerForm {
  #form;
  #list;
  /** What was chosen of each sampler's options, by its name, so that it is there when the sampler comes back. */
  #chosen = new Map();
  #model = null;
  /** Whether someone has chosen the sampler; else it is the model's own. */
  #isChosen = false;

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
    return choice(OPENING, this.#list.map(({ name }) => name));
  }

  /** The same for the link that is written: it leaves the sampler out only where that is the model's own. */
  get writtenField() {
    return { ...this.field, ...(this.#isChosen && { initial: null }) };
  }

  /** How often the network is evaluated in a run, as far as that is known in advance. */
  evaluations({ sampler: name, steps }) {
    const info = this.info(name);
    return info.evaluations * (isAdaptive(info) ? ESTIMATED_STEPS : steps);
  }

  /** What the package says of a sampler. */
  info(name) {
    return this.#list.find((sampler) => sampler.name === name);
  }

  /** The fields of the address for a sampler's own options. */
  schemaOf(name) {
    return Object.fromEntries(Object.entries(this.info(name).options).map(([option, domain]) => [option, fieldOf(domain)]));
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

  /** Takes up the sampler and the options of a link, which may leave both to the model. */
  begin(settings, { isChosen }) {
    this.#isChosen = isChosen;
    this.#show(settings);
  }

  /**
   * Takes the sampler and its options into `settings`.
   * @param {string} edited  name of the control that was changed
   * @returns {Record<string, string>}  a sentence for each value that cannot be used, by its name
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
      if (value === undefined) problems[option] = `This needs ${field.chosen.expects}.`;
      // What nobody has touched stays as the model has it.
      else if (option === edited || settings.options[option] !== AUTO) settings.options[option] = value;
    }
    this.#arrange(settings);
    return problems;
  }

  /** Takes up a model: what nobody has chosen follows from it. */
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
    // The controls stay, and what is said beside them.
    this.#fill(settings);
  }

  /** The sampler and its options for `pipeline.sample`: only what was chosen, so that the rest is as the model has it. */
  optionsFor({ sampler: name, steps, options }, model) {
    const info = this.info(name);
    const chosen = Object.entries(options).filter(([, value]) => value !== AUTO).map(([option, value]) => [option, typed(info.options[option], value)]);
    const own = { ...necessaryOptions(info, model), ...Object.fromEntries(chosen) };
    return isAdaptive(info) ? { sampler: name, ...own } : { sampler: name, steps, ...own };
  }

  /** The value of each option of the sampler, as far as it is known. */
  values({ sampler: name, options }) {
    return { ...this.#initialOf(this.info(name)), ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== AUTO)) };
  }

  /** Shows a sampler with what `settings.options` says of it; what that leaves open is as it was chosen before, or the model's. */
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

  /** Writes what was chosen, or is as the model has it, into the controls of the sampler that is shown. */
  #fill(settings) {
    const info = this.info(settings.sampler);
    this.#form.querySelector("#sampler-hint").replaceChildren(`${hintOf(info)} `, html("a", { href: info.paper.url }, info.paper.title), this.#wordsOfTheModel());
    const initial = this.#initialOf(info);
    for (const [option, value] of Object.entries(settings.options)) {
      show(this.#form.elements[option], value === AUTO ? initial[option] : value);
    }
    this.#arrange(settings);
  }

  /** What an option is where nobody has chosen it, by its name; there is none where it follows from the model's noise. */
  #initialOf(info) {
    const listed = Object.entries(info.options).map(([option, { default: initial }]) => [option, initial]);
    const own = this.#model?.schedulerDefaults.options[info.name];
    return { ...Object.fromEntries(listed), ...own, ...necessaryOptions(info, { alphasCumprod: [] }) };
  }

  #wordsOfTheModel() {
    if (this.#model === null) return "";
    return ` The checkpoint’s own is ${this.info(this.#model.schedulerDefaults.sampler).title}.`;
  }

  /** Writes values beside their sliders, and what follows from the model's noise into fields that leave it open. */
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

/** The sampler's nature, where there is nothing better to say. */
function hintOf({ name, noise, evaluations }) {
  if (name in HINTS) return HINTS[name];
  const kind = noise === "none" ? "No noise but the first." : "Fresh noise in each step.";
  return evaluations === 1 ? kind : `${kind} Asks the network ${evaluations} times per step.`;
}
