/** The code that computes the cells of a comparison with the package. */

import { shippedModel } from "../shell/shipped-models.js";
import { installPackage } from "./code-images.js";
import { object } from "./literals.js";

const NOTHING = "The code is available when samples have been computed.";
const OF_POINTS = "The code covers comparisons of a checkpoint only. Code for points is in the lab “Diffusion in 2-D”.";

/**
 * @param {object[]} measures  of the comparison that is shown
 * @param {object} settings  of the lab
 */
export function compareSnippets(measures, { source, model }) {
  if (source !== "pictures") return { javascript: OF_POINTS };
  if (measures.length === 0) return { javascript: NOTHING };
  const shipped = shippedModel(model);
  const address = shipped === undefined ? model : new URL(shipped.folder, document.baseURI).href;
  const { batch, seed, classLabels } = measures[0].options;
  const common = { ...(batch !== 1 && { batch }), ...(seed !== 0 && { seed }), ...(classLabels !== undefined && { classLabels }) };
  const code = `import { Pipeline } from "tweedie/worker";

const pipeline = await Pipeline.fromPretrained(${JSON.stringify(address)});

async function samplesOf(options) {
  const sampling = pipeline.sample({ ...${object(common)}, ...options });
  for await (const _ of sampling);
  return sampling.noisy();
}

/** Logs the root mean squared difference of each run to the reference. */
async function compare(reference, runs) {
  const target = await samplesOf(reference);
  for (const options of runs) {
    const squares = (await samplesOf(options)).map((value, index) => (value - target[index]) ** 2);
    console.log(options, Math.sqrt(squares.reduce((sum, square) => sum + square) / squares.length));
  }
}

${groupsOf(measures).map(groupInJavaScript).join("")}`;
  return { javascript: { code, install: installPackage() } };
}

/** Runs by their reference. */
function groupsOf(measures) {
  const groups = new Map();
  for (const { options, referenceOptions } of measures) {
    const key = JSON.stringify(referenceOptions);
    if (!groups.has(key)) groups.set(key, { reference: own(referenceOptions), runs: [] });
    groups.get(key).runs.push(own(options));
  }
  return [...groups.values()];
}

const own = ({ batch, seed, classLabels, sampler, ...options }) => ({ sampler, ...options });

const groupInJavaScript = ({ reference, runs }) => `await compare(${object(reference, "await compare(")}, [\n${runs.map((options) => `  ${object(options, "  ").replaceAll("\n", "\n  ")},\n`).join("")}]);\n`;
