// Training steps per second compared with TensorFlow.js, sampling, and the time to learn two moons, in one page; called by main.mjs.
import { join } from "node:path";
import { build } from "esbuild";

const ROUNDS = 8;
const STEPS = 40;
const TENSORFLOW = join(import.meta.dirname, "../node_modules/@tensorflow/tfjs-backend-wasm/dist");

const LIBRARIES = `
  import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
  export * as tf from "@tensorflow/tfjs-core";
  export { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
`;

/** Measures in a page of the built package; `report` adds rows to the benchmark's table. */
export async function speedOfTraining(page, report) {
  await page.route("**/tensorflow/*", (route) => route.fulfill({ path: join(TENSORFLOW, new URL(route.request().url()).pathname.split("/").pop()) }));
  const { outputFiles } = await build({
    stdin: { contents: LIBRARIES, resolveDir: import.meta.dirname },
    bundle: true,
    format: "iife",
    globalName: "libraries",
    platform: "browser",
    define: { global: "globalThis" },
    external: ["fs", "path", "perf_hooks", "os", "worker_threads"],
    logLevel: "error",
    write: false,
  });
  await page.addScriptTag({ content: outputFiles[0].text });
  const { tweedie, tensorflow, backend } = await page.evaluate(timeSteps, { rounds: ROUNDS, steps: STEPS });
  const [ours, theirs] = [tweedie, tensorflow].map((seconds) => `${(seconds * 1000).toFixed(2)} ms`);
  report("Training 3→128→128→128→2, batch 512, steps per second", `${(tensorflow / tweedie).toFixed(1)} times`, `${ours} a step, ${backend} ${theirs}; target: at least 5 times`);
  const moons = await page.evaluate(timeMoons);
  report("Two moons, training until the sliced Wasserstein distance is below 0.08", `${moons.reached?.toFixed(1) ?? "never"} s`, `step ${moons.step}; ${moons.course}; two draws of the moons: ${moons.between.toFixed(3)}; target: at most 10 s`);
  report("Sampling 2,000 points with 50 DDIM steps", `${moons.sampling.toFixed(2)} s`, "target: at most 0.5 s");
}

// These functions run in the page.

// Takes the best of several alternating rounds. TensorFlow.js trains on one fixed batch; our steps also draw points, times and noise.
async function timeSteps({ rounds, steps }) {
  const { tf, setWasmPaths } = window.libraries;
  setWasmPaths(new URL("/tensorflow/", location).href);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tf.setBackend("wasm")) || !(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("TensorFlow.js has no wasm with SIMD here");
  const layers = [[3, 128], [128, 128], [128, 128], [128, 2]].map(([inputs, outputs]) => {
    const bound = 1 / Math.sqrt(inputs);
    return [tf.variable(tf.randomUniform([inputs, outputs], -bound, bound)), tf.variable(tf.randomUniform([outputs], -bound, bound))];
  });
  const silu = (x) => tf.mul(x, tf.sigmoid(x));
  const network = (x) => layers.reduce((x, [weight, bias], index) => tf.add(tf.matMul(index ? silu(x) : x, weight), bias), x);
  const [input, target] = [tf.randomNormal([512, 3]), tf.randomNormal([512, 2])];
  const adam = tf.train.adam(1e-3);
  const theirs = async (count) => {
    for (let step = 0; step < count; step++) adam.minimize(() => tf.losses.meanSquaredError(target, network(input)));
    await layers[0][1].data();
  };

  const { PointData, Trainer } = await import("/tweedie/index.js");
  const trainer = await Trainer.create(await PointData.named("two-moons"), { batch: 512, width: 128, depth: 3 });
  const ours = (count) => trainer.steps(count);

  const best = [Infinity, Infinity];
  for (let round = 0; round <= rounds; round++)
    for (const [index, take] of [ours, theirs].entries()) {
      const began = performance.now();
      await take(steps);
      // The first round includes compilation.
      if (round) best[index] = Math.min(best[index], (performance.now() - began) / steps / 1000);
    }
  trainer.free();
  return { tweedie: best[0], tensorflow: best[1], backend: `TensorFlow.js ${tf.version_core} (wasm, SIMD, one thread)` };
}

// With the defaults, evaluated every 100 steps; the evaluation is not timed. Uses 4,000 points each, to reduce the distance between two samples of the data itself.
async function timeMoons() {
  const { PointData, Trainer, distance } = await import("/tweedie/index.js");
  const [data, held] = [await PointData.named("two-moons", { count: 4000, seed: 0 }), await PointData.named("two-moons", { count: 4000, seed: 1 })];
  const trainer = await Trainer.create(data);
  const sample = async (model, count) => {
    const run = model.sample({ sampler: "ddim", steps: 50, count, seed: 1 });
    for await (const progress of run) void progress;
    const points = await run.noisy();
    run.free();
    return points;
  };
  const timed = async (work) => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  let [seconds, reached, step, sampling] = [0, null, null, Infinity];
  const course = [];
  while (seconds < 10 && trainer.completedSteps < trainer.options.steps) {
    seconds += await timed(() => trainer.steps(100));
    const model = await trainer.model();
    sampling = Math.min(sampling, await timed(() => sample(model, 2000)));
    const found = await distance(await sample(model, 4000), held, { metric: "sliced-wasserstein" });
    if (trainer.completedSteps % 300 === 0) course.push(`${trainer.completedSteps}: ${found.toFixed(3)}`);
    if (reached === null && found < 0.08) [reached, step] = [seconds, trainer.completedSteps];
    model.free();
  }
  const between = await distance(data, held, { metric: "sliced-wasserstein" });
  trainer.free();
  return { reached, step, sampling, between, course: course.join(", ") };
}
