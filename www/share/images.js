/** What the images lab shares. */

import { drawGrid, gridLayout } from "../plot/grid.js";
import { FOLDER_MODEL } from "../shell/models.js";
import { counted } from "../shell/progress.js";
import { isAdaptive } from "../shell/samplers.js";
import { imagesSnippets } from "./code-images.js";
import { MAX_FRAMES } from "./film.js";
import { offerShare } from "./menu.js";
import { evenly, fileName } from "./names.js";

const NOTHING = "Available after the first image is drawn.";
const RUNNING = "Available when the run has ended.";
/** Width of an animation in pixels: each pixel of an image becomes a square of whole pixels. */
const FILM_WIDTH = 480;

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} images
 * @param {() => string} images.link  to the images that are shown
 * @param {import("../images/stage.js").Stage} images.stage
 * @param {() => import("../images/shown.js").Run | null} images.run  the run that is shown
 * @param {() => object[]} images.samplers  what `samplers()` lists
 * @param {() => object | null} images.pipeline
 */
export function shareImages(lab, beside, { link, stage, run, samplers, pipeline }) {
  const infoOf = (name) => samplers().find((sampler) => sampler.name === name);
  offerShare(lab, beside, {
    describe() {
      if (run() === null) return { name: fileName("images"), caption: "Images of a diffusion model", link: link() };
      const { options, settings } = run();
      const info = infoOf(options.sampler);
      const how = [...(isAdaptive(info) ? [] : [counted(options.steps)]), `seed ${options.seed}`];
      return {
        name: fileName("images", settings.model, options.sampler, ...how),
        caption: [stage.shown.description, info.title, ...how, ...stepOf(stage.shown)].join(" · "),
        link: link(),
        ...(settings.model === FOLDER_MODEL && { missing: "the folder" }),
      };
    },
    picture: () => (stage.shown === null ? NOTHING : pictureOf(stage.shown)),
    animation: () => (stage.shown === null ? NOTHING : stage.shown.isSettled ? filmOf(stage.shown) : RUNNING),
    tables: () => (stage.shown === null ? NOTHING : [pixelsTable(stage.shown, run(), pipeline())]),
    snippets: () => imagesSnippets(run(), pipeline(), { infoOf }),
  });
}

/** Which step is shown, if it is not the last one. */
function stepOf({ trajectory, index, view }) {
  const { step } = trajectory.frames[index];
  return step === trajectory.steps ? [] : [`${view === "noisy" ? "noisy" : "predicted"} after step ${step}`];
}

function pictureOf({ batch, width, height }) {
  return {
    width, height,
    draw(scale) {
      const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
      const count = batch.pixels.length / (4 * batch.width * batch.height);
      const gap = Math.round(6 * scale);
      const layout = gridLayout({ count, imageWidth: batch.width, imageHeight: batch.height, width: canvas.width, height: canvas.height, gap });
      drawGrid(canvas.getContext("2d"), layout, batch, 0);
      return canvas;
    },
  };
}

/** The recorded steps, in the view that is shown. */
function filmOf({ trajectory, view, batch: { pixels, width, height } }) {
  const count = pixels.length / (4 * width * height);
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const scale = Math.max(1, Math.floor(FILM_WIDTH / (columns * width)));
  const gap = scale;
  const size = { width: columns * width * scale + (columns - 1) * gap, height: rows * height * scale + (rows - 1) * gap };
  const frames = evenly(trajectory.frames.length, MAX_FRAMES);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const layout = gridLayout({ count, imageWidth: width, imageHeight: height, ...size, gap });
  return {
    ...size, scale: 1, count: frames.length,
    frame(index) {
      drawGrid(context, layout, { pixels: trajectory.pixels(frames[index], view), width, height }, 0);
      return canvas;
    },
  };
}

/** One row per image: its class and its pixels, as the MNIST data set is often distributed. */
function pixelsTable({ batch }, run, pipeline) {
  const { pixels, width, height } = batch;
  const size = width * height;
  const labels = run?.options.classLabels;
  const isGrey = pipeline?.channels === 1;
  const channels = isGrey ? [0] : [0, 1, 2];
  const names = Array.from({ length: size }, (_, index) => (isGrey ? [`pixel${index}`] : ["r", "g", "b"].map((letter) => `pixel${index}${letter}`))).flat();
  const labelled = labels === undefined ? [] : ["class"];
  function* rows() {
    for (let image = 0; image < pixels.length / (4 * size); image++) {
      const values = Array.from({ length: size }, (_, index) => channels.map((channel) => pixels[4 * (image * size + index) + channel])).flat();
      yield [image + 1, ...(labels === undefined ? [] : [labels[image]]), ...values];
    }
  }
  return { title: "pixels", name: "pixels", columns: ["image", ...labelled, ...names], rows };
}
