/** What can be chosen in the images lab, and the form that shows it. */

import { choice, integer, number, optional, text } from "../shell/address.js";
import { html } from "../shell/element.js";
import { classesOf, modelOrigin, modelSchema } from "../shell/models.js";
import { shippedModel } from "../shell/shipped-models.js";

export const EACH_CLASS = "each";
export const NO_CLASS = "none";
/** Stands for what is as the checkpoint's scheduler has it. */
const AUTO = "auto";
/** More noise in proportion to the signal than any schedule ends with. */
const MAX_NOISE = 1e6;

/** All settings but the sampler and its options, which the engine lists. */
export const schema = {
  ...modelSchema,
  steps: integer(20, 1, 1000),
  class: text(EACH_CLASS, /^(each|none|\d{1,6})$/, `“${EACH_CLASS}”, “${NO_CLASS}” or the number of a class`),
  guidance: number(1, 0, 8),
  seed: integer(6, 0, 2 ** 32 - 1), // one that opens the page with legible digits
  count: integer(16, 1, 64),
  spacing: choice(AUTO, [AUTO, "leading", "linspace", "trailing", "karras", "exponential", "beta", "lu-lambdas"]),
  finalSigma: choice(AUTO, [AUTO, "zero", "sigma-min"]),
  guidanceRescale: number(0, 0, 1),
  guidanceFrom: optional(number(0, 0, MAX_NOISE)),
  guidanceTo: optional(number(0, 0, MAX_NOISE)),
  start: choice("noise", ["noise", "picture"]),
  strength: number(0.6, 0.05, 1),
  view: choice("noisy", ["noisy", "clean"]),
  measure: choice("bound", ["bound", "likelihood"]),
  likelihoodSteps: integer(25, 1, 1000),
  probes: integer(1, 1, 1024),
  from: integer(1, 1, 64),
  to: integer(2, 1, 64),
  way: choice("flow", ["flow", "ddim"]),
  betweenSteps: integer(50, 1, 1000),
};

/** Settings with a control of the same name: the model has several, and the pictures to go between are not there before they are drawn. */
const CONTROLS = Object.keys(schema).filter((name) => !["model", "from", "to"].includes(name));

const ORIGIN_HINTS = {
  hub: "A diffusers pipeline of the Hub with a UNet2DModel.",
  folder: "A diffusers checkpoint: its config.json and .safetensors, flat or as a pipeline.",
};

/** Shows `settings` in the form. */
export function fillForm(form, settings) {
  offerOnlyClass(form, settings.class);
  for (const name of CONTROLS) form.elements[name].value = settings[name];
  form.elements.origin.value = modelOrigin(settings.model);
  if (modelOrigin(settings.model) === "hub") form.elements.hubId.value = settings.model;
  describeOrigin(form);
  arrangeForm(form, settings);
}

/**
 * Takes the form's values into `settings`. A number that cannot be read leaves its setting as it was and
 * is returned as a sentence under its name.
 */
export function readForm(form, settings) {
  const problems = {};
  for (const name of CONTROLS) {
    const value = schema[name].read(form.elements[name].value);
    if (value === undefined) problems[name] = `This needs ${schema[name].expects}.`;
    else settings[name] = value;
  }
  arrangeForm(form, settings);
  return problems;
}

/** Until a model tells its classes there is only the one that was asked for. */
function offerOnlyClass(form, chosen) {
  form.elements.class.replaceChildren(new Option(chosen === EACH_CLASS ? "each in turn" : chosen, chosen));
}

/** Takes the number of a class back, which means nothing to another model. */
export function forgetClass(form, settings) {
  if ([EACH_CLASS, NO_CLASS].includes(settings.class)) return;
  settings.class = EACH_CLASS;
  offerOnlyClass(form, EACH_CLASS);
}

/** Says what is known of the model that is asked for until it is loaded: what kind it is, and of one that ships, what it draws and whose work that is. */
export function describeOrigin(form) {
  const shipped = shippedModel(form.elements.origin.value);
  form.querySelector("#model-facts").textContent = ORIGIN_HINTS[form.elements.origin.value] ?? "Comes with the page.";
  const about = form.querySelector("#model-about");
  about.hidden = shipped === undefined;
  if (shipped !== undefined) about.replaceChildren(...wordsAbout(shipped));
}

