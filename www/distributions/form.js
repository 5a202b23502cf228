/** The form. Its sliders are created from the parameters of targets and proposals; only those that apply are shown. */

import { html } from "../shell/element.js";
import { proposalSlidersOf, schema, slidersOf } from "./settings.js";
import { PROPOSALS, TARGETS } from "./targets.js";

const PREFIX = "distributions-";
/** Settings with a control of the same name. The others have their own editors. */
const CONTROLS = Object.keys(schema).filter((name) => !["components", "drawing", "weights"].includes(name));

/** Creates the controls. */
export function buildForm(form) {
  const part = (id) => form.querySelector(`#${PREFIX}${id}`);
  part("targets").replaceChildren(...radios("target", TARGETS));
  part("proposals").replaceChildren(...radios("proposal", PROPOSALS));
  part("parameters").replaceChildren(...Object.entries(TARGETS).flatMap(([name, family]) => slidersFor(name, family)));
  part("proposal-parameters").replaceChildren(...Object.entries(PROPOSALS).flatMap(([name, family]) => slidersFor(`q-${name}`, family)));
}

const radios = (name, families) => Object.entries(families).map(([value, { title }]) =>
  html("label", {}, html("input", { type: "radio", name, value }), html("span", {}, title)));

const slidersFor = (family, { parameters }) => Object.entries(parameters).map(([name, { title, least, most, step }]) => {
  const id = `${PREFIX}${family}-${name}`;
  return html("div", { class: "field", "data-slider": `${family}-${name}` },
    html("label", { for: id }, html("span", {}, title), html("output", { for: id })),
    html("input", { id, name: `${family}-${name}`, type: "range", min: least, max: most, step, "aria-describedby": `${id}-error` }),
    html("p", { id: `${id}-error`, class: "error", role: "alert", hidden: "" }));
});

/** Shows `settings` in the form. */
export function fillForm(form, settings) {
  for (const name of CONTROLS) form.elements[name].value = settings[name];
  for (const slider of slidersIn(form)) showValue(slider);
}

/**
 * Reads the form into `settings`. An invalid value leaves its setting unchanged and is
 * reported in the result, by name.
 */
export function readForm(form, settings) {
  const problems = {};
  for (const name of CONTROLS) {
    const value = schema[name].read(form.elements[name].value);
    if (value === undefined) problems[name] = `This must be ${schema[name].expects}.`;
    else settings[name] = value;
  }
  return problems;
}

/** Shows the parts of the lab that apply to the settings. */
export function arrange(root, settings) {
  const { target, method, proposal, fit, envelope } = settings;
  for (const part of root.querySelectorAll("[data-target]")) part.hidden = part.dataset.target !== target;
  for (const part of root.querySelectorAll("[data-method]")) part.hidden = part.dataset.method !== method;
  const byHand = fit === "hand" && target !== "discrete";
  const shown = [...slidersOf(target), ...(byHand ? proposalSlidersOf(proposal) : [])];
  for (const part of root.querySelectorAll("[data-slider]")) part.hidden = !shown.includes(part.dataset.slider);
  for (const container of root.querySelectorAll(".fields:has([data-slider])")) {
    container.hidden = container.querySelector("[data-slider]:not([hidden])") === null;
  }
  for (const id of ["proposals", "fit"]) root.querySelector(`#${PREFIX}${id}`).hidden = target === "discrete";
  root.querySelector(`#${PREFIX}c`).disabled = envelope !== "hand";
}

export const slidersIn = (form) => form.querySelectorAll("input[type=range]");

/** Shows a slider's value next to it. */
export function showValue(slider) {
  const share = (slider.value - slider.min) / (slider.max - slider.min);
  slider.style.setProperty("--filled", `${100 * share}%`);
  const decimals = (slider.step.split(".")[1] ?? "").length;
  // The output of u shows F⁻¹(u) instead.
  const output = slider.closest(".field").querySelector("output");
  if (slider.id !== `${PREFIX}u`) output.value = Number(slider.value).toFixed(decimals).replace("-", "−");
}

/** Sets a slider and extends its range to include the value. */
export function setSlider(slider, { least, most, step, value }) {
  Object.assign(slider, { min: Math.min(least, value), max: Math.max(most, value), step });
  slider.value = value;
  showValue(slider);
}
