/** The code that draws the images of a run with diffusers: the loop that tests/parity compares our samplers with. */

import { describeLabels, python } from "./literals.js";

/** Schedulers by sampler, with the names of their options. */
const SCHEDULERS = {
  ddpm: { scheduler: "DDPMScheduler", isRandom: true },
  ddim: { scheduler: "DDIMScheduler", isRandom: true, step: { eta: "eta", useClippedModelOutput: "use_clipped_model_output" } },
  euler: { scheduler: "EulerDiscreteScheduler" },
  "euler-ancestral": { scheduler: "EulerAncestralDiscreteScheduler", isRandom: true },
  heun: { scheduler: "HeunDiscreteScheduler" },
  kdpm2: { scheduler: "KDPM2DiscreteScheduler" },
  "kdpm2-ancestral": { scheduler: "KDPM2AncestralDiscreteScheduler", isRandom: true },
  lms: { scheduler: "LMSDiscreteScheduler", step: { order: "order" } },
  pndm: { scheduler: "PNDMScheduler", config: { skipPrkSteps: "skip_prk_steps" } },
  "dpm-solver": { scheduler: "DPMSolverMultistepScheduler", algorithm: "dpmsolver" },
  "dpm-solver++": { scheduler: "DPMSolverMultistepScheduler", algorithm: "dpmsolver++" },
  deis: { scheduler: "DEISMultistepScheduler", config: { order: "solver_order", lowerOrderFinal: "lower_order_final" } },
  unipc: {
    scheduler: "UniPCMultistepScheduler",
    config: { order: "solver_order", variant: "solver_type", predictClean: "predict_x0", lowerOrderFinal: "lower_order_final" },
  },
};
const DPM_SOLVER = { order: "solver_order", solverType: "solver_type", lowerOrderFinal: "lower_order_final", eulerAtFinal: "euler_at_final" };
const SIGMAS = { karras: "use_karras_sigmas", exponential: "use_exponential_sigmas", beta: "use_beta_sigmas", "lu-lambdas": "use_lu_lambdas" };
/** A call is broken into lines when it would be longer. */
const WIDTH = 88;
const FILES = ["scheduler/scheduler_config.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors"];

/**
 * @param {import("./code-images.js").Plan} plan
 * @param {string} note
 * @returns {import("./code-dialog.js").Snippet | string}
 */
export function imagesInPython(plan, note) {
  const { sampler, own, options, pipeline } = plan;
  const known = SCHEDULERS[sampler.name];
  if (known === undefined) return `There is no Python code for this run: diffusers has no scheduler that gives the same images as ${sampler.title}.`;
  if (pipeline.alphasCumprod.length === 0) return "There is no Python code for this model: it was not trained on discrete timesteps, and the code supports only those.";
  const { scheduler, algorithm, isRandom = own.stochastic === true, step = {}, config = {} } = known;
  const isSinglestep = own.mode === "singlestep";
  const name = isSinglestep ? "DPMSolverSinglestepScheduler" : scheduler;
  const chosen = {
    ...(algorithm !== undefined && dpmSolver(algorithm, own, options)),
    ...renamed(own, algorithm === undefined ? config : DPM_SOLVER),
    ...(options.spacing !== undefined && (options.spacing in SIGMAS ? { [SIGMAS[options.spacing]]: true } : { timestep_spacing: options.spacing })),
    ...(options.finalSigma !== undefined && { final_sigmas_type: options.finalSigma.replace("-", "_") }),
  };
  const code = codeOf(plan, { name, chosen, step: renamed(own, step), isRandom });
  const packages = ["torch", "diffusers", ...(options.spacing === "beta" || sampler.name === "lms" ? ["scipy"] : []), "torchvision"];
  return { code, install: `pip install ${packages.join(" ")}`, note };
}

const renamed = (own, names) => Object.fromEntries(Object.entries(names).filter(([option]) => option in own).map(([option, name]) => [name, own[option]]));

function dpmSolver(algorithm, { stochastic }, { finalSigma }) {
  const type = stochastic ? `sde-${algorithm}` : algorithm;
  // diffusers refuses to end these at zero noise.
  const isWithoutZero = algorithm === "dpmsolver" && finalSigma === undefined;
  return { ...(type !== "dpmsolver++" && { algorithm_type: type }), ...(isWithoutZero && { final_sigmas_type: "sigma_min" }) };
}

