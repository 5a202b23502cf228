/** The code that draws the images of a run: in JavaScript with the package, in Python with diffusers, in Rust with the crate. */

import { FOLDER_MODEL } from "../shell/models.js";
import { shippedModel } from "../shell/shipped-models.js";
import { Code, describeLabels, object } from "./literals.js";
import { imagesInPython } from "./python-images.js";
import { imagesInRust } from "./rust-images.js";

const NOTHING = "The code is available after the first image is drawn.";

/** The address of a file of the page. */
const addressOf = (path) => new URL(path, document.baseURI).href;

/** What must be installed for the JavaScript code. */
export const installPackage = () => `npm install ${addressOf("tweedie.tgz")}`;

/** What must be done to compile the Rust code. */
export const installCrate = (name) => `Unpack ${addressOf("tweedie-source.tgz")}, save this as examples/${name}.rs there, and run: cargo run --release --example ${name}`;

/**
 * @param {import("../images/shown.js").Run | null} run
 * @param {object | null} pipeline
 * @param {{ infoOf: (name: string) => object }} samplers
 */
export function imagesSnippets(run, pipeline, { infoOf }) {
  if (run === null || pipeline === null) return { javascript: NOTHING, python: NOTHING, rust: NOTHING };
  const plan = planOf(run, pipeline, infoOf(run.options.sampler));
  const note = noteOf(run.settings);
  return {
    javascript: { code: imagesInJavaScript(plan), install: installPackage(), note },
    python: imagesInPython(plan, note),
    rust: { code: imagesInRust(plan), install: installCrate("images"), note },
  };
}

function noteOf({ model, start }) {
  const notes = [];
  if (model === FOLDER_MODEL) notes.push("The code does not contain the folder of the model.");
  if (start === "picture") notes.push("The code does not contain the image that the run starts from.");
  return notes.join(" ");
}

/**
 * What the code of every language needs.
 * @typedef {object} Plan
 * @property {{ kind: "shipped" | "hub" | "folder", name: string, address: string }} model
 * @property {string} device
 * @property {object} sampler  as `samplers()` lists it
 * @property {object} own  options of the sampler that are not its defaults
 * @property {object} options  the other options of `pipeline.sample`, without classes and start
 * @property {number} batch
 * @property {number[] | undefined} labels
 * @property {number | null} strength  of the image that the run starts from, or null
 * @property {object} pipeline
 */

/** @returns {Plan} */
function planOf({ options, settings }, pipeline, sampler) {
  const { sampler: name, steps, seed, batch, classLabels, start, ...others } = options;
  const own = Object.fromEntries(Object.keys(sampler.options).filter((option) => option in others).map((option) => [option, others[option]]));
  for (const option of Object.keys(own)) delete others[option];
  const defaults = pipeline.schedulerDefaults.options[name] ?? {};
  for (const [option, value] of Object.entries(own)) {
    if (value === (defaults[option] ?? sampler.options[option].default)) delete own[option];
  }
  return {
    model: modelOf(settings.model), device: settings.device, sampler, own,
    options: { ...(steps !== undefined && { steps }), seed, ...others },
    batch, labels: classLabels, strength: settings.start === "picture" ? settings.strength : null, pipeline,
  };
}

function modelOf(name) {
  const shipped = shippedModel(name);
  if (shipped !== undefined) return { kind: "shipped", name, address: addressOf(shipped.folder) };
  return name === FOLDER_MODEL ? { kind: "folder", name: "model", address: "./model" } : { kind: "hub", name, address: name };
}

/** @param {Plan} plan */
function imagesInJavaScript({ model, device, sampler, own, options, batch, labels, strength }) {
  const opened = device === "auto" ? [] : [`const device = await openDevice("${device}");`];
  const load = `const pipeline = await Pipeline.fromPretrained(${JSON.stringify(model.address)}${opened.length > 0 ? ", { device }" : ""});`;
  const starts = strength === null ? [] : [
    'const file = document.querySelector("input[type=file]").files[0]; // your image',
    `const images = await pipeline.toImages(Array(${batch}).fill(file));`,
  ];
  const all = {
    sampler: sampler.name, ...own, ...options, ...labelsInJavaScript(labels, batch),
    ...(strength !== null && { start: new Code(`{ images, strength: ${strength} }`) }),
  };
  const call = "const sampling = pipeline.sample(";
  return `${[
    `import { ${opened.length > 0 ? "openDevice, " : ""}Pipeline } from "tweedie/worker";`,
    "",
    ...opened,
    load,
    ...starts,
    `${call}${object(all, call)});`,
    "for await (const { step, steps } of sampling) console.log(`${step} of ${steps}`);",
    "",
    'const canvas = document.body.appendChild(document.createElement("canvas"));',
    "await sampling.draw(canvas);",
  ].join("\n")}\n`;
}

function labelsInJavaScript(labels, batch) {
  if (labels === undefined) return batch === 1 ? {} : { batch };
  const described = describeLabels(labels);
  if (described.kind === "one") return { classLabels: described.label, ...(batch !== 1 && { batch }) };
  if (described.kind === "each") return { classLabels: labels };
  const index = described.period === batch ? "index" : `index % ${described.period}`;
  return { classLabels: new Code(`Array.from({ length: ${batch} }, (_, index) => ${index})`) };
}
