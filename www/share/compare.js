/** What the compare lab shares. */

import { compareSnippets } from "./code-compare.js";
import { offerShare } from "./menu.js";
import { fileName } from "./names.js";
import { svgAsImage } from "./svg.js";

const NOTHING = "Available when samples have been computed.";

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} compare
 * @param {object} compare.settings
 * @param {SVGSVGElement} compare.plot
 * @param {() => import("../compare/comparison.js").Comparison | null} compare.comparison  that is shown
 */
export function shareCompare(lab, beside, { settings, plot, comparison }) {
  const measures = () => comparison()?.measures ?? [];
  offerShare(lab, beside, {
    describe: () => {
      const { samplers, source, model, data, seed } = settings;
      const of = source === "pictures" ? `checkpoint ${model}` : `${source === "ideal" ? "ideal denoiser" : "trained network"}, ${data}`;
      const isEach = source === "pictures" && settings.class !== "none";
      return {
        name: fileName("compare", source === "pictures" ? model : data, ...samplers.slice(0, 3), `seed ${seed}`),
        caption: ["Distance to the reference by network evaluations", of, ...(isEach ? [`class ${settings.class}`] : []), `seed ${seed}`].join(" · "),
        link: lab.link,
      };
    },
    picture: () => (measures().length === 0 ? NOTHING : { width: plot.clientWidth, height: plot.clientHeight, draw: (scale) => svgAsImage(plot, scale) }),
    tables: () => (measures().length === 0 ? NOTHING : [distancesTable(measures())]),
    snippets: () => compareSnippets(measures(), settings),
  });
}

function distancesTable(measures) {
  const rows = () => measures.map(({ sampler, steps, evaluations, milliseconds, distance, reference }) => [sampler.name, steps ?? null, evaluations, distance, reference, milliseconds]);
  return { title: "distances", name: "distances", columns: ["sampler", "steps", "evaluations", "distance", "reference_evaluations", "milliseconds"], rows };
}
