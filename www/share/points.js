/** What the lab of points shares. */

import { missingFromLink } from "../points/settings.js";
import { pointsSnippets } from "./code-points.js";
import { MAX_FRAMES } from "./film.js";
import { offerShare } from "./menu.js";
import { fileName } from "./names.js";
import { pointsTable } from "./tables.js";

const NOTHING = "Available when the lab has started.";

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} points
 * @param {object} points.settings
 * @param {() => import("../points/workspace.js").Workspace | undefined} points.workspace
 * @param {() => object | null} points.view  the view that is shown
 * @returns {{ saveAnimation(): void } | null}  null in browsers without popovers
 */
export function sharePoints(lab, beside, { settings, workspace, view }) {
  const titleOf = () => workspace()?.titleOf(settings.data) ?? settings.data;
  const isReady = () => workspace() !== undefined && view() !== null;
  return offerShare(lab, beside, {
    describe: () => ({
      name: fileName("points", settings.data, settings.step, settings.step === "sample" ? settings.samplers.join(" ") : "", settings.step === "sample" ? `seed ${settings.seed}` : ""),
      caption: captionOf(settings, titleOf(), workspace()),
      link: lab.link,
      missing: missingFromLink(settings, workspace()?.brush.text),
    }),
    picture: () => (isReady() ? pictureOf(workspace().stage.picture) : NOTHING),
    animation: () => (isReady() ? filmOf(workspace(), view()) : NOTHING),
    tables: () => (isReady() ? tablesOf(workspace(), view()) : NOTHING),
    snippets: () => pointsSnippets(settings, workspace()),
  });
}

function captionOf(settings, title, workspace) {
  const { step, samplers, steps, seed, schedule, quantity } = settings;
  const titles = samplers.map((name) => workspace?.samplers.find((sampler) => sampler.name === name)?.title ?? name);
  const model = () => workspace?.nameOfModel(settings.model) ?? "";
  const words = {
    data: [],
    forward: [settings.dimensions === "1" ? "forward process in one dimension" : "forward process", `${schedule} schedule`],
    train: [`training of a network, ${settings.width} × ${settings.depth}`, workspace?.run ? `${workspace.run.step} steps` : ""],
    sample: [`samples of ${model()}`, titles.join(", "), `${steps} steps`, `seed ${seed}`],
    look: [{ velocity: "velocity of the flow", score: "score", density: "density", clean: "predicted clean points" }[quantity], `t/T = ${settings.time}`],
  }[step];
  return [`${title[0].toUpperCase()}${title.slice(1)}`, ...words].filter(Boolean).join(" · ");
}

function pictureOf(canvas) {
  return { ...canvas.size, draw: (scale) => canvas.copy(scale) };
}

/**
 * The frames of a view, a sentence if there are none, or a function that computes them. `film` of a view is such a sentence, or
 * `draw(share, paint)`, which calls `paint` as if the view were at a share of its run, or `compute(signal)`, which gives that.
 */
function filmOf(workspace, view) {
  const film = view.film;
  if (film === undefined) return "This step has no animation. Choose another step.";
  if (typeof film === "string") return film;
  const { stage } = workspace;
  const framed = ({ draw }) => {
    const canvas = new OffscreenCanvas(1, 1);
    return {
      ...stage.picture.size, count: MAX_FRAMES,
      frame(index, scale) {
        draw(index / (MAX_FRAMES - 1), () => stage.picture.copy(scale, { canvas }));
        return canvas;
      },
    };
  };
  return film.compute === undefined ? framed(film) : async (signal) => framed(await film.compute(signal));
}

/** What the view shows, as tables. */
function tablesOf({ dataset, run, settings }, view) {
  const { step, data } = settings;
  if (step === "data" && (data !== "drawn" || !dataset.isUndrawn)) return [pointsTable("points", dataset.whole?.points ?? new Float32Array(0))];
  if (step === "data") return "Available when something is drawn.";
  if (step === "train") return run === null || run.losses.length === 0 ? "Available when a network has been trained here." : [lossTable(run.losses)];
  return view.tables;
}

function lossTable(losses) {
  function* rows() {
    for (let step = 0; step < losses.length; step++) yield [step + 1, losses[step]];
  }
  return { title: "losses", name: "losses", columns: ["step", "loss"], rows };
}
