// A program that uses the whole API of both entries; it is only type-checked.
import { Density, init, openDevice, Pipeline, restorers, samplers, slerp, TweedieError } from "tweedie";
import type {
  BoundOptions, Density as AnyDensity, DensitySampleOptions, DensitySummary, Device, Envelope, LatentOptions, Likelihood, LikelihoodOptions, LoadProgress, Operator, RestoreMethodInfo, RestoreOptions, Restoration, Run, SampleOptions, SamplerInfo, SamplerOption,
  Sampling, Source, VariationalBound,
} from "tweedie";
import type {
  DistanceOptions, Paths, PointData, PointSampling, Quantity, ScheduleCurves, TrainerOptions,
} from "tweedie";
import * as offThread from "tweedie/worker";
import "tweedie/worker-script.js";
import * as densityOnly from "tweedie/density";
import * as pointsOnly from "tweedie/points";

const options: SampleOptions = {
  sampler: "ddim",
  steps: 20,
  spacing: "trailing",
  seed: 0,
  batch: 4,
  eta: 0,
  useClippedModelOutput: true,
  start: { images: new Float32Array(4 * 28 * 28), strength: 0.5 },
  classLabels: [0, 1, 2, 3],
  guidanceScale: 3,
  guidanceRescale: 0.7,
  guidanceInterval: [0.3, 5],
  initialNoise: new Float32Array(4 * 28 * 28),
  signal: new AbortController().signal,
};

/** Each sampler with its own options. */
const each: SampleOptions[] = [
  { sampler: "probability-flow", solver: "rk4", steps: 10 },
  { sampler: "dormand-prince", absoluteTolerance: 1e-4, relativeTolerance: 1e-4, maxEvaluations: 300 },
  { sampler: "lms", order: 4, spacing: "karras" },
  { sampler: "pndm", skipPrkSteps: true },
  { sampler: "dpm-solver++", order: 3, mode: "singlestep", solverType: "heun", stochastic: true, finalSigma: "zero", clipSample: false },
  { sampler: "dpm-solver", lowerOrderFinal: true, eulerAtFinal: false },
  { sampler: "deis", order: 3, lowerOrderFinal: false },
  { sampler: "unipc", order: 2, variant: "bh1", predictClean: true },
  { sampler: "predictor-corrector", predictor: "ancestral", correctorSteps: 2, snr: 0.1 },
  { sampler: "langevin", stepSize: 0.01 },
  { sampler: "annealed-langevin", stepsPerLevel: 3, stepSize: 0.01 },
  { sampler: "euler", steps: 5 },
];

/** Each operator with its own options. */
const operators: Operator[] = [
  { name: "inpaint", mask: new Uint8Array(784) },
  { name: "downsample", factor: 4 },
  { name: "blur", sigma: 1.5 },
  { name: "motion-blur", length: 7, angle: 30 },
  { name: "grey" },
  { name: "crop", top: 0, left: 0, height: 14, width: 28 },
  { name: "quantise", levels: 4 },
  { name: "linear", matrix: new Float32Array(784), outputs: 1 },
  // @ts-expect-error: there is no such operator
  { name: "gray" },
];
const restoring: RestoreOptions = { operator: operators[0]!, method: "repaint", noise: 0.05, jumpLength: 10, jumpSamples: 10, eta: 0, steps: 50, batch: 8 };

/** Several answers with what is known of them. */
async function restored(pipeline: Pipeline, images: Float32Array): Promise<Restoration> {
  const [first]: readonly RestoreMethodInfo[] = (await restorers()).methods;
  const { values, shape } = await pipeline.observe(images, { operator: operators[1]!, noise: 0.05, seed: 1 });
  console.log(first?.title, shape[1]);
  const run: Restoration = pipeline.restore(values, { ...restoring, operator: operators[1]!, method: "dps", stepSize: 1 });
  for await (const { step } of run) console.log(step, (await run.residual())[0], (await run.mean()).length, (await run.std()).length);
  const anagram: Sampling = pipeline.synchronise({ views: [{ classLabel: 6 }, { transform: "rotate-180", classLabel: 9, weight: 1 }], average: "clean", steps: 50 });
  await anagram.blob();
  return run;
}

const latents: LatentOptions[] = [
  { solver: "euler", steps: 50, classLabels: 3 },
  { solver: "dormand-prince", absoluteTolerance: 1e-4, maxEvaluations: 500 },
  // @ts-expect-error: the adaptive solver chooses its steps by itself
  { solver: "dormand-prince", steps: 10 },
];
const likelihood: LikelihoodOptions = {
  solver: "rk4", steps: 25, probes: 4, seed: 1, dequantisation: "uniform", dequantisationSeed: 2, classLabels: [3],
};
const bound: BoundOptions = { steps: 100, seed: 0, classLabels: 3, signal: new AbortController().signal };