function wordsAbout({ draws, source, licence }) {
  const link = ({ words, url }) => html("a", { href: url }, words);
  return [`${draws} Learnt from `, link(source), ", ", link(licence), "."];
}

/** Hides the controls that do not apply, and writes the values beside the sliders. */
export function arrangeForm(form, settings) {
  const origin = form.elements.origin.value;
  form.querySelector("#hub").hidden = origin !== "hub";
  form.querySelector("#folder").hidden = origin !== "folder";
  form.querySelector("#count-value").value = settings.count;
  for (const name of ["guidance", "guidanceRescale", "strength"]) form.querySelector(`#${name}-value`).value = settings[name].toFixed(2);
  form.querySelector("#start-fields").hidden = settings.start === "noise";
  for (const slider of form.querySelectorAll("input[type=range]")) {
    slider.style.setProperty("--filled", `${(100 * (slider.value - slider.min)) / (slider.max - slider.min)}%`);
  }
}

/** Offers what the loaded model knows: its classes, and guidance where it has a null class. */
export function offerModel(form, settings, model) {
  const conditional = model.classCount > 0;
  const guided = conditional && model.nullClassLabel !== null;
  form.querySelector("#class-field").hidden = !conditional;
  for (const field of form.querySelectorAll(".of-guidance")) field.hidden = !guided;
  if (!guided) {
    settings.guidance = form.elements.guidance.value = 1;
    arrangeForm(form, settings);
  }

  if (!conditional) {
    // Its control is hidden and stays readable.
    offerOnlyClass(form, settings.class);
    return {};
  }
  const options = [new Option("each in turn", EACH_CLASS)];
  for (const label of classesOf(model)) options.push(new Option(model.labels?.[label] ?? `class ${label}`, label));
  if (guided) options.push(new Option("unconditional", NO_CLASS));
  form.elements.class.replaceChildren(...options);
  form.elements.class.value = settings.class;
  if (form.elements.class.selectedIndex >= 0) return {};

  const missing = settings.class;
  settings.class = form.elements.class.value = EACH_CLASS;
  return { class: `This model has no class “${missing}”; each in turn is used instead.` };
}

/** Guidance needs a class to compare with the null class. */
export function describeGuidance(form, settings) {
  const idle = settings.class === NO_CLASS;
  form.elements.guidance.disabled = idle;
  form.querySelector("#guidance-hint").textContent = idle
    ? "Guidance needs a class."
    : settings.guidance === 1 ? "1 follows the class as it was learned." : "Above 1 exaggerates the class, and costs twice as much.";
}

/** Settings that no picture depends on: what is shown of them, and what is asked about them. */
export const OF_THE_VIEW = ["view", "measure", "likelihoodSteps", "probes", "from", "to", "way", "betweenSteps"];

/** Whether something that the fold hides is not as it is by default. */
export const asksForMore = (settings) =>
  ["spacing", "finalSigma", "guidanceRescale", "guidanceFrom", "guidanceTo"].some((name) => settings[name] !== schema[name].initial);

/** The options of `pipeline.sample` for these settings, beside the sampler and its own and the picture that it starts from. */
export function samplingOptions(settings, model) {
  const { seed, count: batch, spacing, finalSigma } = settings;
  const options = { seed, batch, ...(spacing !== AUTO && { spacing }), ...(finalSigma !== AUTO && { finalSigma }) };
  if (model.classCount === 0) return options;

  const classes = classesOf(model);
  options.classLabels = Array.from({ length: batch }, (_, index) => {
    if (settings.class === NO_CLASS) return model.nullClassLabel;
    return settings.class === EACH_CLASS ? classes[index % classes.length] : Number(settings.class);
  });
  if (model.nullClassLabel !== null && settings.class !== NO_CLASS && settings.guidance !== 1) {
    Object.assign(options, guidanceOptions(settings));
  }
  return options;
}

function guidanceOptions({ guidance, guidanceRescale, guidanceFrom: low, guidanceTo: high }) {
  return {
    guidanceScale: guidance,
    ...(guidanceRescale > 0 && { guidanceRescale }),
    ...((low !== "" || high !== "") && { guidanceInterval: [low === "" ? 0 : low, high === "" ? Infinity : high] }),
  };
}
