/** Settings of the points lab and their form. */

import { choice, integer, list, number, text } from "../shell/address.js";
import { isAdaptive, optionsOf } from "../shell/samplers.js";
import { STROKES } from "./strokes.js";
import { MAX_WORD } from "./word.js";

/** The steps of the lab, in order. */
export const STEPS = ["data", "forward", "train", "sample", "look"];
const NAMED = [
  "two-moons", "two-gaussians", "eight-gaussians", "swiss-roll", "checkerboard", "rings", "spiral", "pinwheel", "smiley",
];
/** The visitor's own data. A link contains a drawing if it is not too long, and no CSV. */
export const OWN = ["drawn", "csv"];
export const SCHEDULES = ["constant", "linear", "quadratic", "cosine", "sigmoid"];
/** More panes than this would be too small. */
const MAX_SAMPLERS = 6;

const seed = integer(0, 0, 2 ** 32 - 1);
const onOff = (initial) => choice(initial, ["on", "off"]);

export const schema = {
  step: choice("data", STEPS),
  data: choice("two-moons", [...NAMED, ...OWN]),
  points: integer(2000, 2, 20_000),
  dataSeed: seed,
  word: text("", new RegExp(`^\\P{C}{0,${MAX_WORD}}$`, "u"), `at most ${MAX_WORD} characters`),
  strokes: text("", STROKES, "strokes in the format that this page writes"),
  schedule: choice("linear", SCHEDULES),
  time: number(0.3, 0, 1),
  dimensions: choice("2", ["2", "1"]),
  paths: choice("flow", ["forward", "flow", "sde"]),
  distance: number(2, 0, 4),
  spread: number(0.3, 0.05, 1),
  share: number(0.5, 0.05, 0.95),
  width: integer(96, 1, 4096),
  depth: integer(3, 1, 16),
  activation: choice("silu", ["silu", "mish", "gelu", "relu", "tanh"]),
  frequencies: integer(0, 0, 16),
  octaves: integer(3, 0, 8),
  prediction: choice("velocity", ["noise", "clean", "velocity", "score"]),
  weighting: choice("simple", ["simple", "variational"]),
  timeSampling: choice("log-snr", ["uniform", "low-variance", "log-snr"]),
  learningRate: number(0.004, 1e-7, 1000),
  decay: choice("cosine", ["constant", "linear", "cosine"]),
  batch: integer(256, 1, 65_536),
  ema: number(0.999, 0, 0.99999),
  trainingSteps: integer(6000, 1, 1_000_000),
  trainingSeed: seed,
  device: choice("cpu", ["cpu", "webgpu"]),
  model: choice("network", ["network", "ideal"]),
  ideal: choice("points", ["points", "distribution"]),
  samplers: list(["ddim", "ddpm"], text("", /^[a-z][a-z0-9+-]*$/), "a list of samplers"),
  steps: integer(50, 1, 1000),
  count: integer(1500, 1, 20_000),
  seed,
  eta: number(0, 0, 1),
  order: choice("default", ["default", "1", "2", "3"]),
  spacing: choice("default", ["default", "karras"]),
  trails: onOff("on"),
  metric: choice("sliced-wasserstein", ["sliced-wasserstein", "mmd"]),
  against: choice("steps", ["steps", "evaluations"]),
  quantity: choice("velocity", ["velocity", "score", "density", "clean"]),
  whose: choice("both", ["both", "network", "ideal"]),
  probe: onOff("on"),
  x: number(1.2, -4, 4),
  y: number(0.9, -4, 4),
};

/** Settings with one control of the same name and a single value. */
const SINGLE = Object.keys(schema).filter((name) => name !== "samplers" && name !== "time");

/** Settings that select the data and the ideal model. */
export const DATA_FIELDS = ["data", "points", "dataSeed", "schedule", "ideal"];
export const dataSchema = Object.fromEntries(DATA_FIELDS.map((name) => [name, schema[name]]));

/** Settings of a training. */
export const TRAINING = [
  "width", "depth", "activation", "frequencies", "octaves", "prediction", "weighting", "timeSampling", "learningRate", "decay", "batch", "ema",
  "trainingSteps", "trainingSeed", "device",
];

