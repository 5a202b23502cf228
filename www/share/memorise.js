/** What the lab on memorisation shares. */

import { SAMPLING, SCHEDULE } from "../memorise/experiment.js";
import { installPackage } from "./code-images.js";
import { object } from "./literals.js";
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
    snippets: () => ({ javascript: { code: codeOf(settings), install: installPackage(), note: "" } }),
  });
}

/** Computes the samples that are shown, and the shares of copies. */
function codeOf({ data, points, steps, seed }) {
  const { seed: noise, ...sampling } = SAMPLING;
  return `import { PointData, PointModel, Trainer } from "tweedie/worker";

const data = await PointData.named("${data}", ${object({ count: points, seed })});
const ideal = await PointModel.ideal(data, ${object({ schedule: SCHEDULE })});
const trainer = await Trainer.create(data, ${object({ steps, seed, schedule: SCHEDULE })});
for await (const { step, steps } of trainer) console.log(\`\${step} of \${steps}\`);
const network = await trainer.model();

async function samplesOf(model) {
  const sampling = model.sample(${object({ ...sampling, seed: noise })});
  for await (const _ of sampling);
  return sampling.noisy();
}

/** The share of samples whose nearest training point is less than a third as far away as the second nearest. */
function shareOfCopies(samples, training) {
  let copies = 0;
  for (let at = 0; at < samples.length; at += 2) {
    const distances = [];
    for (let other = 0; other < training.length; other += 2) {
      distances.push(Math.hypot(samples[at] - training[other], samples[at + 1] - training[other + 1]));
    }
    const [first, second] = distances.sort((one, other) => one - other);
    if (first < second / 3) copies++;
  }
  return copies / (samples.length / 2);
}

const samples = { ideal: await samplesOf(ideal), network: await samplesOf(network) };
const shares = Object.fromEntries(Object.entries(samples).map(([name, points]) => [name, shareOfCopies(points, data.points)]));
console.log(shares);
`;
}

function sharesTable(results) {
  const rows = () => results.all.map(([points, { ideal, network, draws }]) => [points, ideal ?? null, network ?? null, draws ?? null]);
  return { title: "shares of copies", name: "copies", columns: ["training_points", "ideal", "network", "new_draws"], rows };
}