/** The initial value of a form field. */
function initial(option: SamplerOption): string {
  switch (option.type) {
    case "flag": return option.default ? "yes" : "no";
    case "choice": return `${option.default} of ${option.choices.join(", ")}`;
    case "integer": return option.default.toFixed();
    case "number": return option.default?.toPrecision(3) ?? `from ${option.minimum} to ${option.maximum}`;
  }
}

async function finish<R extends Run>(run: R): Promise<R> {
  for await (const { step, steps } of run) console.log(step, steps, run.completedSteps);
  return run;
}

async function measureLikelihood(pipeline: Pipeline, images: Float32Array): Promise<void> {
  using run: Likelihood = await finish(pipeline.logLikelihood(images, likelihood));
  const nats: Float32Array = await run.nats();
  using terms: VariationalBound = await finish(pipeline.variationalBound(images, bound));
  const parts: [Float32Array, Float32Array, Float32Array] = [await terms.prior(), await terms.terms(), await terms.decoder()];
  console.log(nats, await run.bitsPerDimension(), await terms.bitsPerDimension(), await terms.timesteps(), parts);
}

async function paint(sampling: Sampling, context: CanvasRenderingContext2D, side: number): Promise<void> {
  for await (const { step, steps, timestep } of sampling) {
    const pixels = await sampling.images(step === steps ? "noisy" : "clean");
    context.putImageData(new ImageData(pixels.subarray(0, 4 * side * side), side), 0, timestep);
  }
  const noisy: Float32Array = await sampling.noisy();
  console.log(noisy.length === (await sampling.clean()).length, sampling.batch, sampling.completedSteps);
}

export async function main(source: Source, context: CanvasRenderingContext2D): Promise<void> {
  await init({ modules: { cpu: new URL("https://example.org/tweedie_cpu_bg.wasm"), webgpu: fetch("tweedie_webgpu_bg.wasm") } });
  const device: Device = await openDevice("auto");
  const onProgress = ({ file, loaded, total }: LoadProgress) => console.log(file, loaded, total ?? "unknown");
  try {
    using pipeline = await Pipeline.fromPretrained(source, {
      device,
      onProgress,
      revision: "main",
      endpoint: "https://example.org",
      cache: false,
    });
    using sampling = pipeline.sample(options);
    const known: readonly SamplerInfo[] = await samplers();
    for (const { sampler } of each) console.log(known.find(({ name }) => name === sampler)?.paper.url);
    for (const option of Object.values(known[1].options)) console.log(option.title, option.meaning, initial(option));
    const images = new Float32Array(28 * 28);
    const [from, to] = [await finish(pipeline.encode(images, latents[0])), await finish(pipeline.invert(images, { steps: 50 }))];
    const between: Float32Array = await slerp(await from.noisy(), await to.noisy(), 0.5);
    const decoding: Sampling = pipeline.decode(between, latents[1]);
    decoding.free();
    await measureLikelihood(pipeline, images);
    const side = typeof pipeline.sampleSize === "number" ? pipeline.sampleSize : pipeline.sampleSize[1];
    await paint(sampling, context, side);
    console.log(
      device.kind,
      pipeline.labels?.[pipeline.nullClassLabel ?? 0],
      pipeline.schedulerConfig["beta_schedule"],
      pipeline.schedulerDefaults.options[pipeline.schedulerDefaults.sampler]?.["order"],
    );
  } catch (error) {
    if (error instanceof TweedieError && error.code === "missing-file") console.error(error.message);
  }
}

/** Every kind of density, from both entries. */
const densities = ({ Density }: { Density: typeof AnyDensity }): AnyDensity[] => [
  Density.uniform(0, 1),
  Density.normal(0, 1),
  Density.exponential(2),
  Density.laplace(0, 1),
  Density.triangular(0, 1, 2),
  Density.cauchy(0, 1),
  Density.power(2, 2),
  Density.mixture([{ weight: 1, mean: 0, sd: 1 }, { weight: 2, mean: 3, sd: 0.5 }]),
  Density.piecewiseLinear([0, 1, 2], new Float32Array([0, 1, 0])),
  Density.formula("exp(-x^2)", -3, 3),
  Density.discrete([1, 2, 6], [0.5, 0.25, 0.25]),
];

const runs: DensitySampleOptions[] = [
  {},
  { method: "inverse-cdf", count: 10, seed: 1, signal: new AbortController().signal },
  { method: "rejection", count: 10, seed: 1, proposal: "laplace", c: 1.5 },
  { method: "rejection", proposal: { kind: "normal", mean: 0 }, into: new Float64Array(5) },
  // @ts-expect-error: only rejection has proposals
  { method: "inverse-cdf", proposal: "normal" },
  // @ts-expect-error: a parameter of another proposal
  { method: "rejection", proposal: { kind: "normal", rate: 1 } },
];

