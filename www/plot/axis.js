/** Linear axes: positions of values, round numbers and drawing. */

const FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/** Length of a tick mark, and the gap between it and its number, in pixels. */
const MARK = 5;
const GAP = 4;

/** Maps values from `least` to `most` to positions, in either direction. */
export class Axis {
  /**
   * @param {[number, number]} values  least and most
   * @param {[number, number]} places  of the two, in pixels
   */
  constructor([least, most], [from, to]) {
    Object.assign(this, { least, most, from, to });
  }

  /** The position of a value. */
  at(value) {
    return this.from + ((this.to - this.from) * (value - this.least)) / (this.most - this.least);
  }

  /** The value at a position. */
  valueAt(place) {
    return this.least + ((this.most - this.least) * (place - this.from)) / (this.to - this.from);
  }

  /** The value at a position, clamped to the axis. */
  clampedAt(place) {
    return Math.min(this.most, Math.max(this.least, this.valueAt(place)));
  }

  /** Round numbers along the axis, about `spacing` pixels apart. */
  marks(spacing) {
    return roundNumbers(this.least, this.most, Math.max(1, Math.abs(this.to - this.from) / spacing));
  }
}

/**
 * The multiples of 1, 2 or 5 times a power of ten from `least` to `most`, at most about `count` of them.
 * @returns {{ value: number, label: string }[]}  labels have enough decimals to be distinct
 */
export function roundNumbers(least, most, count) {
  const rough = (most - least) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = Math.floor(Math.log10(rough));
  const digit = [1, 2, 5, 10].find((digit) => Number(`${digit}e${power}`) >= rough * (1 - 1e-9));
  const decimals = Math.max(0, digit === 10 ? -power - 1 : -power);
  const step = Number(`${digit}e${power}`);
  const slack = 1e-9 * (most - least);
  const first = Math.ceil((least - slack) / step);
  const length = Math.max(0, Math.floor((most + slack) / step) - first + 1);
  // Parsed from text, so that the number equals its decimal form.
  const numbers = Array.from({ length }, (_, index) => Number(`${(first + index) * digit}e${power}`));
  return numbers.map((value) => ({ value, label: written(value, decimals) }));
}

function written(value, decimals) {
  const large = Math.abs(value) >= 1e6 || decimals > 6;
  const text = large ? Number(value.toPrecision(6)).toExponential() : value.toFixed(Math.min(decimals, 20));
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−").replace("e+", "e");
}

/** The page's font for a canvas. */
export const font = (size, style = "") => `${style} ${size}px ${FONT}`.trim();

/**
 * Draws tick marks with numbers below a horizontal axis.
 * @param {CanvasRenderingContext2D} context
 * @param {Axis} axis
 * @param {{ y: number, size: number, ink: string, line: string, spacing?: number }} look  position, text size and colours
 */
export function drawBelow(context, axis, { y, size, ink, line, spacing = 5.5 * size }) {
  prepare(context, { size, ink, line });
  context.textAlign = "center";
  context.textBaseline = "top";
  context.beginPath();
  for (const { value, label } of axis.marks(spacing)) {
    const x = sharp(axis.at(value));
    context.moveTo(x, y);
    context.lineTo(x, y + MARK);
    context.fillText(label, x, y + MARK + GAP);
  }
  context.stroke();
}

/**
 * Draws tick marks with numbers to the left of a vertical axis, and grid lines up to `across`.
 * @param {CanvasRenderingContext2D} context
 * @param {Axis} axis
 * @param {{ x: number, size: number, ink: string, line: string, spacing?: number, across?: number }} look
 */
export function drawLeft(context, axis, { x, size, ink, line, spacing = 3.5 * size, across = x }) {
  prepare(context, { size, ink, line });
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.beginPath();
  for (const { value, label } of axis.marks(spacing)) {
    const y = sharp(axis.at(value));
    context.moveTo(x - MARK, y);
    context.lineTo(across, y);
    context.fillText(label, x - MARK - GAP, y);
  }
  context.stroke();
}

function prepare(context, { size, ink, line }) {
  context.font = font(size);
  context.fillStyle = ink;
  context.strokeStyle = line;
  context.lineWidth = 1;
}

/** Aligns a hairline to whole pixels. */
export const sharp = (place) => Math.round(place - 0.5) + 0.5;
