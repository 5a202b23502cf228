/** A picture with a caption below it, in the colours of the page. */

import { font } from "../plot/axis.js";
import { colorOf } from "../plot/canvas.js";

const MARGIN = 16; // CSS pixels
const LINE = { size: 13, height: 19 };
/** A caption is legible at this scale, however small the picture is. */
const MIN_TYPE_SCALE = 0.8;

/**
 * A canvas for a picture and its caption.
 * @param {object} sheet
 * @param {number} sheet.width  of the picture, in CSS pixels
 * @param {number} sheet.height
 * @param {number} sheet.scale  pixels of the canvas per CSS pixel
 * @param {string[]} sheet.lines  of the caption; long ones are wrapped
 * @param {boolean} [sheet.isEven]  rounds the size up to even numbers, as video encoders require
 * @returns {{ canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, scale: number, draw: (picture: CanvasImageSource) => void }}
 */
export function captioned({ width, height, scale, lines, isEven = false }) {
  const [paper, ink, muted] = ["--paper", "--ink", "--muted"].map((property) => colorOf(document.body, property));
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const picture = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const type = Math.max(scale, MIN_TYPE_SCALE);
  const margin = Math.round(MARGIN * type);
  context.font = font(LINE.size * type);
  const wrapped = lines.flatMap((line, index) => wrap(context, line, picture.width).map((words) => [words, index === 0 ? ink : muted]));
  const rounded = (size) => (isEven ? 2 * Math.ceil(size / 2) : size);
  canvas.width = rounded(picture.width + 2 * margin);
  canvas.height = rounded(picture.height + Math.round(2.5 * margin + wrapped.length * LINE.height * type));
  const draw = (image) => {
    context.fillStyle = paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, margin, margin, picture.width, picture.height);
    context.font = font(LINE.size * type);
    context.textBaseline = "top";
    wrapped.forEach(([words, color], index) => {
      context.fillStyle = color;
      context.fillText(words, margin, picture.height + 1.75 * margin + index * LINE.height * type);
    });
  };
  return { canvas, context, scale, draw };
}

/** A text in lines that fit. It is broken after spaces and between the parameters of a link, or anywhere if a part is too long. */
function wrap(context, text, width) {
  const lines = [""];
  const fits = (words) => context.measureText(words.trimEnd()).width <= width;
  const append = (part) => {
    if (lines.at(-1) !== "" && !fits(lines.at(-1) + part)) lines.push("");
    lines[lines.length - 1] += part;
  };
  for (const part of text.match(/[^ &?#]+[ &?#]*/g) ?? []) {
    if (fits(part)) append(part);
    else for (const character of part) append(character);
  }
  return lines;
}
