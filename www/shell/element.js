/** Creates elements in one expression. */

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: `html("p", { class: "hint" }, "words", another)`. */
export const html = (name, attributes, ...content) => filled(document.createElement(name), attributes, content);

/** The same for SVG. */
export const svg = (name, attributes, ...content) => filled(document.createElementNS(SVG, name), attributes, content);

function filled(element, attributes, content) {
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...content);
  return element;
}
