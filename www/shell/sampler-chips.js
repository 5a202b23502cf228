/** Controls of labs that run several samplers at once: a chip for each sampler, and the shared options. */

import { html } from "./element.js";

/** A checkbox styled as a chip. */
export function chip(name, value, title) {
  return html("label", {}, html("input", { type: "checkbox", name, value }), html("span", {}, String(title)));
}

/**
 * Creates the sampler chips, with separate rows for deterministic and stochastic samplers. A sampler that the model does not support is
 * disabled, unless it is selected, so that it can still be deselected.
 * @param {HTMLFormElement} form
 * @param {object[]} samplers  as the package's `samplers()` lists them
 * @param {{ samplers: string[] }} settings
 * @param {Map<string, string>} [refusals]  why the model does not support them, by name
 */
export function offerSamplers(form, samplers, settings, refusals = new Map()) {
  for (const noise of ["none", "each-step"]) {
    const row = form.querySelector(`.chips[data-noise="${noise}"]`);
    const offered = samplers.filter((sampler) => sampler.noise === noise);
    const names = [...row.querySelectorAll("input")].map(({ value }) => value);
    // Existing chips are kept, because one of them may have the focus.
    if (names.join() !== offered.map(({ name }) => name).join()) row.replaceChildren(...offered.map(({ name, title }) => chip("samplers", name, title)));
    for (const input of row.querySelectorAll("input")) input.disabled = refusals.has(input.value) && !settings.samplers.includes(input.value);
  }
}

/**
 * Removes unknown sampler names of a link from `settings`; if none is left, `otherwise` is used.
 * @returns {string}  a message about them, or ""
 */
export function dropUnknown(settings, samplers, otherwise) {
  const isKnown = (name) => samplers.some((sampler) => sampler.name === name);
  const unknown = settings.samplers.filter((name) => !isKnown(name));
  if (unknown.length === 0) return "";
  const known = settings.samplers.filter(isKnown);
  settings.samplers = known.length > 0 ? known : otherwise;
  return `Unknown sampler in the link: ${unknown.map((name) => `“${name}”`).join(", ")}.`;
}

/** Inserts the shared sampler options into a form. */
export function offerCommonOptions(form) {
  form.querySelector("[data-common-options]").replaceWith(document.getElementById("common-options").content.cloneNode(true));
}
