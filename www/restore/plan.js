/** A run of the lab: what it computes, with what options, and how it is described. */

import { sizeOf } from "../shell/models.js";
import { LOSSES } from "./losses.js";
import { anagramOptions, panoramaOptions, restoreOptions } from "./settings.js";

/**
 * @typedef {object} Plan
 * @property {object} settings  of the run
 * @property {string} call  the method of the pipeline
 * @property {object} options  of that method
 * @property {[number, number]} size  height and width of an answer
 * @property {string} description  for captions and screen readers
 * @property {(signal: AbortSignal) => object} start
 * @property {object | null} picture  what is restored: `{ values, name, operator, observation }`
 */

/**
 * @param {object} settings
 * @param {object} pipeline
 * @param {{ picture: object | null, methods: object[] }} given
 * @returns {Plan}
 */
export function planOf(settings, pipeline, { picture, methods }) {
  const size = sizeOf(pipeline);
  const answers = settings.view === "panorama" ? counted(settings.canvases) : counted(settings.count);
  if (settings.view === "restore") {
    const options = restoreOptions(settings, pipeline, picture.operator, methods);
    const description = `${answers} for ${picture.name}: ${LOSSES[settings.lost].title.toLowerCase()}`;
    return { settings, call: "restore", options, size, description, picture, start: (signal) => pipeline.restore(picture.observation.values, { ...options, signal }) };
  }
  const isAnagram = settings.view === "anagram";
  const options = isAnagram ? anagramOptions(settings, pipeline) : panoramaOptions(settings, pipeline, size);
  const [first, second] = isAnagram ? [settings.upright, settings.turned] : [settings.left, settings.right];
  const description = isAnagram
    ? `${answers}: ${labelOf(pipeline, first)} upright, ${labelOf(pipeline, second)} turned (${settings.turn.replace("-", " ")})`
    : `${answers}: ${labelOf(pipeline, first)} to the left, ${labelOf(pipeline, second)} to the right`;
  const canvas = isAnagram ? size : [options.height, options.width];
  return { settings, call: "synchronise", options, size: canvas, description, picture: null, start: (signal) => pipeline.synchronise({ ...options, signal }) };
}

const counted = (count) => (count === 1 ? "1 answer" : `${count} answers`);

/** The name of a class. */
export const labelOf = ({ labels }, label) => labels?.[label] ?? `class ${label}`;
