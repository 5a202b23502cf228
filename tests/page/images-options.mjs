// The images lab beyond sampling: more options, image to image, likelihood and interpolation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowClasses, ROW_LENGTH } from "../../www/images/interpolate.js";
import { batchesOf, classAt, PER_SEGMENT } from "../../www/images/walk.js";
import { assertClose, choose, figures, finished, greyOnCanvas, picture, problem, query, stillTest as pageTest, withTinyDigits } from "./support.mjs";

const images = (page) => page.locator("#images");
/** Starts a run and clears the previous status, so that its end can be awaited. */
const start = async (page) => {
  await page.locator("#figures").evaluate((figures) => (figures.textContent = ""));
  await page.getByRole("button", { name: /^Start/ }).click();
};

/** The package's first sample with these options, as grey levels. */
const drawnWith = (page, options) => page.evaluate(async ({ startImage, ...options }) => {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const pipeline = await Pipeline.fromPretrained("./models/mnist", { device: await openDevice("cpu") });
  if (startImage !== undefined) options.start.images = Float32Array.from(startImage, (grey) => grey / 127.5 - 1);
  if (options.guidanceInterval?.[1] === null) options.guidanceInterval[1] = Infinity;
  const sampling = pipeline.sample(options);
  for await (const _ of sampling);
  return Array.from((await sampling.images()).subarray(0, 4 * 784)).filter((_, index) => index % 4 === 0);
}, options);

pageTest("spacing and final sigma are in the link and reach the engine, and errors are shown next to them", {}, async (page, go) => {
  await go("?sampler=dpm-solver%2B%2B&spacing=karras&finalSigma=sigma-min&steps=4&seed=1&class=3&count=1&device=cpu");
  await finished(page);
  assert.equal(await page.locator("#spacing").isVisible(), true, "what the link asks for is not hidden");
  const common = { steps: 4, seed: 1, classLabels: 3 };
  const drawn = await drawnWith(page, { ...common, sampler: "dpm-solver++", spacing: "karras", finalSigma: "sigma-min" });
  assertClose(await greyOnCanvas(page), drawn, 1);
  const before = await picture(page);
  await images(page).getByLabel("Timestep spacing").selectOption("scheduler’s");
  assert.equal(query(page).spacing, undefined, "the default");
  await start(page);
  await finished(page);
  assert.notEqual(await picture(page), before);

  await choose(page, "DDIM");
  await page.getByText("More options").click(); // folded away
  await start(page);
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "finalSigma"), /^FinalSigma must be left out: this sampler's end cannot be chosen/);
  await images(page).getByLabel("Final sigma").selectOption("scheduler’s");
  await images(page).getByLabel("Timestep spacing").selectOption("Karras");
  await start(page);
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "spacing"), /^Spacing must be one of leading, linspace, trailing/);
  await images(page).getByLabel("Timestep spacing").selectOption("trailing");
  assert.equal(await page.locator("#spacing-error").isHidden(), true);
  await start(page);
  await finished(page);
});

pageTest("guidance rescale and guidance interval are applied", {}, async (page, go) => {
  await go("?sampler=ddim&steps=5&seed=1&class=3&count=1&guidance=6&guidanceRescale=0.7&guidanceFrom=0.5&device=cpu");
  await finished(page);
  const common = { sampler: "ddim", useClippedModelOutput: true, steps: 5, seed: 1, classLabels: 3, guidanceScale: 6 };
  assertClose(await greyOnCanvas(page), await drawnWith(page, { ...common, guidanceRescale: 0.7, guidanceInterval: [0.5, null] }), 1);
  const titles = await page.locator("#formulas h3").allTextContents();
  assert.deepEqual(titles.slice(-2), ["Guidance rescale", "Guidance interval"]);

  await images(page).getByLabel("Guidance up to noise level").fill("much");
  assert.equal(await problem(page, "guidanceTo"), "This must be a number from 0 to 1000000, or nothing.");
  await images(page).getByLabel("Guidance up to noise level").fill("0.1");
  await start(page);
  assert.match(await problem(page, "guidanceInterval"), /^GuidanceInterval must be two noise levels/);
  await images(page).getByLabel("Guidance from noise level").fill("");
  assert.equal(await page.locator("#guidanceInterval-error").isHidden(), true);
  await images(page).getByLabel("Guidance rescale").fill("0");
  assert.deepEqual([query(page).guidanceRescale, query(page).guidanceFrom, query(page).guidanceTo], [undefined, undefined, "0.1"]);
  await start(page);
  await finished(page);
  assertClose(await greyOnCanvas(page), await drawnWith(page, { ...common, guidanceInterval: [0, 0.1] }), 1);
});

