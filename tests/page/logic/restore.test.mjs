// Parts of the restore lab that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LOSSES, seenBy } from "../../../www/restore/losses.js";
import { Mask } from "../../../www/restore/mask.js";
import { METHOD_TEXTS } from "../../../www/restore/methods.js";
import { observedPixels, overChannels, pixelsOfValues } from "../../../www/restore/pixels.js";
import { planOf } from "../../../www/restore/plan.js";
import { anagramOptions, fitted, METHODS, panoramaOptions, restoreOptions, schema } from "../../../www/restore/settings.js";
import { hiddenRuns } from "../../../www/share/code-restore.js";
import { queryOf, readAddress } from "../../../www/shell/address.js";

const DEFAULTS = Object.fromEntries(Object.entries(schema).map(([name, { initial }]) => [name, initial]));
const DIGITS = { sampleSize: 28, channels: 1, classCount: 11, nullClassLabel: 10, labels: null };
const PLAIN = { sampleSize: [32, 48], channels: 3, classCount: 0, nullClassLabel: null, labels: null };
const KNOWN = METHODS.map((name) => ({ name, options: name === "dps" ? { stepSize: {} } : name === "repaint" ? { jumpLength: {}, eta: {} } : {} }));

test("a mask survives the link, at the size of the model and at another one", () => {
  const mask = Mask.for([28, 28]);
  mask.line([3, 4], [20, 9], 2, true);
  mask.line([10, 6], [11, 6], 1, false);
  const { settings, problems } = readAddress(schema, queryOf(schema, { ...DEFAULTS, mask: mask.text }));
  assert.deepEqual(problems, {});
  assert.deepEqual(Mask.read(settings.mask, [28, 28]).hidden, mask.hidden);
  const smaller = Mask.read(settings.mask, [16, 16]);
  assert.deepEqual([smaller.columns, smaller.rows], [16, 16]);
  assert.ok(Math.abs(smaller.share - mask.share) < 0.05, `${smaller.share} of ${mask.share}`);
});

test("the mask of a large model has at most 32 cells per side, and covers its pixels", () => {
  const mask = Mask.for([256, 128]);
  assert.deepEqual([mask.rows, mask.columns], [32, 16]);
  mask.line([0, 0], [0, 0], 1, true); // the first cell only: the centres of its neighbours are further than 1 away
  const known = mask.known([256, 128]);
  assert.equal(known.length, 256 * 128);
  assert.equal(known.reduce((sum, value) => sum + (1 - value), 0), 64);
  assert.equal(known[7 * 128 + 7], 0);
  assert.equal(known[7 * 128 + 8], 1);
});

test("the stroke that a picture opens with hides some of it, and clearing hides nothing", () => {
  for (const size of [[28, 28], [16, 16], [32, 64]]) {
    const mask = Mask.read("", size);
    assert.ok(mask.share > 0.15 && mask.share < 0.6, `${mask.share}`);
    mask.clear();
    assert.equal(mask.share, 0);
    assert.ok(mask.known(size).every((known) => known === 1));
  }
});

test("a damaged mask in a link hides nothing instead of failing", () => {
  assert.equal(Mask.read("4x4_A", [4, 4]).share, 0);
  assert.match(readAddress(schema, "?mask=4by4").problems.mask, /must be a mask/);
});

test("half of a picture is hidden on the side that is named, also if its sides are odd", () => {
  const seen = (side, size) => seenBy(LOSSES.half.operator({ side }, size), size);
  assert.deepEqual([...seen("top", [3, 2])], [0, 0, 1, 1, 1, 1]);
  assert.deepEqual([...seen("bottom", [3, 2])], [1, 1, 1, 1, 0, 0]);
  assert.deepEqual([...seen("left", [1, 4])], [0, 0, 1, 1]);
  assert.deepEqual([...seen("right", [1, 4])], [1, 1, 0, 0]);
  const centre = seenBy(LOSSES.border.operator({}, [28, 28]), [28, 28]);
  assert.equal(centre.reduce((sum, value) => sum + value, 0), 14 * 14);
  assert.equal(seenBy({ name: "blur", sigma: 1 }, [2, 2]), null);
});

test("hidden pixels of an observation are transparent, and the others keep their place", () => {
  const mask = Uint8Array.of(1, 0, 0, 1);
  const painted = observedPixels({ values: Float32Array.of(1, 0, 0, -1), shape: [1, 1, 2, 2] }, { name: "inpaint", mask }, [2, 2]);
  assert.deepEqual([...painted.pixels.filter((_, at) => at % 4 === 3)], [255, 0, 0, 255]);
  assert.deepEqual([painted.pixels[0], painted.pixels[12]], [255, 0]);
  const crop = { name: "crop", top: 1, left: 1, height: 1, width: 1 };
  const { pixels, size } = observedPixels({ values: Float32Array.of(1), shape: [1, 1, 1, 1] }, crop, [2, 2]);
  assert.deepEqual(size, [2, 2]);
  assert.deepEqual([...pixels], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);
  const coarse = observedPixels({ values: Float32Array.of(0), shape: [1, 1, 1, 1] }, { name: "downsample", factor: 2 }, [2, 2]);
  assert.deepEqual(coarse.size, [1, 1]);
});

