/** Points of a written word, or of several words below each other. */

import { randomsFrom } from "./randoms.js";

/** Number of points. */
const COUNT = 2000;
/** The word fits into this part of the plane. */
const WIDTH = 5.2;
const HEIGHT = 4;
const FONT_SIZE = 160; // pixels
const FONT = `600 ${FONT_SIZE}px "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;
/** Ink is darker than this. */
const INK = 128;
/** Distance of two lines, relative to the size of the font. */
const LEADING = 1.05;

/** At most this many characters; more would be too small for a network to learn. */
export const MAX_WORD = 16;

/**
 * Points that are uniform on the ink of a word. They depend on the fonts of the system.
 * @returns {number[]}  x₀, y₀, x₁, y₁, …; empty if the word has no ink
 */
export function pointsOfWord(word) {
  const { ink, width, height, box } = inkOf(word);
  if (ink.length === 0) return [];
  const scale = Math.min(WIDTH / (box.right - box.left + 1), HEIGHT / (box.bottom - box.top + 1));
  const middle = [(box.left + box.right + 1) / 2, (box.top + box.bottom + 1) / 2];
  const random = randomsFrom(width * height + ink.length);
  const points = [];
  for (let index = 0; index < COUNT; index++) {
    const pixel = ink[Math.floor(random() * ink.length)];
    points.push(scale * ((pixel % width) + random() - middle[0]), scale * (middle[1] - Math.floor(pixel / width) - random()));
  }
  return points;
}

/** The indices of the pixels of a word that are inked, and the box around them. */
function inkOf(word) {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  context.font = FONT;
  const lines = word.split(/\s+/);
  const widest = Math.max(...lines.map((line) => context.measureText(line).width));
  const [width, height] = [Math.ceil(widest) + FONT_SIZE, Math.ceil((lines.length * LEADING + 1) * FONT_SIZE)];
  Object.assign(context.canvas, { width, height });
  context.font = FONT;
  context.textBaseline = "middle";
  context.textAlign = "center";
  lines.forEach((line, index) => context.fillText(line, width / 2, (index * LEADING + 1) * FONT_SIZE));
  const { data } = context.getImageData(0, 0, width, height);
  const ink = [];
  const box = { left: width, right: 0, top: height, bottom: 0 };
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (data[4 * pixel + 3] < INK) continue;
    ink.push(pixel);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    Object.assign(box, { left: Math.min(box.left, x), right: Math.max(box.right, x), top: Math.min(box.top, y), bottom: Math.max(box.bottom, y) });
  }
  return { ink, width, height, box };
}
