// Samples per second of `Density`, d3-random and @stdlib/random in one page; called by main.mjs.
import { build } from "esbuild";

const COUNT = 10_000_000;
const ROUNDS = 6;

const LIBRARIES = `
  export { randomExponential, randomNormal } from "d3-random";
  export { default as exponential } from "@stdlib/random-base-exponential";
  export { default as normal } from "@stdlib/random-base-normal";
`;

/** Measures in a page of the built package; `report` adds rows to the benchmark's table. */
export async function speedOfDensities(page, report) {
  const { outputFiles } = await build({
    stdin: { contents: LIBRARIES, resolveDir: import.meta.dirname },
    bundle: true,
    format: "iife",
    globalName: "libraries",
    platform: "browser",
    define: { global: "globalThis", "process.env": "{}" },
    write: false,
  });
  await page.addScriptTag({ content: outputFiles[0].text });
  for (const memory of ["new", "given"])
    for (const [name, seconds] of Object.entries(await page.evaluate(timeSamplers, { count: COUNT, rounds: ROUNDS, memory })))
      compare(`Samples per second, ${name}, ${COUNT / 1e6} million into a ${memory} array`, seconds, report);
}

function compare(what, { tweedie, worker, ...others }, report) {
  const [fastest, time] = Object.entries(others).sort(([, one], [, other]) => one - other)[0];
  const [ours, workers, theirs] = [tweedie, worker, time].map((seconds) => `${(COUNT / seconds / 1e6).toFixed(0)} M/s`);
  report(what, `${(time / tweedie).toFixed(1)} times`, `${ours}, in the worker ${workers}; ${fastest} ${theirs}; target: at least 3 times`);
}

// Runs in the page. Takes the best of several rounds, in which all libraries take turns in rotating order.
async function timeSamplers({ count, rounds, memory }) {
  const { randomExponential, randomNormal, exponential, normal } = window.libraries;
  const tweedie = (await import("/tweedie/index.js")).Density;
  const worker = (await import("/tweedie/worker.js")).Density;
  const components = [{ weight: 0.3, mean: -2, sd: 0.5 }, { weight: 0.7, mean: 1, sd: 1 }];

  const filled = (sample) => async (samples) => {
    for (let index = 0; index < samples.length; index++) samples[index] = sample();
    return samples;
  };
  const sampled = (density) => (into, seed) => density.sample({ into, seed });
  const ofEach = (make) => {
    const [first, second] = components.map(({ mean, sd }) => make(mean, sd));
    return () => (Math.random() < components[0].weight ? first() : second());
  };
  const contests = {
    normal: [tweedie.normal(0, 1), worker.normal(0, 1), randomNormal(0, 1), normal.factory(0, 1)],
    exponential: [tweedie.exponential(1), worker.exponential(1), randomExponential(1), exponential.factory(1)],
    "mixture of two normals": [
      tweedie.mixture(components), worker.mixture(components),
      ofEach(randomNormal), ofEach((mean, sd) => normal.factory(mean, sd)),
    ],
  };

  let given = new Float64Array(count);
  const results = {};
  for (const [name, [here, there, d3, stdlib]] of Object.entries(contests)) {
    const samplers = Object.entries({
      tweedie: sampled(here), worker: sampled(there), "d3-random": filled(d3), "@stdlib/random": filled(stdlib),
    });
    const best = {};
    for (const [, sample] of samplers) await sample(new Float64Array(count / 10), 0); // compiles and creates tables
    for (let round = 0; round < rounds; round++) {
      samplers.push(samplers.shift());
      for (const [sampler, sample] of samplers) {
        const began = performance.now();
        const samples = await sample(memory === "new" ? new Float64Array(count) : given, round);
        const seconds = (performance.now() - began) / 1000;
        if (samples.length !== count || !samples.subarray(-9).every(Number.isFinite)) throw new Error(`${sampler} did not sample`);
        best[sampler] = Math.min(best[sampler] ?? Infinity, seconds);
        given = samples;
      }
    }
    results[name] = best;
  }
  return results;
}
