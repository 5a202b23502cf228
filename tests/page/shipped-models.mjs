// The two shipped models can be selected, sampled, evaluated and linked; colour images are shown in colour.
import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ROW_LENGTH } from "../../www/images/interpolate.js";
import { FOLDER_MODEL, modelOrigin, modelSchema } from "../../www/shell/models.js";
import { SHIPPED_MODELS } from "../../www/shell/shipped-models.js";
import { MODELS } from "./host.mjs";
import { assertClose, choose, colorsOnCanvas, figures, finished, HUB, pixelsOfPng, playHub, problem, query, stillTest as pageTest } from "./support.mjs";

const images = (page) => page.locator("#images");
const facts = (page) => page.locator("#model-facts").textContent();
/** The last formula under a title. */
const formula = async (page, title) => {
  const section = page.locator("#formulas section").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
  return (await section.locator("math").last().textContent()).replace(/\s/g, "");
};
const TILES = "?model=tiles&device=cpu&seed=1";
const TILES_FACTS = /^[\d,]+ parameters · 16 × 16 × 3 · \d\.\d MB$/;
/** The class names of the tiles in order, and the null class. */
const { labels, null_class_label: nullClass } = JSON.parse(await readFile(join(MODELS, "tiles/model_index.json"), "utf8"));

/** The package's first sample of the tiles with these options, as RGBA. */
const drawnWith = (page, options) => page.evaluate(async (options) => {
  const { openDevice, Pipeline } = await import("/tweedie/worker.js");
  const pipeline = await Pipeline.fromPretrained("./models/tiles", { device: await openDevice("cpu") });
  const sampling = pipeline.sample(options);
  for await (const _ of sampling);
  return Array.from((await sampling.images()).subarray(0, 4 * 16 * 16));
}, options);

/** Whether some pixel is not grey. */
const isInColor = (rgba) => rgba.some((value, index) => index % 4 === 0 && Math.abs(value - rgba[index + 1]) > 8);

test("each shipped model is a checkpoint in its folder, with a unique name", async () => {
  assert.deepEqual(SHIPPED_MODELS.map(({ name }) => name), ["mnist", "tiles"]);
  for (const { name, folder } of SHIPPED_MODELS) {
    assert.equal(modelOrigin(name), name);
    assert.notEqual(name, FOLDER_MODEL);
    for (const file of ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json", "README.md"]) {
      await access(join(MODELS, "..", folder, file));
    }
  }
});

test("the model of a link is a shipped one, the folder, or a Hub id, without ambiguity", () => {
  const { read, initial } = modelSchema.model;
  assert.equal(initial, "mnist");
  for (const name of ["tiles/tiles", "someone/tiles", "mnist/mnist", "google/ddpm-cifar10-32", "a-b/c_d.e-1"]) {
    assert.equal(read(name), name);
    assert.equal(modelOrigin(name), "hub", name);
  }
  for (const text of ["Tiles", "tiles ", "tiles/", "/tiles", "./tiles", "../tiles", "hub", "constructor", "__proto__", "a/b/c", "", "https://a/b"]) {
    assert.equal(read(text), undefined, text);
  }
});

pageTest("both shipped models are offered; selecting one with the keyboard samples immediately and updates the link", {}, async (page, go) => {
  await go("?steps=2&count=1&class=7&guidance=1&device=cpu");
  await finished(page);
  const chips = images(page).getByRole("group", { name: "Model" }).getByRole("radio");
  assert.deepEqual(await chips.evaluateAll((all) => all.map((radio) => radio.labels[0].textContent)), ["Digits", "Pixel art", "Hugging Face", "Folder"]);
  const about = page.locator("#model-about");
  assert.equal(await about.textContent(), "Handwritten digits, in ten classes. Trained on MNIST by Yann LeCun and Corinna Cortes, CC BY-SA 3.0.");
  assert.equal(query(page).model, undefined, "the default");
  const digit = await colorsOnCanvas(page, { edge: 28 });
  assert.equal(isInColor(digit), false);

  await page.locator("#figures").evaluate((figures) => (figures.textContent = ""));
  await images(page).getByRole("radio", { name: "Digits", exact: true }).focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await finished(page), /^2 steps/);
  assert.match(await facts(page), TILES_FACTS);
  assert.equal(await about.textContent(), "Tiles of a dungeon game, in eight classes. Trained on the tiles of Dungeon Crawl Stone Soup, CC0 1.0.");
  assert.equal(query(page).model, "tiles");
  assert.equal(query(page).class, undefined, "class 7 of the digits is no class of the tiles");
  assert.equal(isInColor(await colorsOnCanvas(page)), true);

  // To a model that is yet to be named: nothing is loaded, and nothing is said of the one before.
  await page.keyboard.press("ArrowRight");
  assert.equal(await about.isHidden(), true);
  assert.equal(query(page).model, "tiles");
  await choose(page, "Digits");
  await page.waitForFunction(() => / 28 × 28 × 1 /.test(document.querySelector("#model-facts").textContent));
  await finished(page);
  assert.equal(query(page).model, undefined, "the default");
});

