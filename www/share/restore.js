/** What the restore lab shares. */

import { drawGrid, gridLayout } from "../plot/grid.js";
import { imageOf, pixelsAt } from "../images/picture.js";
import { drawSharp } from "../restore/pixels.js";
import { FOLDER_MODEL } from "../shell/models.js";
import { counted } from "../shell/progress.js";
import { restoreSnippets } from "./code-restore.js";
import { MAX_FRAMES } from "./film.js";
import { offerShare } from "./menu.js";
import { evenly, fileName } from "./names.js";

const NOTHING = "Available when the first answers are drawn.";
const RUNNING = "Available when the run has ended.";
/** Height of a picture file, in CSS pixels. */
const HEIGHT = 240;
const GAP = 8;

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} restore
 * @param {object} restore.settings
 * @param {import("../restore/exhibition.js").Exhibition} restore.exhibition
 * @param {() => import("../restore/plan.js").Plan | null} restore.plan  of the answers that are shown
 * @param {() => object | null} restore.pipeline
 * @param {() => boolean} restore.isOwn  whether the picture is not in the link
 */
export function shareRestore(lab, beside, { exhibition, plan, pipeline, isOwn }) {
  offerShare(lab, beside, {
    describe() {
      const shown = plan();
      if (shown === null) return { name: fileName("restore"), caption: "Pictures restored by a diffusion model", link: lab.link };
      const { settings, description } = shown;
      const how = [counted(settings.steps), `seed ${settings.seed}`];
      const missing = [...(settings.model === FOLDER_MODEL ? ["the folder"] : []), ...(isOwn() ? ["the picture"] : [])].join(" and ");
      const what = settings.view === "restore" ? [settings.lost, settings.method] : [settings.view];
      return {
        name: fileName("restore", settings.model, ...what, ...how), caption: [description, ...how].join(" · "), link: lab.link,
        ...(missing !== "" && { missing }),
      };
    },
    picture: () => (plan() === null ? NOTHING : pictureOf(sceneOf(plan(), exhibition), exhibition.batch)),
    animation: () => (plan() === null ? NOTHING : exhibition.recording.isSettled ? filmOf(sceneOf(plan(), exhibition), exhibition) : RUNNING),
    tables: () => (plan() === null ? NOTHING : plan().picture === null ? [] : [residualTable(plan(), exhibition)]),
    snippets: () => restoreSnippets(plan(), pipeline()),
  });
}

/** The layout of a picture: what was observed, if anything, and the answers beside it. */
function sceneOf({ picture, size, options }, { observed }) {
  const [height, width] = size;
  const across = width > height ? 1 : Math.ceil(options.batch / Math.min(2, options.batch));
  const down = Math.ceil(options.batch / across);
  const grid = { width: Math.max(1, Math.round(((HEIGHT - GAP * (down - 1)) / down) * (width / height) * across + GAP * (across - 1))), height: HEIGHT };
  const left = picture === null ? 0 : HEIGHT + 2 * GAP;
  return { observed: picture === null ? null : observed, grid, left, size: { width: left + grid.width, height: HEIGHT } };
}

/** Draws a batch of answers beside the observation. */
function drawScene(context, { observed, grid, left, size }, batch, scale) {
  context.clearRect(0, 0, size.width * scale, size.height * scale);
  if (observed !== null) {
    const [rows, columns] = observed.size;
    drawSharp(context, imageOf(pixelsAt({ pixels: observed.pixels, width: columns, height: rows }, 0), columns, rows), { width: HEIGHT * scale, height: HEIGHT * scale });
  }
  const canvas = new OffscreenCanvas(Math.round(grid.width * scale), Math.round(grid.height * scale));
  const count = batch.pixels.length / (4 * batch.width * batch.height);
  const layout = gridLayout({ count, imageWidth: batch.width, imageHeight: batch.height, width: canvas.width, height: canvas.height, gap: Math.round(GAP * scale) });
  drawGrid(canvas.getContext("2d"), layout, batch, 0);
  context.drawImage(canvas, left * scale, 0);
}

function pictureOf(scene, batch) {
  return {
    ...scene.size,
    draw(scale) {
      const canvas = new OffscreenCanvas(Math.round(scene.size.width * scale), Math.round(scene.size.height * scale));
      drawScene(canvas.getContext("2d"), scene, batch, scale);
      return canvas;
    },
  };
}

/** The recorded steps. */
function filmOf(scene, exhibition) {
  const frames = evenly(exhibition.recording.trajectory.frames.length, MAX_FRAMES);
  const canvas = new OffscreenCanvas(scene.size.width, scene.size.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return {
    ...scene.size, scale: 1, count: frames.length,
    frame(index) {
      drawScene(context, scene, exhibition.batchAt(frames[index]), 1);
      return canvas;
    },
  };
}

/** The residual of each answer after each step. */
function residualTable({ options }, { plot }) {
  const names = Array.from({ length: options.batch }, (_, index) => `answer${index + 1}`);
  return { title: "residuals", name: "residuals", columns: ["step", ...names], rows: () => plot.rows };
}
