/** The thumbnails of the lab cards. They only illustrate the labs, so most are drawn from simple formulas. */

import { Canvas } from "../plot/canvas.js";
import { drawToFit } from "../plot/grid.js";
import { readRecording } from "./recording.js";

const PICTURES = { compare: drawCompare, distributions: drawDistributions, points: drawPoints, memorise: drawMemorise, family: drawFamily };

/** @param {HTMLElement} root  contains a `canvas[data-picture]` for each card */
export function drawCards(root) {
  for (const canvas of root.querySelectorAll("canvas[data-picture]")) {
    const draw = PICTURES[canvas.dataset.picture];
    if (draw !== undefined) new Canvas(canvas, draw);
  }
  drawImages(root.querySelector('canvas[data-picture="images"]'));
  drawRestore(root.querySelector('canvas[data-picture="restore"]'));
}

/** Some recorded digits, each a few steps further than the previous one. */
async function drawImages(canvas) {
  const shown = [[3, 0], [5, 7], [8, 11], [9, 20]]; // digit, step
  const recording = await readRecording("digits").catch(() => null);
  if (recording === null) return;
  const { width, height, frames, steps } = recording;
  const size = 4 * width * height;
  const pixels = new Uint8ClampedArray(shown.length * size);
  shown.forEach(([digit, step], index) => pixels.set(frames[Math.min(step, steps)].subarray(digit * size, (digit + 1) * size), index * size));
  new ResizeObserver(() => drawToFit(canvas, { pixels, width, height }, 8)).observe(canvas);
}

/** A digit in low resolution, in a higher one, and as it was. */
async function drawRestore(canvas) {
  const [digit, side, factors] = [5, 28, [4, 2, 1]];
  const sheet = await fetch("restore/digits.png").then((response) => response.blob()).then((blob) => createImageBitmap(blob, digit * side, 0, side, side)).catch(() => null);
  if (sheet === null) return;
  const pixels = new Uint8ClampedArray(factors.length * 4 * side * side);
  for (const [index, factor] of factors.entries()) {
    const small = new OffscreenCanvas(side / factor, side / factor).getContext("2d");
    small.imageSmoothingQuality = "high";
    small.drawImage(sheet, 0, 0, side / factor, side / factor);
    const large = new OffscreenCanvas(side, side).getContext("2d");
    large.imageSmoothingEnabled = false;
    large.drawImage(small.canvas, 0, 0, side, side);
    pixels.set(large.getImageData(0, 0, side, side).data, index * 4 * side * side);
  }
  new ResizeObserver(() => drawToFit(canvas, { pixels, width: side, height: side }, 8)).observe(canvas);
}

/** Distances that decrease with the number of steps, faster for higher-order methods. */
function drawCompare(context, { width, height, color }) {
  const edge = 12;
  context.lineWidth = 2;
  [["--muted", 0.45, 0.1], ["--edge", 0.75, 0.2], ["--accent", 0.97, 0.32]].forEach(([name, slope, bend]) => {
    const place = (share) => [edge + share * (width - 2 * edge), edge + (height - 2 * edge) * (slope * share + bend * share * (1 - share) * 2)];
    context.strokeStyle = context.fillStyle = color(name);
    context.beginPath();
    for (let share = 0; share <= 1.001; share += 0.05) context.lineTo(...place(share));
    context.stroke();
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      context.beginPath();
      context.arc(...place(share), 3, 0, 2 * Math.PI);
      context.fill();
    }
  });
}