pageTest("a link to the tiles gives the package's samples of its class, without requests to the Hub", {}, async (page, go) => {
  const requests = [];
  await playHub(page, "someone/else", { requests });
  await go(`${TILES}&sampler=ddim&steps=4&count=1&class=6&guidance=2`);
  await finished(page);
  assert.match(await facts(page), TILES_FACTS);
  assert.equal(await images(page).getByRole("radio", { name: "Pixel art", exact: true }).isChecked(), true);
  const options = { sampler: "ddim", useClippedModelOutput: true, steps: 4, seed: 1, classLabels: 6, guidanceScale: 2 };
  assertClose(await colorsOnCanvas(page), await drawnWith(page, options), 1.5);
  assert.match(await page.locator("#grid").getAttribute("aria-label"), new RegExp(`^1 sample of class ${labels[6]}: `));
  const offered = await page.locator("#class option").allTextContents();
  assert.deepEqual(offered, ["all, in turn", ...labels.filter((_, label) => label !== nullClass), "unconditional"]);
  assert.deepEqual(requests, []);
  assert.equal(await formula(page, "Classifier-free guidance"), "εc=αtvθ(xt,t,c)+σtxt");
  await images(page).getByLabel("Guidance scale").fill("1");
  assert.equal(await formula(page, "Tweedie’s formula"), "ε^t=αtvθ(xt,t)+σtxt");
});

pageTest("a shipped name is not a Hub id, and any other name shows an error", {}, async (page, go) => {
  const requests = [];
  await page.context().route(HUB, (route) => requests.push(route.request().url()) && route.abort());
  await go("?model=Tiles&steps=1&count=1&device=cpu");
  await finished(page);
  assert.match(await problem(page, "model"), /“Tiles” here, but this must be one of mnist, tiles, folder, or a Hub id of the form owner\/name. Using mnist instead\.$/);
  await choose(page, "Hugging Face");
  await page.getByRole("combobox", { name: "Hub id" }).fill("tiles");
  await page.getByRole("button", { name: "Load" }).click();
  assert.match(await problem(page, "model"), /^A Hub id must have the form owner\/name/);
  assert.equal(query(page).model, undefined, "the default");
  assert.deepEqual(requests, []);
});

pageTest("pixels of the tiles are squares of one colour with hard edges", {}, async (page, go) => {
  await go(`${TILES}&steps=1&count=1`);
  await finished(page);
  const { pure, all } = await page.locator("#grid").evaluate((canvas) => {
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const row = Math.floor(0.47 * canvas.height);
    const at = (x) => data.subarray(4 * (row * width + x), 4 * (row * width + x) + 4).join();
    const equal = Array.from({ length: width - 1 }, (_, x) => at(x) === at(x + 1));
    return { pure: equal.filter(Boolean).length, all: width - 1 };
  });
  // Smoothed, hardly any pixel of the screen would have its neighbour's colour.
  assert.ok(pure > 0.85 * all, `${pure} of ${all} have the colour of their neighbour`);
});