pageTest("a run starts from a generated image, with the steps that the strength leaves", {}, async (page, go) => {
  await go("?sampler=ddim&steps=10&seed=1&class=3&count=2&device=cpu");
  await finished(page);
  const first = await greyOnCanvas(page, { count: 2 });
  await choose(page, "An image");
  assert.match(await page.locator("#start-canvas").getAttribute("aria-label"), /Image 1 of the last run/);
  await images(page).getByLabel("Strength").fill("0.4");
  await images(page).getByLabel("Seed", { exact: true }).fill("5");
  assert.deepEqual([query(page).start, query(page).strength], ["picture", "0.4"]);
  await start(page);
  assert.match(await finished(page), /^4 steps/);
  const options = { sampler: "ddim", useClippedModelOutput: true, steps: 10, seed: 5, batch: 2, classLabels: 3, start: { strength: 0.4 } };
  assertClose(await greyOnCanvas(page, { count: 2 }), await drawnWith(page, { ...options, startImage: [...first, ...first] }), 1.5);
  assert.match(await page.locator("#grid").getAttribute("aria-label"), /^2 samples of class 3, from an image with strength 0\.4/);

  // The picture stays, until another is taken: by keyboard, too.
  assert.match(await page.locator("#start-name").textContent(), /^Image 1 of the last run/);
  await page.locator("#start-picker input").first().focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#start-name").textContent(), "Image 2 of the last run");
});

/** An image file: white on the left, black on the right, twice as wide as high. */
const halves = (page) => page.evaluate(async () => {
  const canvas = new OffscreenCanvas(400, 200);
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, 400, 200);
  context.fillStyle = "white";
  context.fillRect(0, 0, 200, 200);
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
});

pageTest("an image file is scaled to the model, whether selected or dropped; other files show an error", {}, async (page, go) => {
  await go("?sampler=ddim&steps=10&seed=1&class=1&count=1&device=cpu&start=picture&strength=0.1");
  assert.match(await problem(page, "startPicture"), /^A link cannot contain an image, so this run starts from noise/);
  assert.match(await finished(page), /^10 steps/);
  const png = await halves(page);
  await page.locator("#start-file").setInputFiles({ name: "halves.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") });
  await page.locator("#start-name", { hasText: "halves.png" }).waitFor();
  assert.equal(await page.locator("#startPicture-error").isHidden(), true);
  await start(page);
  assert.match(await finished(page), /^1 step /);
  // Its middle, undistorted: in so little noise the one step leaves the halves where they were.
  const grey = await greyOnCanvas(page);
  const mean = (columns) => columns.reduce((sum, column) => sum + grey[14 * 28 + column], 0) / columns.length;
  assert.ok(mean([2, 5, 8, 11]) > 150 && mean([16, 19, 22, 25]) < 100, `${mean([2, 5, 8, 11])} and ${mean([16, 19, 22, 25])}`);

  await page.evaluate((png) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(atob(png), (character) => character.charCodeAt(0))], "dropped.png", { type: "image/png" }));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, png);
  await page.locator("#start-name", { hasText: "dropped.png" }).waitFor();
  await page.locator("#start-file").setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  assert.equal(await problem(page, "startPicture"), "The file notes.png is not a readable image.");
});

pageTest("the log-likelihood is shown in nats and bits per dimension, and can be cancelled", {}, async (page, go) => {
  await go("?sampler=heun&steps=10&seed=0&class=3&count=1&device=cpu&measure=likelihood&likelihoodSteps=3&probes=2");
  await finished(page);
  await page.getByText("Likelihood of the first image").click();
  const ask = page.getByRole("button", { name: "Compute", exact: true });
  await ask.click();
  const sentence = await figures(page, /nats/, "likelihood-figures");
  const [bits, nats] = sentence.match(/^(-?[\d.]+) bits per dimension · log p\(x0\) = (-?[\d.]+) nats$/).slice(1).map(Number);
  assert.ok(Math.abs(bits - (-nats / (784 * Math.LN2) + Math.log2(127.5))) < 0.006, sentence);
  assert.match(await page.locator("#figures").textContent(), /^12 steps in /);

  await images(page).getByLabel("ODE steps").fill("500");
  await ask.click();
  await figures(page, /^Step [2-9]\d* of 2000/);
  await page.keyboard.press("Escape");
  await figures(page, /^Cancelled\.$/);
  assert.equal(await page.locator("#likelihood-figures").textContent(), "");
  await images(page).getByLabel("ODE steps").fill("0");
  await ask.click();
  assert.equal(await problem(page, "likelihoodSteps"), "This must be a whole number from 1 to 1000.");
});

