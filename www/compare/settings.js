/** What can be chosen in the compare lab, and the form that shows it. */

import { dataSchema } from "../points/settings.js";
import { choice, integer, list, text } from "../shell/address.js";
import { classesOf, modelSchema } from "../shell/models.js";
import { chip } from "../shell/sampler-chips.js";

export const NO_CLASS = "none";
export const STEP_COUNTS = [1, 2, 5, 10, 20, 50, 100, 200];
/** The comparison that the lab opens with; advance.json holds its results. */
const SAMPLERS = ["ddim", "heun", "dpm-solver++", "unipc", "ddpm", "euler-ancestral"];

export const schema = {
  ...modelSchema,
  samplers: list(SAMPLERS, text("", /^[a-z][a-z0-9+-]*$/), "a list of samplers"),
  steps: list([1, 2, 5, 10, 20], integer(0, 1, 1000), "a list of whole numbers from 1 to 1000"),
  class: text("3", /^(none|\d{1,6})$/, `“${NO_CLASS}” or the number of a class`),
  seed: integer(4, 0, 2 ** 32 - 1), // one that opens the lab with a legible digit
  count: choice("1", ["1", "4"]),
  source: choice("pictures", ["pictures", "network", "ideal"]),
  ...dataSchema,
  cloud: choice("500", ["200", "500", "2000"]),
  order: choice("default", ["default", "1", "2", "3"]),
  spacing: choice("default", ["default", "karras"]),
};

/** Settings with a control of the same name that holds one value. */
const SINGLE = ["source", "class", "seed", "count", "cloud", "order", "spacing"];

/** Shows `settings` in the form, whose chips are there. */
export function fillForm(form, settings) {
  for (const name of SINGLE) form.elements[name].value = settings[name];
  for (const chip of chipsOf(form, "samplers")) chip.checked = settings.samplers.includes(chip.value);
  for (const chip of chipsOf(form, "steps")) chip.checked = settings.steps.includes(Number(chip.value));
  arrangeForm(form, settings);
}

/** Hides the controls, and the words, that do not apply to what is compared. */
function arrangeForm(form, { source }) {
  for (const part of form.closest(".lab").querySelectorAll("[data-source]")) part.hidden = !part.dataset.source.split(" ").includes(source);
}

/**
 * Takes the form's values into `settings`. A number that cannot be read, or an empty choice, leaves its setting as
 * it was and is returned as a sentence under its name.
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
    else problems[name] = written === "" && name !== "seed" ? "Choose at least one." : `This needs ${schema[name].expects}.`;
  }
  arrangeForm(form, settings);
  return problems;
}

function chipsOf(form, name) {
  return [...form.querySelectorAll(`input[name="${name}"]`)];
}

/** Makes the chips of the step counts: the usual ones, and those that the link names. */
export function offerSteps(form, { steps }) {
  const counts = [...new Set([...STEP_COUNTS, ...steps])].sort((one, other) => one - other);
  form.querySelector("#compare-steps").replaceChildren(...counts.map((count) => chip("steps", count, count)));
}

/** Says which samplers the model cannot run, and why. */
export function sayRefusals(form, samplers, refusals) {
  const reasons = samplers.filter(({ name }) => refusals.has(name)).map(({ name, title }) => `${title}: ${refusals.get(name)}`);
  const line = form.querySelector("#compare-refusals");
  line.hidden = reasons.length === 0;
  line.querySelector("p").textContent = reasons.join(" ");
}

/** Offers the classes that the loaded model knows; returns a sentence where it lacks the chosen one. */
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
  return { class: `This model has no class “${missing}”; ${options[0].text} is used instead.` };
}