export async function sampleDensities(): Promise<void> {
  for (const density of [...densities({ Density }), ...densities(offThread)]) {
    using kept = density;
    const { mean, variance, support, isDiscrete }: DensitySummary = await kept.summary();
    const samples: Float64Array = await kept.sample(runs[0]);
    const { statistic, pValue, degreesOfFreedom } = await kept.test(samples);
    const { u, x } = await kept.inverseTransform({ count: 3, seed: 0 });
    const values = [await kept.density(x), await kept.cdf([0, 1]), await kept.inverseCdf(u)];
    const { accepted, isAccepted, acceptanceRate } = await kept.rejection({ proposal: "uniform", count: 5 });
    const { supremum, breaks, proposal }: Envelope = await kept.envelope({ c: 2, xs: [0, 1] });
    const sd: number | undefined = proposal.kind === "normal" ? proposal.sd : undefined;
    console.log(mean?.toFixed(1), variance, support[0], isDiscrete, statistic, pValue, degreesOfFreedom, values.length);
    console.log(accepted, isAccepted, acceptanceRate, supremum, breaks[0]?.[0], sd);
  }
  try {
    await Density.formula("1 +", 0, 1).summary();
  } catch (error) {
    if (error instanceof TweedieError && error.code === "formula") console.log(error.column);
  }
}

export async function mainOffThread(files: FileList, context: CanvasRenderingContext2D): Promise<void> {
  await offThread.init({ worker: () => new Worker("worker.js", { type: "module" }) });
  const pipeline = await offThread.Pipeline.fromPretrained(files);
  await paint(pipeline.sample(), context, 28);
  // @ts-expect-error: the option belongs to another sampler
  pipeline.sample({ sampler: "euler", eta: 1 });
  // @ts-expect-error: a misspelled sampler is refused
  pipeline.sample({ sampler: "dddpm" });
  // @ts-expect-error: only the worker entry takes a worker
  await init({ worker: new Worker("worker.js") });
}

async function points(entry: typeof import("tweedie") | typeof offThread): Promise<void> {
  const [{ name, isMixture }] = await entry.datasets();
  const data: PointData = await entry.PointData.named(name, { count: 500, seed: 1 });
  const drawn = await entry.PointData.from(new Float32Array(8));
  const [training, heldOut] = await (await entry.PointData.fromCsv("1,2\n3,4")).split({ fraction: 0.5 });
  const trainerOptions: TrainerOptions = {
    width: 64,
    activation: "gelu",
    prediction: "velocity",
    schedule: { name: "linear", timesteps: 500, betaEnd: 0.03 },
    weighting: "variational",
    octaves: 2,
    timeSampling: "log-snr",
    decay: "linear",
    device: await entry.openDevice("cpu"),
    signal: new AbortController().signal,
  };
  using trainer = await entry.Trainer.create(training, trainerOptions);
  for await (const { step, losses, learningRate } of trainer) console.log(step, losses[0], learningRate, trainer.idealLoss);
  const losses: Float32Array = await trainer.steps(10, {});
  await trainer.setLearningRate(1e-4);
  using gan = await entry.Trainer.create(training, { model: "gan", preset: "works", batch: 64 });
  for await (const { losses } of gan) console.log(losses.generator?.at(-1));
  const fromGan: Float32Array = await gan.sample({ count: 10, seed: 1 });
  const discriminator: Float32Array = await gan.field("discriminator", fromGan);
  console.log(discriminator, (await entry.families())[0]?.presets, gan.totalSteps);
  const again = await entry.Trainer.restore(await trainer.save());
  console.log(again.options.schedule, losses, heldOut.mean[0], drawn.scale, isMixture);
  const model = await trainer.model("current");
  const copy = await entry.PointModel.fromSafetensors(await model.toSafetensors());
  const ideal = await entry.PointModel.ideal(data, { schedule: "cosine", of: "distribution" });
  const line = await entry.PointModel.mixture({ means: [-1, 1], spreads: [0.1, 0.2], dimensions: 1 });
  const sampling: PointSampling = ideal.sample({ sampler: "deis", order: 2, steps: 10, count: 100 });
  for await (const { step } of sampling) console.log(step);
  const paths: Paths = await line.paths(new Float32Array([0.3]), { from: 10, to: 0, solver: "rk4" });
  const noise = copy.encode(data, { steps: 5 });
  const quantity: Quantity = "score";
  const arrows = await model.field(data, { time: 100, quantity });
  const density = await model.logDensity(arrows, { method: "flow", onProgress: ({ step }) => console.log(step) });
  const curves: ScheduleCurves = await entry.scheduleCurves("sigmoid");
  const noisy = await entry.forward(data, { schedule: "quadratic", time: 3.5 });
  const walk = await entry.forwardPaths(data, { times: [0, 10] });
  const options: DistanceOptions = { metric: "sliced-wasserstein", order: 1, projections: 50 };
  const far: number = await entry.distance(noisy, data, options);
  console.log(paths.times, noise.count, density, curves.logSnr, walk.positions, far, data.restore(noisy), model.kind);
  // @ts-expect-error mmd has no projections
  await entry.distance(noisy, data, { metric: "mmd", projections: 3 });
  // @ts-expect-error no such data set
  await entry.PointData.named("moons");
}
points(offThread);
