/** What the distributions lab shares. */

import { Picture } from "../distributions/picture.js";
import { TARGETS } from "../distributions/targets.js";
import { distributionsSnippets } from "./code-distributions.js";
import { MAX_FRAMES } from "./film.js";
import { offerShare } from "./menu.js";
import { fileName } from "./names.js";

const NOTHING = "Available when there are samples.";
/** More rows make a file that spreadsheets cannot open. */
const MAX_ROWS = 1_000_000;
/** Time between two frames, for what fades. */
const FRAME = 1 / 15; // seconds

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} distributions
 * @param {object} distributions.settings
 * @param {Picture} distributions.picture
 * @param {() => { run: import("../distributions/run.js").Run | null, scene: object | null }} distributions.shown
 * @param {() => void} distributions.writeAddress  brings the lab's link up to date
 */
export function shareDistributions(lab, beside, { settings, picture, shown, writeAddress }) {
  const describe = () => {
    writeAddress();
    const { method, target, count, seed } = settings;
    const title = method === "rejection" ? "Rejection sampling" : "Inverse transform";
    return {
      name: fileName("distributions", target, method, `seed ${seed}`),
      caption: `${title} · target ${TARGETS[target].title} · ${picture.counted.toLocaleString("en")} of ${Number(count).toLocaleString("en")} samples · seed ${seed}`,
      link: lab.link,
    };
  };
  offerShare(lab, beside, {
    describe,
    picture: () => (shown().scene === null ? NOTHING : { ...picture.canvas.size, draw: (scale) => picture.canvas.copy(scale) }),
    animation: () => (shown().run === null ? NOTHING : filmOf(picture, shown())),
    tables: () => (shown().run === null || picture.counted === 0 ? NOTHING : [histogramTable(picture.bars), samplesTable(shown().run.samples.subarray(0, picture.counted))]),
    snippets: () => distributionsSnippets(settings),
  });
}

/** Draws the frames of an animation; made when it is first needed. */
let double = null;

/** The run from its first sample to its last one, at a growing speed. */
function filmOf({ canvas }, { run, scene }) {
  double ??= new Picture(document.createElement("canvas"));
  const last = run.available;
  const picture = new OffscreenCanvas(1, 1);
  let drawn = Infinity;
  const doneAt = (index) => (index === MAX_FRAMES - 1 ? last : (last + 1) ** (index / (MAX_FRAMES - 1)) - 1);
  return {
    ...canvas.size, count: MAX_FRAMES,
    frame(index, scale) {
      // A run only goes forward.
      if (index <= drawn) {
        double.showScene(scene);
        double.showRun(run);
      }
      const done = doneAt(index);
      const step = index === 0 ? 0 : done - doneAt(index - 1);
      double.advance(done, FRAME, step < 1);
      drawn = index;
      return canvas.copy(scale, { canvas: picture, draw: (context, area) => double.paint(context, area) });
    },
  };
}

function histogramTable(bars) {
  const rows = () => bars.map(({ left, right, height }) => [left, right, height]);
  return { title: "histogram", name: "histogram", columns: ["from", "to", "density"], rows };
}

function samplesTable(samples) {
  const isCut = samples.length > MAX_ROWS;
  const rows = () => Array.from(samples.subarray(0, MAX_ROWS), (x) => [x]);
  return { title: isCut ? `${MAX_ROWS.toLocaleString("en")} samples` : "samples", name: "samples", columns: ["x"], rows };
}
