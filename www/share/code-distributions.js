/** The code that draws the samples of the distributions lab with the package. */

import { rejectionFor, schema } from "../distributions/settings.js";
import { KNOTS, outcomesOf, TARGETS } from "../distributions/targets.js";
import { readHeights } from "../distributions/written.js";
import { installPackage } from "./code-images.js";
import { javascript, object } from "./literals.js";

/** @param {object} settings  of the lab */
export function distributionsSnippets(settings) {
  const options = { ...(settings.method === "rejection" && { method: "rejection", ...rejectionFor(settings) }), count: Number(settings.count), ...(settings.seed !== 0 && { seed: settings.seed }) };
  const call = "const samples = await density.sample(";
  const code = `import { Density } from "tweedie/density";

const density = ${densityOf(settings)};
${call}${object(options, call)});
console.log(await density.test(samples));
`;
  return { javascript: { code, install: installPackage() } };
}

/** The call that makes the target. */
function densityOf(settings) {
  const { target } = settings;
  const value = (name) => settings[`${target}-${name}`];
  const parsed = (name) => schema[name].parse(settings[name]);
  switch (target) {
    case "mixture":
      return `Density.mixture([\n${parsed("components").map((component) => `  ${object(component)},\n`).join("")}])`;
    case "drawn":
      return `Density.piecewiseLinear(\n  ${javascript(KNOTS)},\n  ${javascript(readHeights(settings.drawing, KNOTS.length))},\n)`;
    case "formula":
      return `Density.formula(${JSON.stringify(settings.source)}, ${value("low")}, ${value("high")})`;
    case "discrete":
      return `Density.discrete(${javascript(outcomesOf(parsed("weights")))}, ${javascript(parsed("weights"))})`;
    case "power":
      return "Density.power(2, 2)";
  }
  return `Density.${target}(${Object.keys(TARGETS[target].parameters).map(value).join(", ")})`;
}
