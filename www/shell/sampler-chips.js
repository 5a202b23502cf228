/** The controls of labs that run several samplers at once: a chip for each sampler, and what they all are told. */

import { html } from "./element.js";

/** A switch that looks like a chip. */
export function chip(name, value, title) {
  return html("label", {}, html("input", { type: "checkbox", name, value }), html("span", {}, String(title)));
}

/**
 * Makes the chips of the samplers, those that add no noise apart from the others. One that the model cannot run is disabled, unless
 * it is chosen and so must be possible to take away.
 * @param {HTMLFormElement} form
 * @param {object[]} samplers  as the package's `samplers()` lists them
 * @param {{ samplers: string[] }} settings
 * @param {Map<string, string>} [refusals]  why the model cannot run them, by name
 */
export function offerSamplers(form, samplers, settings, refusals = new Map()) {
  for (const noise of ["none", "each-step"]) {
    const row = form.querySelector(`.chips[data-noise="${noise}"]`);
    const offered = samplers.filter((sampler) => sampler.noise === noise);
    const names = [...row.querySelectorAll("input")].map(({ value }) => value);
    // Chips that are there already stay: one of them may have the focus.
    if (names.join() !== offered.map(({ name }) => name).join()) row.replaceChildren(...offered.map(({ name, title }) => chip("samplers", name, title)));
    for (const input of row.querySelectorAll("input")) input.disabled = refusals.has(input.value) && !settings.samplers.includes(input.value);
  }
}

/**
 * Takes out of `settings` what a link names that is no sampler; if nothing is left, `otherwise` is chosen.
 * @returns {string}  a sentence about it, or ""
 */
export function dropUnknown(settings, samplers, otherwise) {
  const isKnown = (name) => samplers.some((sampler) => sampler.name === name);
  const unknown = settings.samplers.filter((name) => !isKnown(name));
  if (unknown.length === 0) return "";
  const known = settings.samplers.filter(isKnown);
  settings.samplers = known.length > 0 ? known : otherwise;
  return `There is no sampler ${unknown.map((name) => `“${name}”`).join(", ")}.`;
}

/** Puts the choice of noise levels and of the order at its place in a form. */
export function offerCommonOptions(form) {
  form.querySelector("[data-common-options]").replaceWith(document.getElementById("common-options").content.cloneNode(true));
}
