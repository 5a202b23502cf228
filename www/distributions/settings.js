/** What can be chosen in the distributions lab, what of it a link holds, and what the engine makes of it. */

import { choice, integer, number, text } from "../shell/address.js";
import { FIRST_COMPONENTS, FIRST_DRAWING, FIRST_FORMULA, FIRST_WEIGHTS, outcomesOf, PROPOSALS, TARGETS } from "./targets.js";
import { components, drawing, weights } from "./written.js";

export const MAX_COMPONENTS = 6;
export const OUTCOMES = [2, 16];
export const COUNTS = ["1000", "10000", "100000", "1000000", "10000000"];

/** The proposal that a link asks for by saying nothing: the one that suits its target. */
const SUITED = "suited";

const sliders = (prefix, families) => Object.fromEntries(Object.entries(families).flatMap(([family, { parameters }]) =>
  Object.entries(parameters).map(([name, { initial, least, most }]) => [`${prefix}${family}-${name}`, number(initial, least, most)])));

export const schema = {
  method: choice("inverse-cdf", ["inverse-cdf", "rejection"]),
  target: choice("mixture", Object.keys(TARGETS)),
  ...sliders("", TARGETS),
  components: components(FIRST_COMPONENTS, MAX_COMPONENTS),
  drawing: drawing(FIRST_DRAWING),
  source: text(FIRST_FORMULA, /^.{1,500}$/, "a formula, of at most 500 characters"),
  weights: weights(FIRST_WEIGHTS, OUTCOMES),
  proposal: choice(SUITED, [SUITED, ...Object.keys(PROPOSALS)]),
  fit: choice("fitted", ["fitted", "hand"]),
  ...sliders("q-", PROPOSALS),
  envelope: choice("supremum", ["supremum", "hand"]),
  c: number(1, 0.01, 10_000),
  count: choice("100000", COUNTS),
  seed: integer(1, 0, 2 ** 32 - 1),
  speed: choice("growing", ["slow", "growing", "fast"]),
};

/** Settings that belong to one target and are no slider. */
const OWN = { mixture: "components", drawn: "drawing", formula: "source", discrete: "weights" };

/** Replaces what a link left to the target. */
export function settle(settings) {
  if (settings.proposal === SUITED) settings.proposal = TARGETS[settings.target].proposal;
}

/** The sliders of a target. */
export const slidersOf = (target) => Object.keys(TARGETS[target].parameters).map((name) => `${target}-${name}`);

/** The sliders of a proposal. */
export const proposalSlidersOf = (proposal) => Object.keys(PROPOSALS[proposal].parameters).map((name) => `q-${proposal}-${name}`);

/** The part of the schema that makes a difference to these settings, for their link. */
export function schemaFor(settings) {
  const { target, method, proposal, fit, envelope } = settings;
  const names = ["method", "target", ...slidersOf(target), OWN[target]];
  if (method === "rejection") {
    names.push("envelope");
    if (target !== "discrete") names.push("proposal", "fit");
    if (target !== "discrete" && fit === "hand") names.push(...proposalSlidersOf(proposal));
    if (envelope === "hand") names.push("c");
  }
  names.push("count", "seed", "speed");
  return Object.fromEntries(names.filter(Boolean).map((name) => [name, schema[name]]));
}

/** The package's density for these settings. */
export function densityFor(Density, settings) {
  const { target } = settings;
  const values = Object.fromEntries(Object.keys(TARGETS[target].parameters).map((name) => [name, settings[`${target}-${name}`]]));
  const written = { components: schema.components.parse(settings.components), weights: schema.weights.parse(settings.weights) };
  return TARGETS[target].make(Density, { ...settings, ...written, ...values });
}

/** The values that a discrete target of these settings may have. */
export const outcomesFor = (settings) => outcomesOf(schema.weights.parse(settings.weights));

/** The package's options of rejection for these settings. */
export function rejectionFor(settings) {
  const { target, proposal: kind, fit, envelope, c } = settings;
  const values = Object.fromEntries(Object.keys(PROPOSALS[kind].parameters).map((name) => [name, settings[`q-${kind}-${name}`]]));
  // A discrete target is proposed one of its values, whatever was chosen for others.
  const proposal = target === "discrete" ? "uniform" : fit === "hand" ? { kind, ...values } : kind;
  return { proposal, ...(envelope === "hand" && { c }) };
}
