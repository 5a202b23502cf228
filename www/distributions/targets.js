/** The targets and the proposals, with their parameters. */

import { readHeights } from "./written.js";

/** A parameter with a slider. */
const parameter = (title, initial, least, most, step) => ({ title, initial, least, most, step });

const place = (title, initial) => parameter(title, initial, -5, 5, 0.1);

/** Positions of the heights of the drawn density. */
export const KNOTS = Array.from({ length: 61 }, (_, index) => Math.round(index - 30) / 10);
export const PAD = [KNOTS[0], KNOTS.at(-1)];
/** The initial drawing: a peak and a plateau. */
export const FIRST_DRAWING = KNOTS.map((x) => Math.round(44 * Math.exp(-(((x + 1.6) / 0.45) ** 2)) + 26 * Math.exp(-(((x - 1.3) / 0.9) ** 4))));
export const FIRST_WEIGHTS = [10, 30, 60, 40, 0, 50];
export const FIRST_FORMULA = "exp(-x^2/2) * (1 + sin(4*x)^2)";
export const FIRST_COMPONENTS = [{ weight: 0.6, mean: -1.5, sd: 0.6 }, { weight: 0.4, mean: 1.2, sd: 1 }];

/**
 * @typedef {object} Target
 * @property {string} title
 * @property {Record<string, object>} parameters  parameters with sliders; their settings are named `<target>-<parameter>`
 * @property {string} proposal  default proposal
 * @property {(Density: object, values: object) => object} make  creates the density from the values of its parameters,
 *   or from the settings of its editor
 */

/** @type {Record<string, Target>} */
export const TARGETS = {
  uniform: {
    title: "Uniform", proposal: "uniform",
    parameters: { low: place("Low", -1), high: place("High", 1) },
    make: (Density, { low, high }) => Density.uniform(low, high),
  },
  normal: {
    title: "Normal", proposal: "laplace",
    parameters: { mean: place("Mean μ", 0), sd: parameter("Standard deviation σ", 1, 0.1, 3, 0.05) },
    make: (Density, { mean, sd }) => Density.normal(mean, sd),
  },
  exponential: {
    title: "Exponential", proposal: "exponential",
    parameters: { rate: parameter("Rate λ", 1, 0.1, 5, 0.1) },
    make: (Density, { rate }) => Density.exponential(rate),
  },
  triangular: {
    title: "Triangular", proposal: "uniform",
    parameters: { low: place("Low", -2), mode: place("Mode", 1), high: place("High", 2) },
    make: (Density, { low, mode, high }) => Density.triangular(low, mode, high),
  },
  cauchy: {
    title: "Cauchy", proposal: "cauchy",
    parameters: { location: place("Location", 0), scale: parameter("Scale γ", 1, 0.1, 3, 0.05) },
    make: (Density, { location, scale }) => Density.cauchy(location, scale),
  },
  power: {
    title: "⅜ x²", proposal: "uniform", parameters: {},
    make: (Density) => Density.power(2, 2),
  },
  mixture: {
    title: "Mixture", proposal: "laplace", parameters: {},
    make: (Density, { components }) => Density.mixture(components),
  },
  drawn: {
    title: "Drawn", proposal: "uniform", parameters: {},
    make: (Density, { drawing }) => Density.piecewiseLinear(KNOTS, readHeights(drawing, KNOTS.length)),
  },
  formula: {
    title: "Formula", proposal: "uniform",
    parameters: { low: place("From", -3), high: place("To", 3) },
    make: (Density, { source, low, high }) => Density.formula(source, low, high),
  },
  discrete: {
    title: "Discrete", proposal: "uniform", parameters: {},
    make: (Density, { weights }) => Density.discrete(outcomesOf(weights), weights),
  },
};

/** The values of a discrete target. */
export const outcomesOf = (weights) => weights.map((_, index) => index + 1);

/** The proposals. The settings of their parameters are named `q-<proposal>-<parameter>`. */
export const PROPOSALS = {
  uniform: { title: "Uniform", parameters: { low: parameter("Low", -3, -20, 20, 0.1), high: parameter("High", 3, -20, 20, 0.1) } },
  normal: { title: "Normal", parameters: { mean: parameter("Mean", 0, -10, 10, 0.1), sd: parameter("Standard deviation", 1, 0.1, 10, 0.05) } },
  exponential: { title: "Exponential", parameters: { rate: parameter("Rate", 1, 0.05, 10, 0.05), origin: parameter("Origin", 0, -10, 10, 0.1) } },
  laplace: { title: "Laplace", parameters: { location: parameter("Location", 0, -10, 10, 0.1), scale: parameter("Scale", 1, 0.1, 10, 0.05) } },
  cauchy: { title: "Cauchy", parameters: { location: parameter("Location", 0, -10, 10, 0.1), scale: parameter("Scale", 1, 0.1, 10, 0.05) } },
};
