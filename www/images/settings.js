/** Settings of the images lab and their form. */

import { choice, integer, number, optional, text } from "../shell/address.js";
import { html } from "../shell/element.js";
import { classesOf, modelOrigin, modelSchema } from "../shell/models.js";
import { shippedModel } from "../shell/shipped-models.js";

export const EACH_CLASS = "each";
export const NO_CLASS = "none";
/** Value that leaves the choice to the checkpoint's scheduler. */
const AUTO = "auto";
/** Limit of sigma/alpha, above that of any schedule. */
const MAX_SIGMA = 1e6;

/** All settings except the sampler and its options, which the engine lists. */
export const schema = {
  ...modelSchema,
  steps: integer(20, 1, 1000),
  class: text(EACH_CLASS, /^(each|none|\d{1,6})$/, `“${EACH_CLASS}”, “${NO_CLASS}” or a class number`),
  guidance: number(1, 0, 8),
  seed: integer(6, 0, 2 ** 32 - 1), // a seed whose first digits are legible
  count: integer(16, 1, 64),
  spacing: choice(AUTO, [AUTO, "leading", "linspace", "trailing", "karras", "exponential", "beta", "lu-lambdas"]),
  finalSigma: choice(AUTO, [AUTO, "zero", "sigma-min"]),
  guidanceRescale: number(0, 0, 1),
  guidanceFrom: optional(number(0, 0, MAX_SIGMA)),
  guidanceTo: optional(number(0, 0, MAX_SIGMA)),
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

/** Settings with one control of the same name. The model has several, and the image pickers are created later. */
const CONTROLS = Object.keys(schema).filter((name) => !["model", "from", "to"].includes(name));

const ORIGIN_HINTS = {
  hub: "A diffusers pipeline with a UNet2DModel, from the Hugging Face Hub.",
  folder: "A diffusers checkpoint: config.json and .safetensors files, in one folder or as a pipeline.",
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
 * Reads the form into `settings`. An invalid number leaves its setting unchanged and
 * is reported in the result, by name.
 */
export function readForm(form, settings) {
  const problems = {};
  for (const name of CONTROLS) {
    const value = schema[name].read(form.elements[name].value);
    if (value === undefined) problems[name] = `This must be ${schema[name].expects}.`;
    else settings[name] = value;
  }
  arrangeForm(form, settings);
  return problems;
}

/** Offers only the class of the settings, until the model's classes are known. */
function offerOnlyClass(form, chosen) {
  form.elements.class.replaceChildren(new Option(chosen === EACH_CLASS ? "all, in turn" : chosen, chosen));
}

/** Resets a class label, which has no meaning for another model. */
export function forgetClass(form, settings) {
  if ([EACH_CLASS, NO_CLASS].includes(settings.class)) return;
  settings.class = EACH_CLASS;
  offerOnlyClass(form, EACH_CLASS);
}

/** Describes a model before it is loaded: its kind and, for a shipped model, its images, data source and licence. */
export function describeOrigin(form) {
  const shipped = shippedModel(form.elements.origin.value);
  form.querySelector("#model-facts").textContent = ORIGIN_HINTS[form.elements.origin.value] ?? "Included with this page.";
  const about = form.querySelector("#model-about");
  about.hidden = shipped === undefined;
  if (shipped !== undefined) about.replaceChildren(...wordsAbout(shipped));
}

function wordsAbout({ draws, source, licence }) {
  const link = ({ words, url }) => html("a", { href: url }, words);
  return [`${draws} Trained on `, link(source), ", ", link(licence), "."];
}

/** Hides controls that do not apply, and shows the values next to the sliders. */
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

/** Offers the classes of the loaded model, and guidance if it has a null class. */
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
    // The hidden control must keep a valid value.
    offerOnlyClass(form, settings.class);
    return {};
  }
  const options = [new Option("all, in turn", EACH_CLASS)];
  for (const label of classesOf(model)) options.push(new Option(model.labels?.[label] ?? `class ${label}`, label));
  if (guided) options.push(new Option("unconditional", NO_CLASS));
  form.elements.class.replaceChildren(...options);
  form.elements.class.value = settings.class;
  if (form.elements.class.selectedIndex >= 0) return {};

  const missing = settings.class;
  settings.class = form.elements.class.value = EACH_CLASS;
  return { class: `This model has no class “${missing}”. Using all classes in turn.` };
}

/** Updates the hint of the guidance scale; guidance needs a class. */
export function describeGuidance(form, settings) {
  const idle = settings.class === NO_CLASS;
  form.elements.guidance.disabled = idle;
  form.querySelector("#guidance-hint").textContent = idle
    ? "Guidance needs a class."
    : settings.guidance === 1 ? "At 1 guidance is off." : "Above 1 the class is exaggerated. Takes two network evaluations per step.";
}

/** Settings that do not affect the images: the view and the tools. */
export const VIEW_SETTINGS = ["view", "measure", "likelihoodSteps", "probes", "from", "to", "way", "betweenSteps"];

/** Whether a setting in the collapsed section differs from its default. */
export const hasMoreOptions = (settings) =>
  ["spacing", "finalSigma", "guidanceRescale", "guidanceFrom", "guidanceTo"].some((name) => settings[name] !== schema[name].initial);

/** The options of `pipeline.sample` for these settings, except the sampler, its options and the start image. */
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
