// What labs share that needs no browser: source code, names of files, CSV, and links of embedded views.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { schema } from "../../../www/points/settings.js";
import { pointRows } from "../../../www/share/csv.js";
import { embeddedQuery, iframeFor, readEmbed } from "../../../www/share/embed.js";
import { describeLabels, object, rustNumber } from "../../../www/share/literals.js";
import { evenly, fileName } from "../../../www/share/names.js";
import { imagesInRust } from "../../../www/share/rust-images.js";
import { pointsInRust } from "../../../www/share/rust-points.js";
import { Snapshots } from "../../../www/share/snapshots.js";

const SOURCES = fileURLToPath(new URL("../../../src/", import.meta.url));
/** Of other crates, and of the language. */
const FOREIGN = new Set(["Device", "Some", "Ok", "Vec", "String", "INFINITY"]);
const settings = Object.fromEntries(Object.entries(schema).map(([name, { initial }]) => [name, initial]));

/** The source of the crate, without its comments. */
async function crate() {
  const files = (await readdir(SOURCES, { recursive: true })).filter((path) => path.endsWith(".rs"));
  return (await Promise.all(files.map((path) => readFile(join(SOURCES, path), "utf8")))).join("\n").replace(/^\s*\/\/.*$/gm, "");
}

/** Every Rust program that the dialogs show, as far as names of the crate go. */
function programs() {
  const sampler = { name: "ddim", options: {} };
  const images = (model, options, strength = null) => imagesInRust({
    model, device: "cpu", sampler, own: { eta: 1, useClippedModelOutput: true }, options: { steps: 2, seed: 1, ...options }, batch: 4, labels: [0, 1, 2, 3], strength,
    pipeline: { channels: 1, sampleSize: 28 },
  });
  const grid = { spacing: "trailing", finalSigma: "zero", guidanceScale: 2, guidanceRescale: 0.5, guidanceInterval: [0, Infinity] };
  const training = { activation: "mish", prediction: "noise", weighting: "variational", timeSampling: "low-variance", decay: "linear", schedule: "cosine", learningRate: 1 };
  const run = { title: "DDIM", options: { sampler: "ddim", spacing: "karras", eta: 1, steps: 2, count: 3 } };
  const points = (step, model, more = {}, changed = {}) => pointsInRust({ settings: { ...settings, step, ...changed }, model, training, of: "points", runs: [run], time: 300, ...more });
  return [
    images({ kind: "shipped", name: "mnist" }, {}), images({ kind: "hub", name: "owner/name" }, grid, 0.5), points("sample", "network"), points("sample", "file"), points("sample", "ideal"),
    points("sample", "ideal", { of: "distribution" }), points("forward", null), points("data", "ideal", {}, { data: "csv" }),
    ...["velocity", "score", "clean", "density"].map((quantity) => points("look", "network", {}, { quantity })),
  ];
}

test("every name of the crate that the Rust code uses is in the crate", async () => {
  const source = await crate();
  const known = new Set(source.match(/\b[A-Za-z_]\w*\b/g));
  const functions = new Set(Array.from(source.matchAll(/\bfn (\w+)/g), ([, name]) => name));
  const foreign = new Set(["main", "collect", "map", "clone", "step_by", "flat_map", "expect", "is_some", "read", "read_to_string", "as_ref", "as_flattened", "flex", "println", "vec", "default"]);
  for (const program of programs()) {
    const code = program.replace(/\/\/.*$/gm, "").replace(/"[^"]*"/g, '""');
    const names = code.match(/\b[A-Z]\w*\b/g).filter((name) => !FOREIGN.has(name));
    assert.deepEqual(names.filter((name) => !known.has(name)), [], program);
    const called = Array.from(code.matchAll(/(?:\.|::)(\w+)\(/g), ([, name]) => name).filter((name) => !/^[A-Z]/.test(name) && !foreign.has(name));
    assert.deepEqual(called.filter((name) => !functions.has(name)), [], program);
    const fields = Array.from(code.matchAll(/^\s+([a-z_]+): /gm), ([, name]) => name);
    assert.deepEqual(fields.filter((name) => !source.includes(`pub ${name}:`)), [], program);
    assert.doesNotMatch(program, /undefined|NaN|\[object/);
  }
});

test("source code is written as a person would write it", () => {
  assert.equal(object({ sampler: "ddim", steps: 20 }), '{ sampler: "ddim", steps: 20 }');
  assert.match(object({ a: "x".repeat(60), b: "y".repeat(60) }), /^\{\n {2}a: "x+",\n {2}b: "y+",\n\}$/);
  assert.deepEqual([rustNumber(2), rustNumber(0.5), rustNumber(Infinity)], ["2.0", "0.5", "f64::INFINITY"]);
  assert.deepEqual(describeLabels([3, 3]), { kind: "one", label: 3 });
  assert.deepEqual(describeLabels([0, 1, 2, 0, 1]), { kind: "cycle", period: 3 });
  assert.deepEqual(describeLabels([1, 2, 4]), { kind: "each" });
});

test("the query of an embedded view keeps its other parameters as they are", () => {
  assert.deepEqual(readEmbed("?embed&samplers=ddim,heun&steps=5"), { isEmbedded: true, query: "?samplers=ddim,heun&steps=5" });
  assert.deepEqual(readEmbed("?steps=5"), { isEmbedded: false, query: "?steps=5" });
  assert.deepEqual(readEmbed("?embed"), { isEmbedded: true, query: "" });
  assert.equal(embeddedQuery(""), "?embed");
  assert.equal(embeddedQuery("?steps=5"), "?embed&steps=5");
  assert.match(iframeFor("https://example.org/?source=a%22b&c=1#images", 'A "title"'), /^<iframe src="https:\/\/example\.org\/\?embed&amp;source=a%22b&amp;c=1#images" title="A &quot;title&quot;" /);
});

test("files are named after what they show, and animations keep the first and the last frame", () => {
  assert.equal(fileName("images", "owner/name", "dpm-solver++", "5 steps", ""), "images-owner-name-dpm-solverpp-5-steps");
  assert.deepEqual(evenly(3, 60), [0, 1, 2]);
  assert.deepEqual(evenly(250, 3), [0, 125, 249]);
  assert.deepEqual([...pointRows(Float32Array.of(1, 2, 3, 4), "ddim")], [["ddim", 1, 2], ["ddim", 3, 4]]);
});

test("the snapshots of a training are thinned, and its latest one is kept", () => {
  const snapshots = new Snapshots();
  const run = { step: 0 };
  assert.equal(snapshots.isOf(run), false);
  for (run.step = 1; run.step <= 1000; run.step++) snapshots.add(run, [run.step]);
  assert.equal(snapshots.isOf(run), true);
  assert.deepEqual([snapshots.at(0).step, snapshots.at(1).step], [1, 1000]);
  const steps = Array.from({ length: 101 }, (_, index) => snapshots.at(index / 100).step);
  assert.ok(steps.every((step, index) => index === 0 || (step >= steps[index - 1] && step - steps[index - 1] <= 32)), steps.join());
  const other = { step: 5 };
  snapshots.add(other, [5]);
  assert.deepEqual([snapshots.isOf(run), snapshots.isOf(other)], [false, false]);
});
