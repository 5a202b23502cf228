/** The comparison that the lab opens with, computed in advance by tests/page/make-comparison.mjs: it is shown before the engine is there. */

const FILE = "./compare/advance.json";
/** Values are kept as whole multiples of 1/SCALE, which is finer than any distance that is written. */
const SCALE = 4096;

/**
 * @typedef {object} Advance
 * @property {object[]} samplers  as the package's `samplers()` lists them
 * @property {Map<string, string>} refusals  why the model cannot run some of them, by name
 * @property {object} model  the facts of the checkpoint that a comparison depends on
 * @property {Map<string, import("./compute.js").Result>} results  by the key of their run
 */

/** @returns {Promise<Advance | null>}  null where it cannot be had: then everything waits for the engine */
export async function loadAdvance() {
  try {
    const { samplers, refusals, model, results } = await (await fetch(FILE)).json();
    const unpacked = Object.entries(results).map(([key, { evaluations, values }]) => [key, resultOf(unpack(values), evaluations)]);
    return { samplers, refusals: new Map(Object.entries(refusals)), model, results: new Map(unpacked) };
  } catch {
    return null;
  }
}

/** Values of pictures as text. */
export function pack(values) {
  const whole = Int16Array.from(values, (value) => Math.max(-32768, Math.min(32767, Math.round(SCALE * value))));
  return btoa(String.fromCharCode(...new Uint8Array(whole.buffer)));
}

/** The values of `pack`. */
export function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return Float32Array.from(new Int16Array(bytes.buffer), (whole) => whole / SCALE);
}

/** One grey picture as the result of a run. */
function resultOf(values, evaluations) {
  const shown = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, index) => {
    const grey = 127.5 * (value + 1);
    shown.set([grey, grey, grey, 255], 4 * index);
  });
  return { values, shown, evaluations, milliseconds: null };
}