pageTest("the saved PNG of tiles is in colour, enlarged by an integer factor", {}, async (page, go) => {
  await go(`${TILES}&steps=2&class=6&count=2`);
  await finished(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save PNG" }).click()]);
  const { width, height, data } = await pixelsOfPng(page, await readFile(await download.path()));
  assert.deepEqual([width, height], [2 * 224 + 28, 224]);
  const expected = await colorsOnCanvas(page, { count: 2 });
  assert.equal(isInColor(expected), true);
  const place = (index) => [Math.floor(index / 4 / 224), Math.floor(index / 4) % 224, index % 4];
  const first = Array.from({ length: 4 * 224 * 224 }, (_, index) => {
    const [row, column, channel] = place(index);
    return data[4 * (row * width + column) + channel];
  });
  const enlarged = first.map((_, index) => {
    const [row, column, channel] = place(index);
    return expected[4 * (16 * Math.floor(row / 14) + Math.floor(column / 14)) + channel];
  });
  assertClose(first, enlarged, 1.5);
});

pageTest("likelihood and bound of a tile are computed", {}, async (page, go) => {
  // The bound asks the network once per timestep of training: fewer of them ask the same of the page.
  const path = "tiles/scheduler/scheduler_config.json";
  const scheduler = { ...JSON.parse(await readFile(join(MODELS, path), "utf8")), num_train_timesteps: 100 };
  await page.context().route(`**/models/${path}`, (route) => route.fulfill({ json: scheduler }));
  await go(`${TILES}&steps=2&count=1&class=6&likelihoodSteps=2`);
  await finished(page);
  await page.getByText("Likelihood of the first image").click();
  await page.getByRole("button", { name: "Compute", exact: true }).click();
  const bound = await figures(page, /bits per dimension/, "likelihood-figures");
  const [total, ...parts] = bound.match(/^([\d.]+) bits per dimension = ([\d.]+) LT \+ ([\d.]+) Lt−1 \+ ([\d.]+) L0$/).slice(1).map(Number);
  assert.ok(Math.abs(parts.reduce((sum, part) => sum + part) - total) < 0.03, bound);
  assert.match(await page.locator("#figures").textContent(), /^100 steps in /);
  assert.equal(await page.locator("#likelihood-plot rect").count(), 100);

  await choose(page, "Log-likelihood");
  await page.getByRole("button", { name: "Compute", exact: true }).click();
  const likelihood = await figures(page, /nats/, "likelihood-figures");
  const [bits, nats] = likelihood.match(/^(-?[\d.]+) bits per dimension · log p\(x0\) = (-?[\d.]+) nats$/).slice(1).map(Number);
  // A picture has three numbers per pixel.
  assert.ok(Math.abs(bits - (-nats / (3 * 256 * Math.LN2) + Math.log2(127.5))) < 0.006, likelihood);
});

pageTest("tiles are interpolated in colour", {}, async (page, go) => {
  await go(`${TILES}&steps=2&count=2&class=each&betweenSteps=2`);
  await finished(page);
  await page.getByText("Interpolate between two images").click();
  await page.getByRole("button", { name: "Interpolate" }).click();
  await figures(page, /^Reconstruction error .*image 1 [\d.]+, image 2/, "between-figures");
  const middle = await colorsOnCanvas(page, { sample: 3, count: ROW_LENGTH, gap: 4, canvas: page.locator("#between-canvas") });
  assert.equal(isInColor(middle), true);
});

pageTest("a run of the tiles starts from an image file in colour", {}, async (page, go) => {
  await go(`${TILES}&sampler=ddim&steps=10&count=1&strength=0.1`);
  await finished(page);
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext("2d");
    for (const [index, color] of ["red", "blue"].entries()) {
      context.fillStyle = color;
      context.fillRect(32 * index, 0, 32, 64);
    }
    return btoa(String.fromCharCode(...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())));
  });
  await page.locator("#figures").evaluate((figures) => (figures.textContent = ""));
  await choose(page, "An image");
  await page.locator("#start-file").setInputFiles({ name: "halves.png", mimeType: "image/png", buffer: Buffer.from(base64, "base64") });
  await page.locator("#start-name", { hasText: "halves.png" }).waitFor();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  assert.match(await finished(page), /^1 step /);
  // So little noise leaves the halves where they were.
  const rgba = await colorsOnCanvas(page);
  const mean = (channel, columns) => columns.reduce((sum, column) => sum + rgba[4 * (8 * 16 + column) + channel], 0) / columns.length;
  const [left, right] = [[1, 3, 5], [10, 12, 14]];
  assert.ok(mean(0, left) > 150 && mean(2, left) < 100, `on the left ${mean(0, left)} red, ${mean(2, left)} blue`);
  assert.ok(mean(2, right) > 150 && mean(0, right) < 100, `on the right ${mean(2, right)} blue, ${mean(0, right)} red`);
});

pageTest("a link opens the compare lab with the tiles", {}, async (page, go) => {
  await go("?model=tiles&device=cpu&samplers=ddim&steps=1&class=6#compare");
  await page.locator("#compare-table td[data-state=done]").first().waitFor({ timeout: 60_000 });
  assert.match(await page.locator("#compare-source-hint").textContent(), /“tiles”/);
  assert.equal(await page.locator("#compare-class option:checked").textContent(), labels[6]);
  const cell = page.locator("#compare-table td[data-state=done] canvas").first();
  assert.equal(isInColor(await colorsOnCanvas(page, { canvas: cell })), true);
});