const WAY = "?sampler=ddim&steps=10&seed=0&class=each&count=4&device=cpu";
const row = (page, sample) => greyOnCanvas(page, { sample, count: ROW_LENGTH, gap: 4, canvas: page.locator("#between-canvas") });
const meanDifference = (one, other) => one.reduce((sum, value, index) => sum + Math.abs(value - other[index]), 0) / one.length;

for (const [way, name, steps, most] of [["flow", "Flow ODE", 10, 0.15], ["ddim", "DDIM inversion", 20, 0.4]]) {
  pageTest(`interpolation by ${name} gives new images and reproduces the ends`, {}, async (page, go) => {
    await withTinyDigits(page);
    await go(`${WAY}&betweenSteps=${steps}`);
    await finished(page);
    await page.getByText("Interpolate between two images").click();
    await choose(page, name);
    await page.getByRole("radiogroup", { name: "to" }).getByRole("radio", { name: "image 2" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.deepEqual([query(page).way ?? "flow", query(page).from, query(page).to], [way, undefined, "3"], "a link leaves out defaults");
    await page.getByRole("button", { name: "Interpolate" }).click();
    const sentence = await figures(page, /^Reconstruction error/, "between-figures");
    const [from, first, to, last] = sentence.match(/image (\d) ([\d.]+), image (\d) ([\d.]+)\.$/).slice(1).map(Number);
    assert.deepEqual([from, to], [1, 3]);
    assert.ok(first < most && last < most, sentence);
    assert.equal(await page.locator("#between-canvas").getAttribute("aria-label"), "7 images interpolated from image 1 to image 3.");
    const ends = [await greyOnCanvas(page, { sample: 0, count: 4 }), await greyOnCanvas(page, { sample: 2, count: 4 })];
    for (const [end, index] of [[0, 0], [1, ROW_LENGTH - 1]]) {
      const difference = meanDifference(await row(page, index), ends[end]);
      assert.ok(difference < 127.5 * most, `end ${end} differs by ${difference} grey levels`);
    }
    const middle = await row(page, 3);
    for (const end of ends) assert.ok(meanDifference(middle, end) > 5);
  });
}

pageTest("interpolation can be cancelled, and is cleared with the images", {}, async (page, go) => {
  await go(`${WAY}&betweenSteps=400&from=2`);
  await finished(page);
  await page.getByText("Interpolate between two images").click();
  assert.equal(await page.locator("#between-from input:checked").getAttribute("value"), "2");
  await page.getByRole("button", { name: "Interpolate" }).click();
  await figures(page, /^Step [2-9] of 800/);
  await page.keyboard.press("Escape");
  await figures(page, /^Cancelled\.$/);
  assert.equal(await page.locator("#between-canvas").isVisible(), false);
  await images(page).getByLabel("Steps each way").fill("1");
  await page.getByRole("button", { name: "Interpolate" }).click();
  await figures(page, /^Reconstruction error/, "between-figures");
  await start(page);
  await figures(page, /^(Step|Sampling)/);
  assert.equal(await page.locator("#between-canvas").isVisible(), false);
});

pageTest("a walk through the latents passes the images and others between them, and is saved as a GIF", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await go("?sampler=ddim&steps=10&seed=0&class=each&count=3&device=cpu");
  await finished(page);
  await page.getByText("Walk through the latents").click();
  await page.getByRole("button", { name: "Compute the walk" }).click();
  await figures(page, /^The walk is computed/);
  assert.equal(await page.locator("#walk-figures").textContent(), "30 of 30 frames");
  const at = async (position) => {
    await page.locator("#walk-scrub").fill(String(position));
    return greyOnCanvas(page, { canvas: page.locator("#walk-canvas"), gap: 0 });
  };
  const digits = [await greyOnCanvas(page, { sample: 0, count: 3 }), await greyOnCanvas(page, { sample: 1, count: 3 })];
  const [first, middle, second, end] = [await at(0), await at(PER_SEGMENT / 2), await at(PER_SEGMENT), await at(3 * PER_SEGMENT)];
  // Coarse steps change the images a little.
  for (const [shown, digit] of [[first, 0], [second, 1]]) {
    const [own, other] = [digit, 1 - digit].map((index) => meanDifference(shown, digits[index]));
    assert.ok(own < 25 && own < 0.5 * other, `${own} from its own image, ${other} from the other`);
  }
  for (const digit of digits) assert.ok(meanDifference(middle, digit) > 10);
  assert.deepEqual(end, first, "the walk is closed");
  assert.equal(await page.locator("#walk-scrub").getAttribute("aria-valuetext"), "from image 1 to image 2");
  // Between two frames, both are blended.
  const [low, high] = [await at(4), await at(5)];
  assertClose(await at(4.5), low.map((value, index) => (value + high[index]) / 2), 2);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save GIF" }).click()]);
  assert.equal(download.suggestedFilename(), "tweedie-latent-walk.gif");
  await start(page);
  await figures(page, /^(Step|Sampling)/);
  assert.equal(await page.locator("#walk-view").isVisible(), false);
});

pageTest("a run starts from a drawing, by pointer and by keyboard", {}, async (page, go) => {
  await go("?sampler=ddim&steps=10&seed=1&class=1&count=1&device=cpu&strength=0.1");
  await finished(page);
  await choose(page, "An image");
  await page.getByRole("button", { name: "Blank" }).click();
  await page.locator("#start-name", { hasText: "Empty" }).waitFor();
  const { x, y, width, height } = await page.locator("#start-canvas").boundingBox();
  await page.mouse.move(x + 0.25 * width, y + 0.1 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.25 * width, y + 0.9 * height, { steps: 5 });
  await page.mouse.up();
  await page.locator("#start-name", { hasText: "Your drawing" }).waitFor();
  await page.locator("#start-canvas").focus();
  for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowRight");
  for (let step = 0; step < 16; step++) await page.keyboard.press("Shift+ArrowUp");
  await start(page);
  assert.match(await finished(page), /^1 step /);
  const grey = await greyOnCanvas(page);
  const mean = (column) => Array.from({ length: 16 }, (_, row) => grey[(row + 6) * 28 + column]).reduce((sum, value) => sum + value, 0) / 16;
  assert.ok(mean(7) > 120 && mean(21) > 120 && mean(14) < 60 && mean(1) < 60, [1, 7, 14, 21].map(mean).join(" "));
});

test("a walk computes every frame once, those of the images first, with the null class or the nearer image's", () => {
  const batches = batchesOf(3);
  assert.deepEqual(batches.flat().sort((one, other) => one - other), Array.from({ length: 30 }, (_, index) => index));
  assert.deepEqual(batches[0].slice(0, 6), [0, 10, 20, 5, 15, 25]);
  assert.equal(classAt(3, { classCount: 11, nullClassLabel: 10 }, [4, 7, 1]), 10);
  assert.deepEqual([4, 5, 14, 26].map((index) => classAt(index, { classCount: 10, nullClassLabel: null }, [4, 7, 1])), [4, 7, 7, 4]);
  assert.equal(classAt(3, { classCount: 0, nullClassLabel: null }, []), undefined);
});

test("interpolation uses the class of both ends, or the null class, or that of the nearer end", () => {
  const guided = { classCount: 11, nullClassLabel: 10 };
  assert.deepEqual(rowClasses(guided, [3, 3]), { ends: [3, 3], row: [3, 3, 3, 3, 3, 3, 3] });
  assert.deepEqual(rowClasses(guided, [3, 5]), { ends: [10, 10], row: [10, 10, 10, 10, 10, 10, 10] });
  assert.deepEqual(rowClasses({ classCount: 10, nullClassLabel: null }, [3, 5]), { ends: [3, 5], row: [3, 3, 3, 3, 5, 5, 5] });
  assert.equal(rowClasses({ classCount: 0, nullClassLabel: null }, [undefined, undefined]), null);
});
