/** The code that draws the images of a run with the Rust crate. */

import { describeLabels, rustFields, rustNumber, snakeCase } from "./literals.js";

/** Names of words of a caller, as `TextOptions` takes them. */
const optionsText = (own) => Object.entries(own).map(([name, value]) => `${snakeCase(name)}=${value}`).join(",");

/** The statements that choose a sampler with its own options; `model` is what has the scheduler. */
export function samplerInRust(name, own, model) {
  const text = optionsText(own);
  return [
    `let mut own = TextOptions::${text === "" ? "default()" : `parse("${text}")?`};`,
    `let method = ${model}.scheduler().method_named(Some("${name}"), &mut own)?;`,
  ];
}

/** @param {import("./code-images.js").Plan} plan */
export function imagesInRust({ model, device, sampler, own, options, batch, labels, strength, pipeline }) {
  const { steps, seed, spacing, finalSigma, guidanceScale, guidanceRescale, guidanceInterval } = options;
  const fields = {
    method: "Some(method)",
    ...spacingField({ spacing, finalSigma }),
    ...(steps !== undefined && { steps: `Some(${steps})` }),
    ...(seed !== 0 && { seed }),
    ...(labels === undefined ? batch !== 1 && { batch: `Some(${batch})` } : labelsInRust(labels, batch)),
    ...(guidanceScale !== undefined && { guidance_scale: rustNumber(guidanceScale) }),
    ...(guidanceRescale !== undefined && { guidance_rescale: rustNumber(guidanceRescale) }),
    ...(guidanceInterval !== undefined && { guidance_interval: `Some([${guidanceInterval.map(rustNumber).join(", ")}])` }),
    ...(strength !== null && { start: `Some(Start { images, strength: ${rustNumber(strength)} })` }),
  };
  const { height, width } = sizeOf(pipeline);
  const spacingNames = spacingImports({ spacing, finalSigma });
  const imports = [
    "use burn::tensor::Device;",
    ...(spacingNames.length === 0 ? [] : [`use tweedie::checkpoint::scheduler::{${spacingNames.join(", ")}};`]),
    "use tweedie::cli::{Picture, TextOptions};",
    ...(strength === null ? [] : ["use tweedie::pipeline::Start;"]),
    "use tweedie::{Checkpoint, Pipeline, Result, SampleOptions};",
  ];
  const shape = `[${batch}, ${pipeline.channels}, ${height}, ${width}]`;
  const start = strength === null ? "" : `    // Your image, with values in [-1, 1], once for each sample.\n    let images = vec![0.0; ${[batch, pipeline.channels, height, width].join(" * ")}]; // ${shape}\n`;
  const native = device === "webgpu" ? "    // The images of the page were computed on WebGPU, whose rounding differs slightly.\n" : "";
  return `${imports.join("\n")}

fn main() -> Result<()> {
    let checkpoint = Checkpoint::read_folder("${folderOf(model)}".as_ref())?;${hintOf(model)}
${native}    let pipeline = Pipeline::new(checkpoint, &Device::flex())?;
${samplerInRust(sampler.name, own, "pipeline").map((line) => `    ${line}\n`).join("")}${start}    let mut sampling = pipeline.sample(&SampleOptions {
${rustFields(fields)}        ..SampleOptions::default()
    })?;
    while let Some(progress) = sampling.step()? {
        println!("{} of {}", progress.step, progress.steps);
    }
    let columns = ${Math.ceil(Math.sqrt(batch))};
    Picture::grid(sampling.verified()?, pipeline.data_range(), columns)?
        .write_png("images.png".as_ref())
}
`;
}

const sizeOf = ({ sampleSize }) => {
  const [height, width] = typeof sampleSize === "number" ? [sampleSize, sampleSize] : sampleSize;
  return { height, width };
};

const folderOf = ({ kind, name }) => (kind === "shipped" ? `www/models/${name}` : kind === "hub" ? name.split("/")[1] : name);
const hintOf = ({ kind, name }) => (kind === "hub" ? ` // hf download ${name} --local-dir ${name.split("/")[1]}` : "");

/** The types that `spacingField` needs. */
export const spacingImports = ({ spacing, finalSigma }) => {
  if (spacing === undefined && finalSigma === undefined) return [];
  return [...(finalSigma === undefined ? [] : ["FinalSigma"]), "SpacingOptions", ...(spacing === undefined ? [] : ["Spacing"])];
};

/** The field for noise levels that were chosen. */
export function spacingField({ spacing, finalSigma }) {
  if (spacing === undefined && finalSigma === undefined) return {};
  const chosen = [
    ...(spacing === undefined ? [] : [`spacing: Spacing::from_name("${spacing}")`]),
    ...(finalSigma === undefined ? [] : [`final_sigma: FinalSigma::from_name("${finalSigma}")`]),
    ...(spacing === undefined || finalSigma === undefined ? ["..SpacingOptions::default()"] : []),
  ];
  return { spacing: `SpacingOptions { ${chosen.join(", ")} }` };
}

function labelsInRust(labels, batch) {
  const described = describeLabels(labels);
  if (described.kind === "one") return { class_labels: `vec![${described.label}]`, ...(batch !== 1 && { batch: `Some(${batch})` }) };
  if (described.kind === "each") return { class_labels: `vec![${labels.join(", ")}]` };
  return { class_labels: described.period === batch ? `(0..${batch}).collect()` : `(0..${batch}).map(|index| index % ${described.period}).collect()` };
}
