/** Settings of the restore lab and their form. */

import { choice, integer, number, optional, text } from "../shell/address.js";
import { classesOf, modelSchema } from "../shell/models.js";
import { MASK_TEXT } from "./mask.js";
import { LOSSES } from "./losses.js";

/** Value that leaves the method to the engine. */
export const AUTO = "auto";
/** Value of `class` for the null class. */
export const UNKNOWN = "unknown";
export const TURNS = ["rotate-180", "rotate-90", "rotate-270", "flip-vertical", "flip-horizontal"];
export const METHODS = ["pigdm", "dps", "ddrm", "repaint", "replacement"];
const CLASS = /^\d{1,6}$/;

export const schema = {
  view: choice("restore", ["restore", "anagram", "panorama"]),
  ...modelSchema,
  // Restoration.
  picture: choice("test", ["test", "sample", "file", "camera"]),
  test: integer(3, 0, 99),
  pictureSeed: integer(1, 0, 2 ** 32 - 1),
  invert: choice("off", ["off", "on"]),
  lost: choice("paint", Object.keys(LOSSES)),
  mask: text("", MASK_TEXT, "a mask in the format that this lab writes"),
  side: choice("bottom", ["top", "bottom", "left", "right"]),
  factor: integer(4, 2, 64),
  sigma: number(1.5, 0.1, 20),
  length: integer(9, 2, 64),
  angle: integer(30, 0, 180),
  levels: integer(3, 2, 32),
  noise: number(0.05, 0, 2),
  method: choice(AUTO, [AUTO, ...METHODS]),
  stepSize: optional(number(100, 0, 10_000)),
  jumpLength: optional(integer(10, 1, 1000)),
  jumpSamples: optional(integer(10, 1, 1000)),
  eta: optional(number(1, 0, 1)),
  class: text(UNKNOWN, /^(unknown|\d{1,6})$/, `“${UNKNOWN}” or a class number`),
  // Anagram.
  upright: text("6", CLASS, "a class number"),
  turned: text("9", CLASS, "a class number"),
  turn: choice("rotate-180", TURNS),
  // Panorama.
  windows: integer(3, 2, 8),
  canvases: integer(2, 1, 8),
  overlap: number(0.5, 0, 0.875),
  left: text("1", CLASS, "a class number"),
  right: text("7", CLASS, "a class number"),
  average: choice("clean", ["clean", "noise"]),
  // All views.
  guidance: number(2, 0, 8),
  steps: integer(30, 1, 1000),
  count: integer(8, 1, 16),
  seed: integer(0, 0, 2 ** 32 - 1),
  answer: integer(1, 1, 16),
  shown: choice("noisy", ["noisy", "clean"]),
};

/** Settings that do not affect the answers. */
export const VIEW_SETTINGS = ["answer", "shown"];

/** Shows the settings in the form. */
export function fillForm(form, settings) {
  for (const name of Object.keys(schema)) {
    const control = form.elements.namedItem(name);
    if (control === null) continue;
    if (control.type === "checkbox") control.checked = settings[name] === "on";
    else control.value = settings[name];
  }
}

/**
 * Reads one control into `settings`. An invalid value leaves its setting unchanged.
 * @returns {string}  an error message, or ""
 */
export function readControl(form, settings, name) {
  const control = form.elements.namedItem(name);
  const written = control.type === "checkbox" ? (control.checked ? "on" : "off") : control.value;
  const value = schema[name].read(written);
  if (value === undefined) return `This must be ${schema[name].expects}.`;
  settings[name] = value;
  return "";
}

/** The class settings, with labels that the model has. */
export function fitted(settings, model) {
  const labels = classesOf(model).map(String);
  const fits = (label, index) => (labels.includes(label) ? label : labels.at(index) ?? label);
  return {
    class: settings.class === UNKNOWN || labels.includes(settings.class) ? settings.class : UNKNOWN,
    upright: fits(settings.upright, 0), turned: fits(settings.turned, -1), left: fits(settings.left, 0), right: fits(settings.right, -1),
  };
}

/** Options of every run. */
const common = ({ steps, seed, count: batch }) => ({ steps, seed, batch });

/** Guidance, if the model can be guided. */
const guided = ({ guidance }, { nullClassLabel }) => (nullClassLabel === null || guidance === 1 ? {} : { guidanceScale: guidance });

/** The method of a run: the chosen one, or the engine's choice for the operator. */
export const methodOf = ({ method, lost }) => (method === AUTO ? (LOSSES[lost].isNonlinear ? "dps" : "pigdm") : method);

/** The options of `pipeline.restore`. */
export function restoreOptions(settings, model, operator, known) {
  const { method, noise } = settings;
  const own = known.find(({ name }) => name === methodOf(settings))?.options ?? {};
  const given = Object.entries(pickOwn(settings)).filter(([name, value]) => value !== "" && name in own);
  return {
    operator, noise, ...(method !== AUTO && { method }), ...Object.fromEntries(given), ...common(settings), ...classOptions(settings, model),
  };
}

const pickOwn = ({ stepSize, jumpLength, jumpSamples, eta }) => ({ stepSize, jumpLength, jumpSamples, eta });

/** The class that was chosen, or else the null class. */
function classOptions(settings, model) {
  if (model.classCount === 0) return {};
  if (settings.class !== UNKNOWN) return { classLabels: Number(settings.class), ...guided(settings, model) };
  return model.nullClassLabel === null ? { classLabels: 0 } : { classLabels: model.nullClassLabel };
}

/** The options of `pipeline.synchronise` for an anagram. */
export function anagramOptions(settings, model) {
  const isConditional = model.classCount > 0;
  const view = (transform, label) => ({ transform, ...(isConditional && { classLabel: Number(label) }) });
  return {
    views: [view("identity", settings.upright), view(settings.turn, settings.turned)],
    average: settings.average, ...common(settings), ...(isConditional && guided(settings, model)),
  };
}

/** The options of `pipeline.synchronise` for a panorama. */
export function panoramaOptions(settings, model, [height, side]) {
  const isConditional = model.classCount > 0;
  const width = settings.windows * side;
  const stride = Math.max(1, Math.round(side * (1 - settings.overlap)));
  const lefts = [];
  for (let left = 0; left < width - side; left += stride) lefts.push(left);
  lefts.push(width - side);
  const labelAt = (left) => Number(left + side / 2 < width / 2 ? settings.left : settings.right);
  return {
    height, width, average: settings.average,
    views: lefts.map((left) => ({ left, ...(isConditional && { classLabel: labelAt(left) }) })),
    ...common(settings), batch: settings.canvases, ...(isConditional && guided(settings, model)),
  };
}
