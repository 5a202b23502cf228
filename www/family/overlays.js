/**
 * Overlays that visualise a model: its density, discriminator or score over the plane, and the image of the latent
 * grid.
 */

import { arrowsLayer, curveOf, linesLayer, mapLayer } from "../points/layers.js";
import { rampOf } from "../plot/color-map.js";
import { heatMapOf } from "../plot/heat-map.js";

const CELL = 9; // pixels
/** Coarser cells for densities that are slow to compute because they are integrals along a flow. */
const COARSE_CELL = 18; // pixels
const ARROW_SPACING = 34; // pixels
/** Models whose log-density is an integral along a flow. */
const INTEGRATED = ["diffusion", "flow-matching", "lora"];
/** Models that map each noise point to one sample. */
const FROM_NOISE = ["consistency", "progressive-distillation"];
/** Lines of the latent grid per direction, points per line, and half-width. */
const GRID = { lines: 13, points: 61, extent: 2.5 };
/** Number of noise points that are joined to their samples by lines. */
const JOINED = 250;

/**
 * The overlay layers that visualise a model, with their legend.
 * @param trainer  a `FamilyTrainer`
 * @param {import("../plot/plane.js").Plane} plane
 * @returns {Promise<{ layers: Function[], legend: [string, string][], title: string }>}
 */
export async function overlayOf(trainer, plane) {
  const { capabilities, fields } = trainer;
  const parts = [];
  if (capabilities.logDensity) parts.push(await density(trainer, plane));
  else if (fields.includes("discriminator")) parts.push(await discriminator(trainer, plane));
  else if (fields.includes("classes")) parts.push(await classes(trainer, plane));
  else if (capabilities.score) parts.push(await score(trainer, plane));
  if (capabilities.latents) parts.push(await latentGrid(trainer));
  else if (FROM_NOISE.includes(trainer.model)) parts.push(await fromNoise(trainer));
  const words = parts.map(({ title }) => title).join(", ");
  return { layers: parts.flatMap(({ layers }) => layers), legend: parts.map(({ legend }) => legend), title: words.charAt(0).toUpperCase() + words.slice(1) };
}

async function density(trainer, plane) {
  const grid = plane.grid(INTEGRATED.includes(trainer.model) ? COARSE_CELL : CELL);
  const values = Float32Array.from(await trainer.logDensity(grid.points), Math.exp);
  const most = values.reduce((most, value) => (value > most ? value : most), 0);
  return { layers: [heat({ ...grid, values }, [0, most || 1])], title: "density", legend: ["ramp", "density of the model"] };
}

async function discriminator(trainer, plane) {
  const grid = plane.grid(CELL);
  const values = await trainer.field("discriminator", grid.points);
  const finite = values.filter(Number.isFinite).sort();
  // A few extreme values would otherwise dominate the color range.
  const range = [finite[Math.floor(0.01 * finite.length)] ?? 0, finite[Math.floor(0.99 * finite.length)] ?? 1];
  if (range[1] - range[0] < 1e-6) range[1] = range[0] + 1e-6;
  return { layers: [heat({ ...grid, values }, range)], title: "discriminator", legend: ["ramp", "discriminator, from generated to real"] };
}

/** The probability of the most probable class. */
async function classes(trainer, plane) {
  const grid = plane.grid(CELL);
  const all = await trainer.field("classes", grid.points);
  const count = all.length / (grid.points.length / 2);
  const values = Float32Array.from({ length: all.length / count }, (_, index) => Math.max(...all.subarray(count * index, count * (index + 1))));
  return { layers: [heat({ ...grid, values }, [1 / (count + 1), 1])], title: "classifier", legend: ["ramp", "probability of the most probable class"] };
}

async function score(trainer, plane) {
  const { points } = plane.grid(ARROW_SPACING);
  const vectors = await trainer.score(points);
  return { layers: [arrowsLayer({ points, vectors }, ARROW_SPACING)], title: "score", legend: ["path", "score"] };
}

const heat = (grid, range) => mapLayer((color) => heatMapOf(grid, range, rampOf(["--surface", "--accent", "--ink"].map(color))));

/** The lines of a square grid, `[2·lines, points, 2]`. */
export function gridLines({ lines, points, extent }) {
  const all = new Float32Array(4 * lines * points);
  const place = (index, count) => extent * ((2 * index) / (count - 1) - 1);
  for (let line = 0; line < lines; line++) {
    for (let point = 0; point < points; point++) {
      const [along, across] = [place(point, points), place(line, lines)];
      all.set([along, across], 2 * (line * points + point));
      all.set([across, along], 2 * ((lines + line) * points + point));
    }
  }
  return all;
}

async function latentGrid(trainer) {
  const positions = await trainer.decode(gridLines(GRID));
  const layer = ({ context, plane, color }) => {
    context.strokeStyle = color("--ink");
    context.globalAlpha = 0.5;
    context.lineWidth = 1;
    context.beginPath();
    for (let line = 0; line < 2 * GRID.lines; line++) curveOf(context, plane, positions.subarray(2 * line * GRID.points, 2 * (line + 1) * GRID.points));
    context.stroke();
    context.globalAlpha = 1;
  };
  return { layers: [layer], title: "latent plane", legend: ["path", "grid of the latent plane"] };
}

async function fromNoise(trainer) {
  const start = normals(2 * JOINED);
  const samples = await trainer.sample({ count: JOINED, start });
  return { layers: [linesLayer(start, samples)], title: "noise to samples", legend: ["path", "from noise to sample"] };
}

/** Standard normal numbers; the same on every call. */
export function normals(count) {
  let state = 1;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 2 ** 32;
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