/** A bimodal density over a histogram of simulated samples. */
function drawDistributions(context, { width, height, color }) {
  const density = (x) => 0.85 * Math.exp(-(((x + 1.1) / 0.62) ** 2) / 2) + 0.62 * Math.exp(-(((x - 1.2) / 0.75) ** 2) / 2);
  const [bottom, top] = [height - 10, 12];
  const at = (share) => 6 * share - 3;
  const tall = (value) => bottom - value * (bottom - top);
  const bars = 24;
  context.fillStyle = color("--accent");
  context.globalAlpha = 0.3;
  for (let bar = 0; bar < bars; bar++) {
    const y = tall(density(at((bar + 0.5) / bars)) * (1 + 0.16 * Math.sin(7.3 * bar)));
    context.fillRect((bar * width) / bars + 1, y, width / bars - 2, bottom - y);
  }
  context.globalAlpha = 1;
  context.strokeStyle = color("--accent");
  context.lineWidth = 2;
  context.beginPath();
  for (let share = 0; share <= 1.001; share += 0.01) context.lineTo(share * width, tall(density(at(share))));
  context.stroke();
}

/** Samples near training points, with lines to the nearest: on the left copies, on the right new points. */
function drawMemorise(context, { width, height, color }) {
  const uniform = (index, ratio) => (0.5 + index * ratio) % 1;
  const [columns, rows] = [8, 4];
  context.lineWidth = 1;
  for (let index = 0; index < columns * rows; index++) {
    const x = (((index % columns) + 0.25 + 0.5 * uniform(index, 0.7549)) * width) / columns;
    const y = ((Math.floor(index / columns) + 0.25 + 0.5 * uniform(index, 0.5698)) * height) / rows;
    const far = index % columns < columns / 2 ? 2 : 0.16 * height;
    const angle = 2 * Math.PI * uniform(index, 0.618);
    const [atX, atY] = [x + far * Math.cos(angle), y + far * Math.sin(angle)];
    context.strokeStyle = context.fillStyle = color("--muted");
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(atX, atY);
    context.stroke();
    for (const [left, top, radius, name] of [[x, y, 2.5, "--muted"], [atX, atY, 2.5, "--accent"]]) {
      context.fillStyle = color(name);
      context.beginPath();
      context.arc(left, top, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

/** A square grid bent into a ring, as an invertible map carries it. */
function drawFamily(context, { width, height, color }) {
  const scale = Math.min(width / 4.4, height / 2.6);
  const place = (u, v) => {
    const radius = 0.55 + 0.5 * v + 0.12 * Math.sin(3 * u);
    return [width / 2 + 1.55 * scale * radius * Math.cos(u), height / 2 - scale * radius * Math.sin(u)];
  };
  const [turns, rings, points] = [24, 6, 72];
  context.strokeStyle = color("--accent");
  context.lineWidth = 1;
  context.beginPath();
  for (let turn = 0; turn < turns; turn++) {
    const u = (2 * Math.PI * turn) / turns;
    context.moveTo(...place(u, 0));
    context.lineTo(...place(u, 1));
  }
  for (let ring = 0; ring <= rings; ring++) {
    for (let point = 0; point <= points; point++) context[point === 0 ? "moveTo" : "lineTo"](...place((2 * Math.PI * point) / points, ring / rings));
  }
  context.stroke();
}

/** Two moons, with more noise towards the left. */
function drawPoints(context, { width, height, color }) {
  const count = 420;
  const scale = Math.min(width / 5.2, height / 2.9);
  context.fillStyle = color("--accent");
  context.globalAlpha = 0.75;
  // A low-discrepancy sequence instead of random numbers, so that the thumbnail is always the same.
  const uniform = (index, ratio) => (0.5 + index * ratio) % 1;
  for (let index = 0; index < count; index++) {
    const angle = Math.PI * uniform(index, 0.754877666);
    const isUpper = index % 2 === 0;
    const [x, y] = isUpper ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    const std = 0.06 + 0.62 * Math.max(0, (0.5 - x) / 1.5) ** 2;
    const radius = std * Math.sqrt(-2 * Math.log(1 - uniform(index, 0.569840291)));
    const turn = 2 * Math.PI * uniform(index, 0.618033989);
    context.beginPath();
    context.arc(width / 2 + scale * (x - 0.5 + radius * Math.cos(turn)), height / 2 - scale * (y - 0.25 + radius * Math.sin(turn)), 1.5, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}
