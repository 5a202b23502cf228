/** Form controls and address fields for the sampler options that the package lists. */

import { choice, integer, number } from "../shell/address.js";
import { html } from "../shell/element.js";

/** Value of an option that was not set: the model's default applies. */
export const AUTO = "auto";
/** Integer options with more values than this get a number field instead of a row of buttons. */
const MAX_SEGMENTS = 6;
/** Choices with more letters in total get a menu instead of a row of buttons. */
const MAX_LETTERS = 20;
/** Ranges with a larger ratio get a text field instead of a slider. */
const WIDEST_SLIDER = 100;

const WORDS = { rk4: "RK4", bh1: "h", bh2: "exp(h) − 1", "euler-maruyama": "Euler–Maruyama" };

/** The address field of an option. `chosen` is the same field without "auto". */
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

/** Converts a value to the type that the package expects. */
export const typed = ({ type }, value) => (type === "flag" ? value === "true" : value);

/** The value of a control, as text for the address. */
export function writtenIn(control) {
  if (control.type === "checkbox") return String(control.checked);
  return control.type === "text" && control.value.trim() === "" ? AUTO : control.value;
}

/** Shows a value in a control, or nothing if it has none. */
export function show(control, value) {
  if (control.type === "checkbox") control.checked = String(value) === "true";
  else control.value = value ?? "";
}

/** Creates the form control of an option, without a value. */
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

/** All values of an option with few values, or null. */
function choicesOf({ type, choices, minimum, maximum }) {
  if (type === "choice") return choices;
  const count = maximum - minimum + 1;
  return type === "integer" && count <= MAX_SEGMENTS ? Array.from({ length: count }, (_, index) => minimum + index) : null;
}

const isRow = (choices) => choices.map(wordOf).join("").length <= MAX_LETTERS;

function numberControl({ type, minimum, maximum, default: initial }, described) {
  const range = { min: minimum, max: maximum, step: type === "integer" ? 1 : "any" };
  if (type === "integer") return html("input", { ...described, ...range, type: "number", inputmode: "numeric" });
  const isSlider = initial !== null && maximum <= WIDEST_SLIDER * (minimum || maximum);
  if (isSlider) return html("input", { ...described, ...range, type: "range", step: 0.01 });
  return html("input", { ...described, type: "text", inputmode: "decimal", autocomplete: "off" });
}

function wordOf(choice) {
  const words = String(choice);
  return WORDS[choice] ?? words.charAt(0).toUpperCase() + words.slice(1).replaceAll("-", " ");
}