/** Shows `settings` in the controls that exist so far. */
export function fillForm(form, settings) {
  for (const name of SINGLE.filter((name) => form.elements.namedItem(name) !== null)) {
    const control = form.elements[name];
    if (control.type === "checkbox") control.checked = settings[name] === "on";
    else control.value = settings[name];
  }
  for (const chip of chipsOf(form)) chip.checked = settings.samplers.includes(chip.value);
  arrangeForm(form, settings);
}

/**
 * Reads one control into `settings`. An invalid value leaves its setting unchanged.
 * @returns {string}  an error message, or ""
 */
export function readControl(form, settings, name) {
  const control = form.elements[name];
  const written = name === "samplers" ? chosenSamplers(form) : control.type === "checkbox" ? (control.checked ? "on" : "off") : control.value;
  const value = schema[name].read(written);
  if (value === undefined) return written === "" && name === "samplers" ? "Select at least one." : `This must be ${schema[name].expects}.`;
  if (name === "samplers" && value.length > MAX_SAMPLERS) return `Select at most ${MAX_SAMPLERS}.`;
  settings[name] = value;
  arrangeForm(form, settings);
  return "";
}

/** The sampler chips. */
const chipsOf = (form) => [...form.querySelectorAll('input[name="samplers"]')];
const chosenSamplers = (form) => chipsOf(form).filter((chip) => chip.checked).map((chip) => chip.value).join(",");

/** Hides controls that do not apply, and shows the values next to the sliders. */
export function arrangeForm(form, settings) {
  for (const part of form.closest(".lab").querySelectorAll("[data-when]")) {
    const conditions = part.dataset.when.split("; ").map((condition) => condition.split(" "));
    part.hidden = !conditions.every(([name, ...values]) => values.includes(settings[name]));
  }
  for (const slider of form.querySelectorAll("input[type=range]")) {
    slider.style.setProperty("--filled", `${(100 * (slider.value - slider.min)) / (slider.max - slider.min)}%`);
    const output = form.querySelector(`output[for="${slider.id}"]`);
    if (output !== null) output.value = slider.step === "1" ? slider.value : Number(slider.value).toFixed(2);
  }
}

/** Longer drawings are left out of the link. */
const MAX_STROKES = 6000; // characters

/** The settings that hold a drawing: its texts, or "" if the data are others. */
export function drawingSettings(data, { strokes, word }) {
  if (data !== "drawn") return { strokes: "", word: "" };
  return { strokes: strokes.length > MAX_STROKES ? "" : strokes, word };
}

/** What the link of these settings does not contain, or undefined. */
export function missingFromLink({ data, ...settings }, drawing) {
  if (data === "csv") return "the points";
  return data === "drawn" && drawing !== undefined && settings.strokes !== drawing.strokes ? "the drawing" : undefined;
}

/** The settings with which a drawing is learned in about ten seconds, and then shown as it comes out of noise. */
export const QUICK = { trainingSteps: 1200, model: "network", samplers: ["ddim"], trails: "off", probe: "off" };

/** The options of `Trainer.create` for these settings, except device and signal. */
export function trainerOptions(settings) {
  const { width, depth, activation, frequencies, octaves, prediction, weighting, timeSampling, learningRate, decay, batch, ema, schedule } = settings;
  return {
    width, depth, activation, frequencies, octaves, prediction, weighting, timeSampling, learningRate, decay, batch, ema, schedule,
    steps: settings.trainingSteps, seed: settings.trainingSeed,
  };
}

/**
 * The options of `PointModel.sample` for a sampler with these settings.
 * @param {object} sampler  entry of `samplers()`
 * @param {import("./curves.js").Curves} curves  curves of the model's schedule
 */
export function samplingOptions(sampler, { count, seed, steps, ...settings }, { timesteps, alphasCumprod }) {
  // With the default spacing, "trailing", the lowest noise level depends on the number of steps; others reach that of the schedule.
  const lowest = settings.spacing === "default" ? Math.max(0, Math.round(timesteps / steps) - 1) : 0;
  const options = { ...optionsOf(sampler, settings, { alphasCumprod: alphasCumprod.slice(lowest) }), count, seed };
  return isAdaptive(sampler) ? options : { ...options, steps };
}

/** Controls whose name differs from the engine's option. */
const CONTROL_OF_OPTION = { sampler: "samplers", stepSize: "samplers", initialNoise: "count" };

/** The control that an engine error names, or `fallback`. */
export function controlOf(error, fallback) {
  const control = CONTROL_OF_OPTION[error.option] ?? error.option;
  return control in schema ? control : fallback;
}
