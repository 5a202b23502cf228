/** The code that computes what a step of the lab of points shows with the Rust crate. */

import { OWN } from "../points/settings.js";
import { rustFields, rustNumber, snakeCase } from "./literals.js";
import { spacingField, spacingImports, samplerInRust } from "./rust-images.js";

/** Where the types of the options of a training are, and what their values are called. */
const TYPES = {
  activation: { path: "nn::activation::Activation", name: "Activation" },
  prediction: { path: "diffusion::Prediction", name: "Prediction" },
  weighting: { path: "train::Weighting", name: "Weighting" },
  timeSampling: { path: "train::TimeSampling", name: "TimeSampling" },
  decay: { path: "train::LearningRateDecay", name: "LearningRateDecay" },
};
const NUMBERS = ["learningRate", "ema"];
const QUANTITIES = { velocity: "Velocity", score: "Score", clean: "Clean" };

/** @param {import("./code-points.js").Plan} plan */
export function pointsInRust(plan) {
  const { settings, model } = plan;
  const imports = new Set(["dataset::PointData"]);
  const body = [...dataInRust(settings, imports)];
  if (settings.step === "forward") body.push(...forwardInRust(plan, imports));
  else body.push(...modelInRust(plan, imports), ...(settings.step === "look" ? fieldInRust(plan, imports) : samplesInRust(plan, imports)));
  const opening = settings.step === "forward" ? [] : ["use burn::tensor::Device;"];
  const statements = settings.step === "forward" ? body : ["let device = Device::flex();", ...body];
  return `${[...opening, ...importsInRust(imports)].join("\n")}

fn main() -> tweedie::Result<()> {
${[...statements, "Ok(())"].map((line) => (line === "" ? "" : `    ${line}`)).join("\n")}
}
`;
}

/** One statement per module. */
function importsInRust(paths) {
  const modules = new Map();
  for (const path of [...paths].sort()) {
    const at = path.lastIndexOf("::");
    modules.set(path.slice(0, at), [...(modules.get(path.slice(0, at)) ?? []), path.slice(at + 2)]);
  }
  return [...modules].map(([module, names]) => `use tweedie::${module}::${names.length === 1 ? names[0] : `{${names.join(", ")}}`};`);
}

function dataInRust({ data, points, dataSeed }, imports) {
  if (OWN.includes(data)) {
    return ['let text = std::fs::read_to_string("points.csv").expect("points.csv can be read");', "let data = PointData::from_csv(&text)?;"];
  }
  imports.add("dataset::Named");
  return [`let data = PointData::draw(Named::from_name("${data}")?, ${points}, ${dataSeed})?;`];
}

const variant = (word) => word.split("-").map((part) => part[0].toUpperCase() + part.slice(1)).join("");

function scheduleInRust({ schedule }, imports) {
  imports.add("points::Schedule");
  if (schedule === "linear") return "Schedule::default()";
  imports.add("points::Fading");
  return `Schedule { fading: Fading::${variant(schedule)}, ..Schedule::default() }`;
}

function modelInRust({ model, settings, training, of }, imports) {
  if (model === "file") {
    imports.add("pipeline::PointModel");
    imports.add("points::PointPipeline");
    return [
      'let bytes = std::fs::read("network.safetensors").expect("network.safetensors can be read");',
      "let model = PointPipeline::learned(PointModel::from_safetensors(&bytes, &device)?, &device)?;",
    ];
  }
  if (model === "ideal") {
    imports.add("points::PointPipeline");
    const schedule = scheduleInRust(settings, imports);
    if (of === "distribution") return ['let mixture = data.mixture().expect("the data set is a mixture");', `let model = PointPipeline::of_mixture(&mixture, ${schedule}, &device)?;`];
    return ["let [training, _] = data.split(0.2, 0)?;", `let model = PointPipeline::of_points(training.points(), ${schedule}, &device)?;`];
  }
  for (const path of ["PointTraining", "PointTrainingOptions", "Weights"]) imports.add(`points::${path}`);
  const fields = Object.fromEntries(Object.entries(training).map(([name, value]) => [snakeCase(name), valueInRust(name, value, imports)]));
  const options = Object.keys(fields).length === 0 ? ["let options = PointTrainingOptions::default();"]
    : ["let options = PointTrainingOptions {", ...rustFields(fields, 1).trimEnd().split("\n"), "    ..PointTrainingOptions::default()", "};"];
  return [
    "let [training, _] = data.split(0.2, 0)?;",
    ...options,
    "let steps = options.steps;",
    "let mut trainer = PointTraining::new(training.points().as_flattened(), options, &device)?;",
    "for _ in 0..steps {",
    "    trainer.step()?;",
    "}",
    "let model = trainer.pipeline(Weights::Ema)?;",
  ];
}

function valueInRust(name, value, imports) {
  if (name === "schedule") return scheduleInRust({ schedule: value }, imports);
  if (name in TYPES) {
    imports.add(TYPES[name].path);
    return `${TYPES[name].name}::${variant(value)}`;
  }
  return NUMBERS.includes(name) ? rustNumber(value) : value;
}

function samplesInRust({ runs }, imports) {
  imports.add("points::PointSampleOptions");
  return runs.flatMap(({ title, options: { sampler, steps, count, seed, spacing, ...own } }) => {
    for (const name of spacingImports({ spacing })) imports.add(`checkpoint::scheduler::${name}`);
    if (sampler !== undefined) imports.add("cli::TextOptions");
    const fields = {
      ...(sampler !== undefined && { method: "Some(method)" }), ...spacingField({ spacing }),
      ...(steps !== undefined && { steps: `Some(${steps})` }), count: `Some(${count})`, ...(seed !== undefined && { seed }),
    };
    return [
      "",
      `// ${title}`,
      ...(sampler === undefined ? [] : samplerInRust(sampler, own, "model")),
      "let mut sampling = model.sample(&PointSampleOptions {",
      ...rustFields(fields, 1).trimEnd().split("\n"),
      "    ..PointSampleOptions::default()",
      "})?;",
      "while sampling.step()?.is_some() {}",
      'println!("{}", sampling.noisy());',
    ];
  });
}

function fieldInRust({ settings: { quantity }, time }, imports) {
  const grid = ["", "// A grid over the plane, row by row.", "let place = |index: i32| (index - 15) as f32 / 5.0;", "let grid: Vec<f32> = (0..31 * 31).flat_map(|index| [place(index % 31), place(index / 31)]).collect();"];
  const at = rustNumber(Number(time.toPrecision(6)));
  if (quantity === "density") {
    imports.add("points::DensityOptions");
    return [...grid, `let mut density = model.log_density(&grid, DensityOptions { time: ${at}, ..DensityOptions::default() })?;`, "while density.step()?.is_some() {}", 'println!("{}", density.nats());'];
  }
  imports.add("diffusion::Quantity");
  return [...grid, `println!("{}", model.field(&grid, ${at}, Quantity::${QUANTITIES[quantity]})?);`];
}

function forwardInRust({ settings, time }, imports) {
  imports.add("points::forward");
  const schedule = scheduleInRust(settings, imports);
  return [`let points = forward(data.points().as_flattened(), &${schedule}, ${rustNumber(Number(time.toPrecision(6)))}, 1)?;`, 'println!("{points:?}");'];
}
