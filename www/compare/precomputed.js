/** The default comparison, precomputed by tests/page/make-comparison.mjs. It is shown before the engine has started. */

const FILE = "./compare/precomputed.json";
/** Values are stored as multiples of 1/SCALE, which is finer than the precision of the distances shown. */
const SCALE = 4096;

/**
 * @typedef {object} Precomputed
 * @property {object[]} samplers  entries of the package's `samplers()`
 * @property {Map<string, string>} refusals  why the model does not support some of them, by name
 * @property {object} model  the properties of the checkpoint that a comparison depends on
 * @property {Map<string, import("./compute.js").Result>} results  by the key of their run
 */

/** @returns {Promise<Precomputed | null>}  null if it cannot be loaded */
export async function loadPrecomputed() {
  try {
    const { samplers, refusals, model, results } = await (await fetch(FILE)).json();
    const unpacked = Object.entries(results).map(([key, { evaluations, values }]) => [key, resultOf(unpack(values), evaluations)]);
    return { samplers, refusals: new Map(Object.entries(refusals)), model, results: new Map(unpacked) };
  } catch {
    return null;
  }
}

/** Encodes the values of images as text. */
export function pack(values) {
  const whole = Int16Array.from(values, (value) => Math.max(-32768, Math.min(32767, Math.round(SCALE * value))));
  return btoa(String.fromCharCode(...new Uint8Array(whole.buffer)));
}

/** Decodes the text of `pack`. */
export function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return Float32Array.from(new Int16Array(bytes.buffer), (whole) => whole / SCALE);
}

/** The result of a run from one grey image. */
function resultOf(values, evaluations) {
  const shown = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, index) => {
    const grey = 127.5 * (value + 1);
    shown.set([grey, grey, grey, 255], 4 * index);
  });
  return { values, shown, evaluations, milliseconds: null };
}