test("values become pixels by channel", () => {
  assert.deepEqual([...pixelsOfValues(Float32Array.of(-1, 1), 2)], [0, 0, 0, 255, 255, 255, 255, 255]);
  assert.deepEqual([...pixelsOfValues(Float32Array.of(-1, 1, -1), 1)], [0, 255, 0, 255]);
  assert.deepEqual([...overChannels(Float32Array.of(1, 2, 3, 4), 2)], [2, 3]);
});

test("a restoration takes the options of its method only, and the null class if the class is unknown", () => {
  const operator = { name: "downsample", factor: 4 };
  const of = (changed, model = DIGITS) => restoreOptions({ ...DEFAULTS, ...changed }, model, operator, KNOWN);
  assert.deepEqual(of({ steps: 5, count: 3, stepSize: 2 }), { operator, noise: 0.05, steps: 5, seed: 0, batch: 3, classLabels: 10 });
  assert.equal(of({ method: "dps", stepSize: 2 }).stepSize, 2);
  assert.equal("stepSize" in of({ method: "dps", stepSize: "" }), false);
  const automatic = of({ lost: "colours", stepSize: 2 });
  assert.deepEqual([automatic.stepSize, "method" in automatic], [2, false], "the engine chooses DPS");
  assert.deepEqual(Object.keys(of({ method: "repaint", stepSize: 2, eta: 0, jumpLength: 4 })).filter((name) => ["stepSize", "eta", "jumpLength"].includes(name)).sort(), ["eta", "jumpLength"]);
  assert.deepEqual([of({ class: "7" }).classLabels, of({ class: "7" }).guidanceScale], [7, 2]);
  assert.equal("classLabels" in of({}, PLAIN), false);
});

test("an anagram has one view upright and one turned", () => {
  const { views, batch, guidanceScale } = anagramOptions({ ...DEFAULTS, turn: "flip-vertical" }, DIGITS);
  assert.deepEqual(views, [{ transform: "identity", classLabel: 6 }, { transform: "flip-vertical", classLabel: 9 }]);
  assert.deepEqual([batch, guidanceScale], [8, 2]);
  assert.deepEqual(anagramOptions(DEFAULTS, PLAIN).views, [{ transform: "identity" }, { transform: "rotate-180" }]);
});

test("the windows of a panorama cover the canvas to both ends, and each has the class of its half", () => {
  for (const [windows, overlap] of [[2, 0], [3, 0.5], [5, 0.3], [8, 0.875]]) {
    const { views, width, height, batch } = panoramaOptions({ ...DEFAULTS, windows, overlap }, DIGITS, [28, 28]);
    assert.deepEqual([width, height, batch], [windows * 28, 28, 2]);
    const covered = new Uint8Array(width);
    for (const { left } of views) covered.fill(1, left, left + 28);
    assert.ok(covered.every((value) => value === 1), `${windows} ${overlap}`);
    assert.equal(new Set(views.map(({ left }) => left)).size, views.length);
    assert.deepEqual([views[0].classLabel, views.at(-1).classLabel], [1, 7]);
    assert.ok(views.every(({ left }) => left >= 0 && left + 28 <= width));
  }
});

test("classes that a model does not have are replaced by its own", () => {
  const small = { classCount: 3, nullClassLabel: 2 };
  assert.deepEqual(fitted({ ...DEFAULTS, class: "9", upright: "6", turned: "9", left: "1" }, small), { class: "unknown", upright: "0", turned: "1", left: "1", right: "1" });
  assert.equal(fitted(DEFAULTS, PLAIN).upright, "6");
});

test("a plan describes what it shows", () => {
  const picture = { name: "the digit 4", operator: { name: "grey" }, observation: { values: new Float32Array(1) } };
  const plan = (changed) => planOf({ ...DEFAULTS, ...changed }, DIGITS, { picture, methods: KNOWN });
  assert.equal(plan({ lost: "half", count: 1 }).description, "1 answer for the digit 4: half hidden");
  assert.equal(plan({ view: "anagram" }).description, "8 answers: class 6 upright, class 9 turned (rotate 180)");
  assert.deepEqual(plan({ view: "panorama" }).size, [28, 84]);
});

test("the code writes a mask as its hidden runs", () => {
  assert.deepEqual(hiddenRuns(Uint8Array.of(0, 0, 1, 0, 1, 1, 0)), [[0, 2], [3, 4], [6, 7]]);
  assert.deepEqual(hiddenRuns(Uint8Array.of(1)), []);
});

test("every method of the engine has its formula", () => {
  assert.deepEqual(Object.keys(METHOD_TEXTS).sort(), ["auto", ...METHODS].sort());
});
