import { TweedieError } from "./errors.js";

/** Option names of diffusers, and their equivalents here. */
const OPTIONS = {
  __proto__: null,
  num_inference_steps: "steps",
  guidance_scale: "guidanceScale",
  guidance_rescale: "guidanceRescale",
  class_labels: "classLabels",
  use_clipped_model_output: "useClippedModelOutput",
  lower_order_final: "lowerOrderFinal",
  euler_at_final: "eulerAtFinal",
  skip_prk_steps: "skipPrkSteps",
  solver_type: "solverType",
  predict_x0: "predictClean",
  sampler_type: "sampler",
  n_steps: "steps",
  num_images_per_prompt: "batch",
  batch_size: "batch",
  generator: "seed",
  latents: "initialNoise",
  image: "start: { images, strength }",
  strength: "start: { images, strength }",
  scheduler: "sampler",
  num_train_timesteps: "steps",
  timestep_spacing: "spacing",
  final_sigmas_type: "finalSigma",
  use_karras_sigmas: 'spacing: "karras"',
  use_exponential_sigmas: 'spacing: "exponential"',
  use_beta_sigmas: 'spacing: "beta"',
  use_lu_lambdas: 'spacing: "lu-lambdas"',
  solver_order: "order",
  algorithm_type: "sampler",
  prediction_type: "the checkpoint's scheduler_config.json",
  output_type: "sampling.images(), imageData(), blob() or draw()",
  callback_on_step_end: "for await (const progress of sampling)",
  cache_dir: "cache",
  use_auth_token: "token",
  mirror: "endpoint",
  local_files_only: "cache",
  subfolder: "the address of the folder",
  jump_length: "jumpLength",
  jump_n_sample: "jumpSamples",
  mask_image: 'operator: { name: "inpaint", mask }',
};

/** Schedulers of diffusers, and the equivalent samplers. */
const SAMPLERS = {
  __proto__: null,
  DDPM: "ddpm",
  DDPMParallel: "ddpm",
  DDIM: "ddim",
  DDIMParallel: "ddim",
  PNDM: "pndm",
  LMSDiscrete: "lms",
  EulerDiscrete: "euler",
  EulerAncestralDiscrete: "euler-ancestral",
  FlowMatchEulerDiscrete: "euler",
  FlowMatchHeunDiscrete: "heun",
  EDMEuler: "euler",
  EDMDPMSolverMultistep: "dpm-solver++",
  HeunDiscrete: "heun",
  KDPM2Discrete: "kdpm2",
  KDPM2AncestralDiscrete: "kdpm2-ancestral",
  DPMSolverMultistep: "dpm-solver++",
  DPMSolverSinglestep: "dpm-solver++",
  DEISMultistep: "deis",
  UniPCMultistep: "unipc",
  IPNDM: "ipndm",
  ScoreSdeVe: "predictor-corrector",
  ScoreSdeVp: "euler-maruyama",
  CMStochasticIterative: "consistency",
  RePaint: 'pipeline.restore(observation, { method: "repaint", … })',
};

/** Other names of the methods of `restore`. */
const METHODS = {
  __proto__: null,
  "πgdm": "pigdm",
  pgdm: "pigdm",
  "pseudoinverse-guidance": "pigdm",
  "diffusion-posterior-sampling": "dps",
  repaintscheduler: "repaint",
  repaintpipeline: "repaint",
  replace: "replacement",
  ddrm: "ddrm",
};

/** Other names of the operators of `restore`. */
const OPERATORS = {
  __proto__: null,
  mask: "inpaint",
  inpainting: "inpaint",
  "super-resolution": "downsample",
  "gaussian-blur": "blur",
  motionblur: "motion-blur",
  gray: "grey",
  grayscale: "grey",
  greyscale: "grey",
  colorization: "grey",
  outpaint: "crop",
  outpainting: "crop",
  quantize: "quantise",
  linear: "linear",
};

/** Rejects option and sampler names of diffusers, and suggests the equivalent. */
export function refuseForeignNames(options) {
  if (typeof options !== "object" || options === null) return;
  for (const name of Object.keys(options)) suggest("option", name, OPTIONS[name], name);
  const { sampler, method, operator } = options;
  if (typeof sampler === "string") suggest("sampler", JSON.stringify(sampler), samplerMeantBy(sampler), sampler);
  if (typeof method === "string") suggest("method", JSON.stringify(method), meantBy(METHODS, method), method);
  const name = operator?.name;
  if (typeof name === "string") suggest("operator", JSON.stringify(name), meantBy(OPERATORS, name), name);
}

/** The equivalent of a name, which may have different case, or underscores. */
function meantBy(names, name) {
  const plain = name.toLowerCase().replaceAll(/[_ ]/g, "-");
  return names[plain] ?? Object.values(names).find((known) => known === plain);
}

function suggest(kind, quoted, meant, given) {
  if (typeof meant === "string" && meant !== given)
    throw new TweedieError("invalid-option", `there is no ${kind} ${quoted}; did you mean ${meant}?`);
}

/** The sampler for the name of a scheduler, or for a name with different case or underscores. */
function samplerMeantBy(name) {
  const plain = name.toLowerCase().replaceAll("_", "-");
  return SAMPLERS[name.replace(/Scheduler$/, "")] ?? Object.values(SAMPLERS).find((sampler) => sampler === plain);
}
