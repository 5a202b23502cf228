/** A field of the form, and one of the address, for each option that the package lists of a sampler. */

import { choice, integer, number } from "../shell/address.js";
import { html } from "../shell/element.js";

/** Stands for an option that nobody has chosen: it is as the model has it. */
export const AUTO = "auto";
/** More whole numbers than this are typed in, not chosen from a row. */
const MAX_SEGMENTS = 6;
/** Words that are longer together have no place in a row. */
const MAX_LETTERS = 20;
/** A range that spans more than this factor is no slider. */
const MAX_SLIDER_RANGE = 100;

const WORDS = { rk4: "RK4", bh1: "h", bh2: "exp(h) − 1", "euler-maruyama": "Euler–Maruyama" };

/** The field of the address for an option; `chosen` reads a value, without the word that leaves it open. */
export function fieldOf(option) {
  const chosen = valueOf(option);
  const read = (text) => (text === AUTO ? AUTO : chosen.read(text));
  return { initial: AUTO, expects: `“${AUTO}” or ${chosen.expects}`, read, chosen };
}

function valueOf({ type, choices, minimum, maximum }) {
  switch (type) {
    case "flag":
      return choice(AUTO, ["true", "false"]);
    case "choice":
      return choice(AUTO, choices);
    case "integer":
      return integer(AUTO, minimum, maximum);
  }
  return number(AUTO, minimum, maximum);
}

/** The value of an option as the package takes it. */
export const typed = ({ type }, value) => (type === "flag" ? value === "true" : value);

/** What a control says, as the address would. */
export function writtenIn(control) {
  if (control.type === "checkbox") return String(control.checked);
  return control.type === "text" && control.value.trim() === "" ? AUTO : control.value;
}

/** Makes a control show a value, or nothing where there is none. */
export function show(control, value) {
  if (control.type === "checkbox") control.checked = String(value) === "true";
  else control.value = value ?? "";
}

/** The field of the form for an option; it shows nothing yet. */
export function controlOf(name, option) {
  const { title, meaning, type } = option;
  const said = [html("p", { id: `${name}-hint`, class: "hint" }, meaning), html("p", { id: `${name}-error`, class: "error", role: "alert", hidden: "" })];
  const described = { id: name, name, "aria-describedby": `${name}-hint ${name}-error` };
  if (type === "flag") {
    const box = html("input", { ...described, type: "checkbox" });
    return html("div", { class: "field" }, html("label", { class: "flag", for: name }, box, title), ...said);
  }
  const choices = choicesOf(option);
  if (choices !== null && isRow(choices)) {
    const segments = choices.map((choice) => html("label", {}, html("input", { type: "radio", name, value: choice }), html("span", {}, wordOf(choice))));
    return html("fieldset", { class: "field", "aria-describedby": described["aria-describedby"] },
      html("legend", {}, title), html("div", { class: "segments wide" }, ...segments), ...said);
  }
  const control = choices === null ? numberControl(option, described) : html("select", described, ...choices.map((choice) => new Option(wordOf(choice), choice)));
  const label = html("label", { for: name }, title);
  if (control.type === "range") label.append(" ", html("output", { id: `${name}-value`, for: name }));
  return html("div", { class: "field" }, label, control, ...said);
}

/** All values of an option that has few of them, or null. */
function choicesOf({ type, choices, minimum, maximum }) {
  if (type === "choice") return choices;
  const count = maximum - minimum + 1;
  return type === "integer" && count <= MAX_SEGMENTS ? Array.from({ length: count }, (_, index) => minimum + index) : null;
}

const isRow = (choices) => choices.map(wordOf).join("").length <= MAX_LETTERS;

function numberControl({ type, minimum, maximum, default: initial }, described) {
  const range = { min: minimum, max: maximum, step: type === "integer" ? 1 : "any" };
  if (type === "integer") return html("input", { ...described, ...range, type: "number", inputmode: "numeric" });
  const isSlider = initial !== null && maximum <= MAX_SLIDER_RANGE * (minimum || maximum);
  if (isSlider) return html("input", { ...described, ...range, type: "range", step: 0.01 });
  return html("input", { ...described, type: "text", inputmode: "decimal", autocomplete: "off" });
}

function wordOf(choice) {
  const words = String(choice);
  return WORDS[choice] ?? words.charAt(0).toUpperCase() + words.slice(1).replaceAll("-", " ");
}
