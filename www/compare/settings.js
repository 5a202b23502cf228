/** Settings of the compare lab and their form. */

import { dataSchema } from "../points/settings.js";
import { choice, integer, list, text } from "../shell/address.js";
import { classesOf, modelSchema } from "../shell/models.js";
import { chip } from "../shell/sampler-chips.js";

export const NO_CLASS = "none";
export const STEP_COUNTS = [1, 2, 5, 10, 20, 50, 100, 200];
/** The default comparison; precomputed.json contains its results. */
const SAMPLERS = ["ddim", "heun", "dpm-solver++", "unipc", "ddpm", "euler-ancestral"];

export const schema = {
  ...modelSchema,
  samplers: list(SAMPLERS, text("", /^[a-z][a-z0-9+-]*$/), "a list of samplers"),
  steps: list([1, 2, 5, 10, 20], integer(0, 1, 1000), "a list of whole numbers from 1 to 1000"),
  class: text("3", /^(none|\d{1,6})$/, `“${NO_CLASS}” or a class number`),
  seed: integer(4, 0, 2 ** 32 - 1), // a seed whose digit is legible
  count: choice("1", ["1", "4"]),
  source: choice("pictures", ["pictures", "network", "ideal"]),
  ...dataSchema,
  cloud: choice("500", ["200", "500", "2000"]),
  order: choice("default", ["default", "1", "2", "3"]),
  spacing: choice("default", ["default", "karras"]),
};

/** Settings with one control of the same name and a single value. */
const SINGLE = ["source", "class", "seed", "count", "cloud", "order", "spacing"];

/** Shows `settings` in the form, after its chips were created. */
export function fillForm(form, settings) {
  for (const name of SINGLE) form.elements[name].value = settings[name];
  for (const chip of chipsOf(form, "samplers")) chip.checked = settings.samplers.includes(chip.value);
  for (const chip of chipsOf(form, "steps")) chip.checked = settings.steps.includes(Number(chip.value));
  arrangeForm(form, settings);
}

/** Hides controls and texts that do not apply to the source. */
function arrangeForm(form, { source }) {
  for (const part of form.closest(".lab").querySelectorAll("[data-source]")) part.hidden = !part.dataset.source.split(" ").includes(source);
}

/**
 * Reads the form into `settings`. An invalid number or an empty selection leaves its setting unchanged and
 * is reported in the result, by name.
 */
export function readForm(form, settings) {
  const values = Object.fromEntries(SINGLE.map((name) => [name, form.elements[name].value]));
  for (const name of ["samplers", "steps"]) {
    values[name] = chipsOf(form, name).filter((chip) => chip.checked).map((chip) => chip.value).join(",");
  }
  const problems = {};
  for (const [name, written] of Object.entries(values)) {
    const value = schema[name].read(written);
    if (value !== undefined) settings[name] = value;
    else problems[name] = written === "" && name !== "seed" ? "Select at least one." : `This must be ${schema[name].expects}.`;
  }
  arrangeForm(form, settings);
  return problems;
}

function chipsOf(form, name) {
  return [...form.querySelectorAll(`input[name="${name}"]`)];
}

/** Creates the chips of the step counts: the standard ones and those of the link. */
export function offerSteps(form, { steps }) {
  const counts = [...new Set([...STEP_COUNTS, ...steps])].sort((one, other) => one - other);
  form.querySelector("#compare-steps").replaceChildren(...counts.map((count) => chip("steps", count, count)));
}

/** Shows which samplers the model does not support, and why. */
export function sayRefusals(form, samplers, refusals) {
  const reasons = samplers.filter(({ name }) => refusals.has(name)).map(({ name, title }) => `${title}: ${refusals.get(name)}`);
  const line = form.querySelector("#compare-refusals");
  line.hidden = reasons.length === 0;
  line.querySelector("p").textContent = reasons.join(" ");
}

/** Offers the classes of the loaded model; returns a message if it lacks the selected one. */
export function offerClasses(form, settings, model) {
  form.querySelector("#compare-class-field").hidden = model.classCount === 0;
  if (model.classCount === 0) return {};
  const options = classesOf(model).map((label) => new Option(model.labels?.[label] ?? `class ${label}`, label));
  if (model.nullClassLabel !== null) options.push(new Option("unconditional", NO_CLASS));
  form.elements.class.replaceChildren(...options);
  form.elements.class.value = settings.class;
  if (form.elements.class.selectedIndex >= 0) return {};

  const missing = settings.class;
  settings.class = form.elements.class.value = options[0].value;
  return { class: `This model has no class “${missing}”. Using ${options[0].text} instead.` };
}
