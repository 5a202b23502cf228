/** What the lab on memorisation shares. */

import { offerShare } from "./menu.js";
import { fileName } from "./names.js";
import { pointsTable } from "./tables.js";

const NOTHING = "Available when the first experiment has ended.";
const TITLES = { ideal: "samples of the ideal denoiser", network: "samples of the network" };

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} memorise
 * @param {object} memorise.settings
 * @param {import("../memorise/view.js").MemoriseView} memorise.view
 * @param {import("../memorise/results.js").Results} memorise.results
 */
export function shareMemorise(lab, beside, { settings, view, results }) {
  offerShare(lab, beside, {
    describe: () => ({
      name: fileName("memorise", settings.data, `${settings.points} points`, `seed ${settings.seed}`),
      caption: `Memorise or generalise · ${settings.data} · ${settings.points} training points · ${settings.steps} steps · seed ${settings.seed}`,
      link: lab.link,
    }),
    picture: () => ({ ...view.picture.size, draw: (scale) => view.picture.copy(scale) }),
    tables: () => (results.all.length === 0 ? NOTHING : [sharesTable(results), ...view.samples.map(([model, points]) => pointsTable(TITLES[model], points))]),
  });
}

function sharesTable(results) {
  const rows = () => results.all.map(([points, { ideal, network, draws }]) => [points, ideal ?? null, network ?? null, draws ?? null]);
  return { title: "shares of copies", name: "copies", columns: ["training_points", "ideal", "network", "new_draws"], rows };
}
