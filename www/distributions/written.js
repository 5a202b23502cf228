/** Encodes drawn heights, weights and components as short text for the address. */

/** One character per height; none of them needs escaping in a query. */
const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
/** The maximum height. */
export const TALLEST = LETTERS.length - 1;

/** Encodes integer heights from 0 to `TALLEST`. */
export const writeHeights = (heights) => Array.from(heights, (height) => LETTERS[height]).join("");

/** Decodes `writeHeights`; undefined unless the text has exactly `count` valid characters. */
export function readHeights(text, count) {
  const heights = [...text].map((letter) => LETTERS.indexOf(letter));
  return heights.length === count && !heights.includes(-1) ? heights : undefined;
}

/**
 * A setting for drawn heights.
 * @param {number[]} initial  default heights
 */
export function drawing(initial) {
  return setting(writeHeights(initial), `a drawing of ${initial.length} heights`, (text) => readHeights(text, initial.length));
}

/**
 * A setting for the weights of outcomes 1, 2, …
 * @param {number[]} initial
 * @param {[number, number]} outcomes  minimum and maximum number of outcomes
 */
export function weights(initial, [fewest, most]) {
  const read = (text) => {
    const weights = text.split(",").map(Number);
    const fits = weights.length >= fewest && weights.length <= most && weights.every((weight) => Number.isInteger(weight) && weight >= 0 && weight <= 100);
    return fits && !/(^|,)\s*(,|$)/.test(text) ? weights : undefined;
  };
  return setting(initial.join(","), `${fewest} to ${most} whole numbers from 0 to 100`, read);
}

/**
 * A setting for the components of a mixture, each written as `weight:mean:sd`.
 * @param {{ weight: number, mean: number, sd: number }[]} initial
 * @param {number} most  maximum number of components
 */
export function components(initial, most) {
  const read = (text) => {
    const components = text.split(",").map(readComponent);
    return components.length <= most && !components.includes(undefined) ? components : undefined;
  };
  return setting(writeComponents(initial), `1 to ${most} components, each weight:mean:sd`, read);
}

export const writeComponents = (components) => components.map(({ weight, mean, sd }) => `${weight}:${mean}:${sd}`).join(",");

function readComponent(text) {
  const [weight, mean, sd, ...rest] = text.split(":").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const fits = rest.length === 0 && weight > 0 && weight <= 1 && Math.abs(mean) <= 100 && sd > 0 && sd <= 100;
  return fits ? { weight, mean, sd } : undefined;
}

/** A setting that is stored as text. The text is validated here and parsed where it is used. */
function setting(initial, expects, parse) {
  return { initial, expects, parse, read: (text) => (parse(String(text)) === undefined ? undefined : String(text)) };
}
