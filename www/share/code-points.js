/** The code that computes what a step of the lab of points shows: in JavaScript with the package, in Rust with the crate. */

import { OWN, samplingOptions, schema, trainerOptions } from "../points/settings.js";
import { isAdaptive } from "../shell/samplers.js";
import { installCrate, installPackage } from "./code-images.js";
import { object } from "./literals.js";
import { pointsInRust } from "./rust-points.js";

const NOTHING = "The code is available when the lab has started.";
const ONE_DIMENSION = "There is no code for the view in one dimension. Choose the view in 2-D.";
/** What the views pass to the package. */
const FLOW = { sampler: "ddim", steps: 40, count: 1200 };
const PREVIEW = { steps: 20 };
const NOISE_SEED = 1;
/** The options of `Trainer.create` that the lab opens with, which are the defaults of the package. */
const DEFAULT_TRAINING = trainerOptions(Object.fromEntries(Object.entries(schema).map(([name, { initial }]) => [name, initial])));

/**
 * @param {object} settings  of the lab
 * @param {import("../points/workspace.js").Workspace | undefined} workspace
 */
export function pointsSnippets(settings, workspace) {
  if (workspace === undefined || workspace.curves === null) return { javascript: NOTHING, rust: NOTHING };
  if (settings.step === "forward" && settings.dimensions === "1") return { javascript: ONE_DIMENSION, rust: ONE_DIMENSION };
  const plan = planOf(settings, workspace);
  const note = noteOf(settings, plan, workspace.run);
  return {
    javascript: { code: pointsInJavaScript(plan), install: installPackage(), note },
    rust: { code: pointsInRust(plan), install: installCrate("points"), note },
  };
}

function noteOf({ data, step }, { model }, run) {
  const notes = [];
  if (OWN.includes(data)) notes.push("The code does not contain your points. Save them in step 1 (Share, Save points) as points.csv.");
  if (model === "file") notes.push("The code does not contain the weights of the network. Download them in step 3.");
  if (model === "network" && step !== "train") notes.push("The network is trained again, with the same seed.");
  if (model === "network" && run !== null && run.step < run.steps) notes.push(`The network that is shown has ${run.step} of ${run.steps} training steps; the code trains all of them.`);
  return notes.join(" ");
}

/**
 * What the code of every language needs.
 * @typedef {object} Plan
 * @property {object} settings
 * @property {"network" | "file" | "ideal" | null} model  null for a step without a model
 * @property {object} training  options of `Trainer.create` that are not its defaults
 * @property {"points" | "distribution"} of  what the ideal denoiser knows
 * @property {{ title: string, options: object }[]} runs  of samplers, with options that are not the package's defaults
 * @property {number} time  the timestep that is shown
 */

/** @returns {Plan} */
function planOf(settings, workspace) {
  const { step } = settings;
  const kind = step === "sample" ? settings.model : step === "look" && settings.whose === "ideal" ? "ideal" : step === "forward" ? null : "network";
  const hasNetwork = workspace.hasNetwork || step === "train";
  const model = kind === "network" ? (!hasNetwork ? "ideal" : workspace.run?.state === "loaded" ? "file" : "network") : kind;
  return {
    settings, model, training: changedTraining(workspace.run?.trainer?.options ?? trainerOptions(settings)),
    of: workspace.dataset.hasDistribution ? settings.ideal : "points",
    runs: runsOf(settings, workspace),
    time: settings.time * workspace.curves.last,
  };
}

/** The options of a training that are not the defaults. A trainer has its schedule as an object. */
function changedTraining(options) {
  const written = (name) => (typeof options[name] === "object" ? options[name].name : rounded(options[name]));
  const all = Object.keys(DEFAULT_TRAINING).map((name) => [name, written(name)]);
  return Object.fromEntries(all.filter(([name, value]) => value !== DEFAULT_TRAINING[name]));
}

/** Numbers may have been rounded to 32 bits. */
const rounded = (value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value);