function codeOf({ model, options, batch, labels, strength, pipeline }, { name, chosen, step, isRandom }) {
  const { steps, seed, guidanceScale, guidanceRescale, guidanceInterval } = options;
  const [height, width] = typeof pipeline.sampleSize === "number" ? [pipeline.sampleSize, pipeline.sampleSize] : pipeline.sampleSize;
  const shape = [batch, pipeline.channels, height, width];
  const isGuided = guidanceScale !== undefined;
  const stepArguments = [...Object.entries(step).map(([option, value]) => `${option}=${python(value)}`), ...(isRandom ? ["generator=generator"] : [])];
  const stepCall = `    x = scheduler.step(${["output", "t", "x", ...stepArguments].join(", ")}).prev_sample`;
  const network = labels === undefined ? "unet(shown, t).sample" : "unet(shown, t, labels).sample";
  const lines = [
    ...(model.kind === "shipped" ? ["import os", "import urllib.request", ""] : []),
    "import torch",
    `from diffusers import ${model.kind === "hub" ? `DiffusionPipeline, ${name}` : `${name}, UNet2DModel`}`,
    "from torchvision.utils import save_image",
    "",
    ...loading(model, { name, chosen }),
    steps === undefined ? "scheduler.set_timesteps(50)" : `scheduler.set_timesteps(${steps})`,
    `generator = torch.Generator().manual_seed(${seed})`,
    ...(labels === undefined ? [] : [`labels = ${labelsInPython(labels, batch)}`]),
    `noise = torch.randn(${shape.join(", ")}, generator=generator)`,
    ...beginning(strength, steps, shape),
    // The first two timesteps may be the same, and diffusers would begin with the second.
    ...(options.spacing in SIGMAS && strength === null ? ["scheduler.set_begin_index(0)"] : []),
    "",
    "with torch.no_grad():",
    ...indented([
      "for t in timesteps:",
      "    shown = scheduler.scale_model_input(x, t)",
      `    output = ${network}`,
      ...(isGuided ? guidance({ guidanceScale, guidanceRescale, guidanceInterval, nullClass: pipeline.nullClassLabel }) : []),
      stepCall,
    ]),
    "",
    `save_image(x / 2 + 0.5, "images.png", nrow=${Math.ceil(Math.sqrt(batch))})`,
  ];
  return `${lines.join("\n")}\n`;
}

const indented = (lines) => lines.map((line) => `    ${line}`);

/** The statements that load the network and the scheduler. */
function loading({ kind, name: model, address }, { name, chosen }) {
  if (kind === "hub") {
    return [
      `pipeline = DiffusionPipeline.from_pretrained(${python(model)})`,
      "unet = pipeline.unet.eval()",
      ...call(`scheduler = ${name}.from_config(`, "pipeline.scheduler.config", chosen),
    ];
  }
  const download = kind === "folder" ? [`folder = ${python(address)}`] : [
    `folder = ${python(model)}`,
    "for file in [",
    ...FILES.map((file) => `    ${python(file)},`),
    "]:",
    '    os.makedirs(os.path.dirname(f"{folder}/{file}"), exist_ok=True)',
    `    urllib.request.urlretrieve(f"${address}/{file}", f"{folder}/{file}")`,
    "",
  ];
  return [
    ...download,
    'unet = UNet2DModel.from_pretrained(folder, subfolder="unet", torch_dtype=torch.float32).eval()',
    ...call(`scheduler = ${name}.from_pretrained(`, "folder", { subfolder: "scheduler", ...chosen }),
  ];
}

/** A call with a first argument and named ones, in one line or with one line per argument. */
function call(before, first, named) {
  const all = [first, ...Object.entries(named).map(([name, value]) => `${name}=${python(value)}`)];
  const line = `${before}${all.join(", ")})`;
  return line.length <= WIDTH ? [line] : [before, ...all.map((argument) => `    ${argument},`), ")"];
}

/** What the loop starts from: noise, or an image with noise. */
function beginning(strength, steps, shape) {
  if (strength === null) return ["timesteps = scheduler.timesteps", "x = noise * scheduler.init_noise_sigma"];
  return [
    `image = torch.zeros(${shape.join(", ")})  # your image, with values in [-1, 1], once for each sample`,
    `begin = (${steps} - int(${steps} * ${strength})) * scheduler.order`,
    "timesteps = scheduler.timesteps[begin:]",
    'if hasattr(scheduler, "set_begin_index"):',
    "    scheduler.set_begin_index(begin)",
    "x = scheduler.add_noise(image, noise, timesteps[:1])",
  ];
}

function guidance({ guidanceScale, guidanceRescale, guidanceInterval, nullClass }) {
  const guided = [
    `unconditional = unet(shown, t, torch.full_like(labels, ${nullClass})).sample`,
    ...(guidanceRescale === undefined
      ? [`output = unconditional + ${guidanceScale} * (output - unconditional)`]
      : [
        `guided = unconditional + ${guidanceScale} * (output - unconditional)`,
        "rescaled = guided * output.std((1, 2, 3), keepdim=True) / guided.std((1, 2, 3), keepdim=True)",
        `output = guided + ${guidanceRescale} * (rescaled - guided)`,
      ]),
  ];
  if (guidanceInterval === undefined) return indented(guided);
  const [low, high] = guidanceInterval.map((value) => (value === Infinity ? 'float("inf")' : value));
  return indented([
    "alpha = scheduler.alphas_cumprod[int(t)]",
    `if ${low} <= ((1 - alpha) / alpha) ** 0.5 <= ${high}:`,
    ...indented(guided),
  ]);
}

function labelsInPython(labels, batch) {
  const described = describeLabels(labels);
  if (described.kind === "one") return `torch.full((${batch},), ${described.label})`;
  if (described.kind === "each") return `torch.tensor(${python(labels)})`;
  return described.period === batch ? `torch.arange(${batch})` : `torch.arange(${batch}) % ${described.period}`;
}
