// Cost of the samplers without the network.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FIXTURES, MODEL } from "../tests/page/host.mjs";

const BATCH = 16;
const TINY = "tiny_pipeline/unet/";

/** Measures every sampler in the page, and reports the most expensive ones. */
export async function costOfSamplers(page, report) {
  const files = {
    "config.json": await readFile(join(FIXTURES, TINY, "config.json"), "base64"),
    "diffusion_pytorch_model.safetensors": await readFile(join(FIXTURES, TINY, "diffusion_pytorch_model.safetensors"), "base64"),
    "scheduler_config.json": await readFile(join(MODEL, "scheduler/scheduler_config.json"), "base64"),
  };
  const { network, samplers } = await page.evaluate(timeSamplers, { files, batch: BATCH });
  const all = (measure) => samplers.map((sampler) => `${sampler.name} ${measure(sampler).toFixed(2)}`).join(", ");
  const dearest = (measure) => samplers.reduce((dear, sampler) => (measure(sampler) > measure(dear) ? sampler : dear));

  const share = ({ step }) => (100 * step) / network;
  const slow = dearest(share);
  report(`CPU, a step of ${BATCH} digits without the network, dearest: ${slow.name}`, `${slow.step.toFixed(2)} ms`, `of ${network.toFixed(0)} ms with it`);
  report("CPU, that part of it", `${share(slow).toFixed(2)} %`, `target: under 2; all: ${all(share)}`);
  const planned = dearest(({ plan }) => plan);
  report(`Coefficients of 1000 steps, dearest: ${planned.name}`, `${planned.plan.toFixed(2)} ms`, `target: under 5; all: ${all(({ plan }) => plan)}`);
}

/**
 * Runs in the page. Measures the time of a step of `batch` digits with the shipped network and, for each sampler, a step of the same number of values with the cheapest model
 * (the ideal denoiser of a single Gaussian) and the creation of a run of 1000 steps.
 */
async function timeSamplers({ files, batch }) {
  const REPEATS = 9;
  const NUMBERS = 28 * 28;
  const { openDevice, Pipeline, PointModel, samplers } = await import("/tweedie/index.js");
  const device = await openDevice("cpu");
  /** The minimum of repeated times, because other load only increases them. */
  const least = async (measure) => {
    const times = [];
    for (let turn = 0; turn < REPEATS; turn++) times.push(await measure());
    return Math.min(...times);
  };
  /** Milliseconds of each of the next steps of a run. */
  const stepping = async (run, count) => {
    const before = run.completedSteps;
    const began = performance.now();
    for await (const { step } of run) if (step === before + count) break;
    const taken = run.completedSteps - before;
    return taken === 0 ? Infinity : (performance.now() - began) / taken;
  };

  const shipped = await Pipeline.fromPretrained("/models/mnist", { device });
  const withNetwork = shipped.sample({ sampler: "ddim", steps: 2 * REPEATS, batch, classLabels: 3 });
  const network = await least(() => stepping(withNetwork, 1));

  const gaussian = await PointModel.mixture({ means: [0, 0], spreads: [0.5] }, { device });
  const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const tiny = await Pipeline.fromPretrained(Object.fromEntries(Object.entries(files).map(([path, base64]) => [path, bytes(base64)])), { device });
  const initialNoise = Float32Array.from({ length: 3 * 8 * 8 }, (_, index) => Math.sin(index));
  const measured = [];
  for (const { name, options } of await samplers()) {
    if (name === "consistency") continue; // needs special models
    const own = { sampler: name, ...("stepSize" in options && { stepSize: 1e-3 }) };
    const isAdaptive = "relativeTolerance" in options;
    const stepped = isAdaptive ? own : { ...own, steps: 1000 };
    const run = gaussian.sample({ ...stepped, ...(isAdaptive && { absoluteTolerance: 1e-5, relativeTolerance: 1e-5 }), count: (batch * NUMBERS) / 2 });
    await stepping(run, 10); // fills the history of multistep methods
    const step = await least(() => stepping(run, 10));
    run.free();
    // Without noise, and with images so small that their cost is negligible.
    const plan = await least(() => {
      const began = performance.now();
      for (let turn = 0; turn < 5; turn++) tiny.sample({ ...stepped, initialNoise }).free();
      return (performance.now() - began) / 5;
    });
    measured.push({ name, step, plan });
  }
  return { network, samplers: measured };
}