function runsOf(settings, { samplers, curves }) {
  const { step, seed, count } = settings;
  if (step === "data") return [{ title: "DDIM", options: { ...FLOW, ...seeded(seed) } }];
  if (step === "train") return [{ title: "DPM-Solver++", options: { ...PREVIEW, count: Math.min(count, 5000), ...seeded(seed) } }];
  if (step !== "sample") return [];
  const chosen = samplers.filter(({ name }) => settings.samplers.includes(name));
  const ordered = ["none", "each-step"].flatMap((noise) => chosen.filter((sampler) => sampler.noise === noise));
  return ordered.map((sampler) => {
    const { sampler: name, steps, count, seed, ...own } = samplingOptions(sampler, settings, curves);
    const changed = Object.fromEntries(Object.entries(own).filter(([option, value]) => sampler.options[option]?.default !== value));
    return { title: sampler.title, options: { sampler: name, ...changed, ...(!isAdaptive(sampler) && { steps }), count, ...seeded(seed) } };
  });
}

const seeded = (seed) => (seed === 0 ? {} : { seed });

/** @param {Plan} plan */
function pointsInJavaScript(plan) {
  const { settings, model, time } = plan;
  const names = ["PointData", ...(model === "ideal" || model === "file" ? ["PointModel"] : []), ...(model === "network" ? ["Trainer"] : []), ...(settings.step === "forward" ? ["forward"] : [])];
  const lines = [`import { ${names.join(", ")} } from "tweedie/worker";`, "", ...dataInJavaScript(settings)];
  if (settings.step === "forward") {
    const options = { ...scheduled(settings), time: rounded(time), seed: NOISE_SEED };
    lines.push(`const points = await forward(data, ${object(options)});`);
  } else {
    lines.push(...modelInJavaScript(plan), ...usesInJavaScript(plan));
  }
  return `${lines.join("\n")}\nconsole.log(points);${plan.runs.length > 1 || settings.step === "look" ? "" : " // x0, y0, x1, y1, …"}\n`;
}

const scheduled = ({ schedule }) => (schedule === schema.schedule.initial ? {} : { schedule });

function dataInJavaScript({ data, points, dataSeed }) {
  if (OWN.includes(data)) return ['const csv = await (await fetch("points.csv")).blob();', "const data = await PointData.fromCsv(csv);"];
  const options = { ...(points !== 2000 && { count: points }), ...seeded(dataSeed) };
  return [`const data = await PointData.named("${data}"${Object.keys(options).length > 0 ? `, ${object(options)}` : ""});`];
}

function modelInJavaScript({ model, settings, training, of }) {
  if (model === "file") return ['const weights = new Uint8Array(await (await fetch("network.safetensors")).arrayBuffer());', "const model = await PointModel.fromSafetensors(weights);"];
  const split = "const [training] = await data.split();";
  if (model === "ideal") {
    const options = { ...scheduled(settings), ...(of !== "points" && { of }) };
    return [split, `const model = await PointModel.ideal(training${Object.keys(options).length === 0 ? "" : `, ${object(options)}`});`];
  }
  const call = "const trainer = await Trainer.create(training, ";
  return [
    split,
    Object.keys(training).length === 0 ? "const trainer = await Trainer.create(training);" : `${call}${object(training, call)});`,
    "for await (const { step, losses } of trainer) console.log(step, losses.at(-1));",
    "const model = await trainer.model();",
  ];
}

function usesInJavaScript({ settings, runs, time }) {
  if (settings.step === "look") return fieldInJavaScript(settings, time);
  if (runs.length === 1) {
    const call = "const sampling = model.sample(";
    return [`${call}${object(runs[0].options, call)});`, "for await (const _ of sampling);", "const points = await sampling.noisy();"];
  }
  const all = runs.map(({ options }) => `  ${object(options, "  ")},`.replaceAll("\n", "\n  "));
  return [
    "const points = {};",
    "for (const options of [", ...all, "]) {",
    "  const sampling = model.sample(options);",
    "  for await (const _ of sampling);",
    "  points[options.sampler] = await sampling.noisy();",
    "}",
  ];
}

function fieldInJavaScript({ quantity }, time) {
  const grid = ["// A grid over the plane, row by row.", "const places = Array.from({ length: 31 }, (_, index) => (index - 15) / 5);", "const grid = Float32Array.from(places.flatMap((y) => places.flatMap((x) => [x, y])));"];
  const at = `time: ${rounded(time)}`;
  if (quantity === "density") return [...grid, `const points = await model.logDensity(grid, { ${at} });`];
  return [...grid, `const points = await model.field(grid, { ${at}, quantity: "${quantity}" });`];
}

