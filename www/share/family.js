/** What the lab of generative models shares. */

import { measurementsTable } from "../family/measures.js";
import { MODELS } from "../family/models.js";
import { installPackage } from "./code-images.js";
import { object } from "./literals.js";
import { offerShare } from "./menu.js";
import { fileName } from "./names.js";
import { pointsTable } from "./tables.js";

const NOTHING = "Available when the lab has started.";

/**
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside
 * @param {object} family
 * @param {object} family.settings
 * @param {import("../family/view.js").FamilyView} family.view
 * @param {import("../family/table.js").FamilyTable} family.table
 * @param {() => { count: number, heldOut: number, options: Record<string, object> } | null} family.plan  the data and the options of each
 *   model, or null before the lab has started
 */
export function shareFamily(lab, beside, { settings, view, table, plan }) {
  const title = () => (settings.view === "all" ? "All models" : MODELS[settings.model].title);
  offerShare(lab, beside, {
    describe: () => ({
      name: fileName("models", settings.view === "all" ? "all" : settings.model, settings.data, `seed ${settings.seed}`),
      caption: [`${title()} trained on ${settings.data}`, view.state, `seed ${settings.seed}`].filter(Boolean).join(" · "),
      link: lab.link,
    }),
    picture: () => (plan() === null ? NOTHING : { ...view.picture.size, draw: (scale) => view.picture.copy(scale) }),
    tables: () => (plan() === null ? NOTHING : tablesOf(view, table)),
    snippets: () => ({ javascript: plan() === null ? NOTHING : { code: codeOf(settings, plan(), view.count), install: installPackage(), note: "" } }),
  });
}

function tablesOf(view, table) {
  const samples = view.samples.map(([model, points]) => pointsTable(`samples of ${MODELS[model].title}`, points));
  const losses = view.losses.map(([name, values]) => ({ title: name, name, columns: ["step", name], rows: () => Array.from(values, (value, index) => [index + 1, value]) }));
  const measured = table.measured.length === 0 ? [] : [measurementsTable(table.measured)];
  const all = [...measured, ...samples, ...losses];
  return all.length === 0 ? "Available when a model has trained." : all;
}

/** Trains the models that are shown, on the same points, and draws the samples that are shown. */
function codeOf({ data, seed }, { count, heldOut, options }, shown) {
  const head = [
    'import { PointData, Trainer } from "tweedie/worker";',
    "",
    `const data = await PointData.named("${data}", ${object({ count, seed })});`,
    `const [training] = await data.split(${object({ fraction: 1 - heldOut, seed })});`,
  ];
  const bodies = Object.entries(options).map(([model, given]) => [
    "",
    ...(model === "guidance" ? CLASSES : []),
    `const ${variable(model)} = await Trainer.create(training, ${model === "guidance" ? `{ ...${object(given)}, classes }` : object(given)});`,
    `for await (const { step, steps } of ${variable(model)}) console.log(\`\${step} of \${steps}\`);`,
    `const ${variable(model)}Samples = await ${variable(model)}.sample({ count: ${shown}, seed: 0 });`,
  ]);
  return [...head, ...bodies.flat(), ""].join("\n");
}

/** Code for the classes of `training`: those of `www/family/classes.js`. */
const CLASSES = [
  "const { mixture, points } = training;",
  "const distance = (x, y, mode) => (x - mixture.means[2 * mode]) ** 2 + (y - mixture.means[2 * mode + 1]) ** 2;",
  "const nearest = (x, y) => mixture.spreads.reduce((best, _, mode) => (distance(x, y, mode) < distance(x, y, best) ? mode : best), 0);",
  "const classOf = (x, y) => (mixture === null ? (x < 0 ? 1 : 0) + (y < 0 ? 2 : 0) : nearest(x, y));",
  "const classes = Array.from({ length: points.length / 2 }, (_, index) => classOf(points[2 * index], points[2 * index + 1]));",
];

/** "spline-flow" as "splineFlow". */
const variable = (model) => model.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
