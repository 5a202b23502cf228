// Measures speed and memory of the built package in headless Chromium, and prints a table: node bench/main.mjs
import { readdirSync, readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { speedOfDensities } from "./density.mjs";
import { framesOfPoints } from "./frames.mjs";
import { speedOfTraining } from "./training.mjs";
import { chromiumWith, FIXTURES, MODEL, serve, WEBGPU } from "../tests/page/host.mjs";
import { costOfSamplers } from "./samplers.mjs";

const MIB = 2 ** 20;
const SAMPLINGS = 200;
const ROUNDS = 5;

const server = await serve();
const rows = [];
const report = (what, value, remark = "") => rows.push([what, value, remark]);
try {
  await inBrowser([], speedOnCpu);
  await inBrowser([], function costBesideNetwork(page) { return costOfSamplers(page, report); });
  await inBrowser([], memoryOfLoading);
  await inBrowser([], function speedOfSampling(page) { return speedOfDensities(page, report); });
  await inBrowser([], function frames(page) { return framesOfPoints(page, report); });
  await inBrowser([], function speedOfPoints(page) { return speedOfTraining(page, report); });
  await inBrowser([WEBGPU], speedOnWebGpu);
  await inBrowser([WEBGPU], memoryOfSampling);
} finally {
  server.close();
}
const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
for (const [what, value, remark] of rows) console.log(`${what.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${remark}`);

async function speedOnCpu(page) {
  const unit = await page.evaluate(timeScalarLoop);
  const { milliseconds, steps } = await page.evaluate(timeSampling, { kind: "cpu", batch: 16, steps: 20 });
  report("CPU, 16 digits with 20 DDIM steps", `${(milliseconds / 1000).toFixed(2)} s`, "target: at most 6 s on 2 cores");
  report("CPU, each of these steps", `${(milliseconds / steps).toFixed(0)} ms`);
  report("CPU, the whole against 10⁸ multiply-adds of a scalar loop", (milliseconds / unit).toFixed(1), `of ${unit.toFixed(0)} ms each`);
}

async function memoryOfLoading(page) {
  const { size } = await stat(join(MODEL, "unet/diffusion_pytorch_model.safetensors"));
  const { before, after } = await page.evaluate(measureLoading);
  report("Loading, growth of the module's memory", `${((after - before) / MIB).toFixed(1)} MiB`, `from ${(before / MIB).toFixed(1)} MiB`);
  report("Loading, that growth against the checkpoint's bytes", ((after - before) / size).toFixed(2), "target: at most 3");
}

async function speedOnWebGpu(page) {
  const { milliseconds, steps, description } = await page.evaluate(timeSampling, { kind: "webgpu", batch: 1, steps: 10 });
  report("WebGPU, 1 digit, each step", `${(milliseconds / steps).toFixed(0)} ms`, description);
}

async function memoryOfSampling(page, memoryOfBrowser) {
  // A tiny network: leaks do not depend on its size, and the GPU is emulated on the CPU here.
  const files = ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json"];
  const contents = await Promise.all(files.map(async (path) => [path, await readFile(join(FIXTURES, "tiny_pipeline", path), "base64")]));
  await page.evaluate(loadForRepetition, Object.fromEntries(contents));
  const after = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.evaluate(sampleRepeatedly, SAMPLINGS / ROUNDS);
    after.push(memoryOfBrowser());
  }
  const inMib = after.map((bytes) => (bytes / MIB).toFixed(0));
  report(`WebGPU, memory after every ${SAMPLINGS / ROUNDS} of ${SAMPLINGS} samplings`, `${inMib.at(-1)} MiB`, `${inMib.join(", ")}; target: steady`);
}

/** Runs `body` in a separate browser, on an otherwise idle page. */
async function inBrowser(flags, body) {
  const began = performance.now();
  const host = await chromium.launchServer(chromiumWith(...flags));
  try {
    const page = await (await chromium.connect(host.wsEndpoint())).newPage();
    await page.goto(`${server.url}models/mnist/model_index.json`);
    await body(page, () => memoryOfFamily(host.process().pid));
  } finally {
    await host.close();
    process.stderr.write(`${body.name}: measured in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  }
}

/** Memory of a process and its descendants, in bytes; shared pages are divided among their users (PSS). */
function memoryOfFamily(ancestor) {
  const parents = new Map(readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => [Number(pid), parentOf(pid)]));
  const isDescendant = (pid) => pid === ancestor || (parents.has(pid) && isDescendant(parents.get(pid)));
  return [...parents.keys()].filter(isDescendant).reduce((sum, pid) => sum + memoryOf(pid), 0);
}

// A process may end between being listed and being read.
function parentOf(pid) {
  return Number(readOr(`/proc/${pid}/stat`, "").replace(/^.*\) \S /s, "").split(" ")[0]);
}

function memoryOf(pid) {
  return 1024 * Number(readOr(`/proc/${pid}/smaps_rollup`, "").match(/^Pss:\s+(\d+)/m)?.[1] ?? 0);
}

function readOr(path, fallback) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback;
  }
}

// The following functions run in the page.

function timeScalarLoop() {
  const began = performance.now();
  let value = 0;
  for (let turn = 0; turn < 1e8; turn++) value = value * 0.999 + 1;
  if (Math.abs(value - 1000) > 1) throw new Error("the loop was not run");
  return performance.now() - began;
}

async function timeSampling({ kind, batch, steps }) {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const device = await openDevice(kind);
  const pipeline = await Pipeline.fromPretrained("/models/mnist", { device });
  const run = async (options) => {
    const sampling = pipeline.sample({ sampler: "ddim", batch, classLabels: 3, ...options });
    for await (const { step } of sampling) if (step > steps) throw new Error("too many steps");
    await sampling.images();
    sampling.free();
  };
  await run({ steps: 1 }); // compiles the kernels
  const began = performance.now();
  await run({ steps });
  return { milliseconds: performance.now() - began, steps, description: device.description };
}

async function measureLoading() {
  const { init, openDevice, Pipeline } = await import("/tweedie/index.js");
  const bindings = await import("/tweedie/tweedie_cpu.js");
  await init();
  const device = await openDevice("cpu");
  // The bindings return the existing instance. Its memory never shrinks, so the growth is the peak.
  const { memory } = await bindings.default();
  const before = memory.buffer.byteLength;
  await Pipeline.fromPretrained("/models/mnist", { device });
  return { before, after: memory.buffer.byteLength };
}

async function loadForRepetition(contents) {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const source = Object.fromEntries(Object.entries(contents).map(([path, base64]) => [path, bytes(base64)]));
  window.pipeline = await Pipeline.fromPretrained(source, { device: await openDevice("webgpu") });
}

async function sampleRepeatedly(times) {
  for (let seed = 0; seed < times; seed++) {
    const sampling = window.pipeline.sample({ sampler: "ddim", steps: 4, batch: 8, seed });
    for await (const { step } of sampling) if (step > 4) throw new Error("too many steps");
    await sampling.images();
    sampling.free();
  }
}
