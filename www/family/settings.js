/** Settings of the generative-models lab and their form. */

import { choice, integer, text } from "../shell/address.js";
import { MODELS } from "./models.js";

export const DATASETS = [
  "eight-gaussians", "two-moons", "two-gaussians", "swiss-roll", "checkerboard", "rings", "spiral", "pinwheel", "smiley",
];
/** The name of the preset with the default options. */
export const DEFAULT_PRESET = "default";

export const schema = {
  view: choice("one", ["one", "all"]),
  data: choice("eight-gaussians", DATASETS),
  model: choice("gan", Object.keys(MODELS)),
  preset: text(DEFAULT_PRESET, /^[a-z][a-z0-9-]*$/, "the name of a preset"),
  /** Training steps; 0 for the model's default. */
  steps: integer(0, 0, 100_000),
  seed: integer(0, 0, 2 ** 32 - 1),
};

/** Settings that restart the training when they change. */
export const TRAINING = ["data", "model", "preset", "steps", "seed"];

/** Shows the settings in the form. */
export function fillForm(form, settings) {
  for (const name of Object.keys(schema)) {
    const control = form.elements.namedItem(name);
    if (control !== null) control.value = name === "steps" && settings.steps === 0 ? "" : settings[name];
  }
}

/**
 * Reads one control into `settings`. An invalid value leaves its setting unchanged.
 * @returns {string}  an error message, or ""
 */
export function readControl(form, settings, name) {
  const written = form.elements[name].value;
  const value = schema[name].read(name === "steps" && written === "" ? "0" : written);
  if (value === undefined) return `This must be ${schema[name].expects}.`;
  settings[name] = value;
  return "";
}

/**
 * The options of `Trainer.create` for a model with these settings.
 * @param {string} model
 * @param {object} settings
 * @param {{ presets: readonly string[], options: object }} info  entry of `families()`
 */
export function trainerOptions(model, { preset, steps, seed }, { presets, options: known }) {
  const options = { seed, model };
  if (presets.includes(preset)) options.preset = preset;
  // Models that train in stages have an option for each stage.
  if (steps > 0 && "steps" in known) options.steps = steps;
  return options;
}
