// What a lab shares: pictures, animations, tables, the code of what is shown, and its view in a frame of another page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import axe from "axe-core";
import { gridLayout } from "../../www/plot/grid.js";
import { figures, finished, forgetFigures, pageTest } from "./support.mjs";

const IMAGES = "?sampler=ddim&steps=3&count=2&seed=5&class=3&device=cpu";
const POINTS = "?points=200&count=60&steps=4&samplers=ddim,ddpm&width=16&depth=1&batch=32&trainingSteps=40";
const CLIPBOARD = { context: { permissions: ["clipboard-read", "clipboard-write"] } };
const PHONE = { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } };
/** A page of the server that has no scripts, for code to run in. */
const EMPTY = "icon.svg";
const CALM = { context: { reducedMotion: "reduce" } };

const summarised = (page, pattern, id = "points-picture") => page.waitForFunction(
  ([source, id]) => new RegExp(source).test(document.getElementById(id).getAttribute("aria-label")), [pattern.source, id],
);
const menu = (page, lab) => page.locator(`#${lab}-share-menu`);
const item = (page, lab, name) => menu(page, lab).getByRole("button", { name });

async function openMenu(page, lab) {
  if (!(await menu(page, lab).isVisible())) await page.locator(`#${lab}-share-button`).click();
}

/** The file that an item of the menu saves, as its name and its bytes. */
async function saved(page, lab, name) {
  await openMenu(page, lab);
  const [download] = await Promise.all([page.waitForEvent("download"), item(page, lab, name).click()]);
  await menu(page, lab).getByText(/^Saved /).waitFor();
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The rows of a CSV file, without its head. */
function rowsOf(bytes) {
  const [head, ...rows] = bytes.toString().trimEnd().split("\r\n").map((line) => line.split(","));
  return { head, rows };
}

/** The size of a PNG in its header. */
const sizeOfPng = (bytes) => {
  assert.equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
};

/** The red channel of a PNG at some places. */
const redOfPng = (page, bytes, places) => page.evaluate(async ([base64, places]) => {
  const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return places.map(([x, y]) => context.getImageData(x, y, 1, 1).data[0]);
}, [bytes.toString("base64"), places]);

/** The size of a GIF, and its frames in hundredths of a second. */
function readGif(bytes) {
  assert.equal(bytes.subarray(0, 6).toString("latin1"), "GIF89a");
  assert.equal(bytes.at(-1), 0x3b, "the trailer");
  const tableSize = (flags) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const skipBlocks = (at) => {
    while (bytes[at] !== 0) at += bytes[at] + 1;
    return at + 1;
  };
  const delays = [];
  let frames = 0;
  let at = 13 + tableSize(bytes[10]);
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delays.push(bytes.readUInt16LE(at + 4));
      at = skipBlocks(at + 2);
    } else {
      assert.equal(bytes[at], 0x2c);
      assert.equal(bytes.readUInt16LE(at + 5), bytes.readUInt16LE(6), "each frame fills the picture");
      frames++;
      at = skipBlocks(at + 10 + tableSize(bytes[at + 9]) + 1);
    }
  }
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), frames, delays };
}

/** The code of a dialog, by language. */
async function codeOf(page, lab, language) {
  await openMenu(page, lab);
  await item(page, lab, "Code for this…").click();
  await page.getByRole("tab", { name: language }).click();
  const code = await page.locator("dialog[open] code").textContent();
  await page.getByRole("button", { name: "Close" }).click();
  return code;
}

/** Runs JavaScript code of the dialog in a page of the server, with `result`, an expression, at its end. */
async function run(page, go, code, result) {
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await go(EMPTY);
  const body = code.replace(/^import (.*) from "tweedie\/(\w+)";$/gm, 'const $1 = await import("/tweedie/$2.js");')
    .replace('document.createElement("canvas")', 'document.createElementNS("http://www.w3.org/1999/xhtml", "canvas")').replace("document.body.", "document.documentElement.");
  return page.evaluate(`(async () => { ${body}; return ${result}; })()`);
}

pageTest("images: the picture, the animation and the pixels are those that are shown", {}, async (page, go) => {
  await go(IMAGES);
  await finished(page);
  const shown = await page.locator("#grid").evaluate(({ clientWidth, clientHeight }) => [clientWidth, clientHeight]);

  const png = await saved(page, "images", "Save picture");
  assert.equal(png.name, "tweedie-images-mnist-ddim-3-steps-seed-5.png");
  const margin = 32;
  const [pngWidth, pngHeight] = sizeOfPng(png.bytes);
  assert.equal(pngWidth, 2 * shown[0] + 2 * margin);
  assert.ok(pngHeight > 2 * shown[1] + 2 * margin, "there is a caption");

  const gif = await saved(page, "images", "Save animation");
  const { width, height, frames, delays } = readGif(gif.bytes);
  assert.equal(gif.name, "tweedie-images-mnist-ddim-3-steps-seed-5.gif");
  assert.equal(frames, 4, "the noise and three steps");
  assert.ok(width >= 400 && width <= 520 && height > 200, `${width} × ${height}`);
  assert.ok(delays.at(-1) > delays[1], "the last frame is held");

  const webm = await saved(page, "images", "Save video");
  assert.equal(webm.bytes.subarray(0, 4).toString("hex"), "1a45dfa3", "the header of Matroska");
  assert.ok(webm.bytes.length > 5000);

  const csv = await saved(page, "images", "Save pixels");
  const { head, rows } = rowsOf(csv.bytes);
  assert.deepEqual([head.length, rows.length, ...rows.map((row) => row[1])], [2 + 28 * 28, 2, "3", "3"]);
  const { cells: [cell], cellWidth } = gridLayout({ count: 2, imageWidth: 28, imageHeight: 28, width: 2 * shown[0], height: 2 * shown[1], gap: 12 });
  const pixels = [3 * 28 + 3, 8 * 28 + 14, 14 * 28 + 14, 20 * 28 + 9, 25 * 28 + 20];
  const places = pixels.map((pixel) => [cell.x + ((pixel % 28) + 0.5) * (cellWidth / 28), cell.y + (Math.floor(pixel / 28) + 0.5) * (cellWidth / 28)].map((place) => margin + Math.floor(place)));
  const red = await redOfPng(page, png.bytes, places);
  for (const [index, pixel] of pixels.entries()) assert.ok(Math.abs(red[index] - rows[0][2 + pixel]) <= 3, `pixel ${pixel}: ${red[index]} instead of ${rows[0][2 + pixel]}`);
});

pageTest("images: the JavaScript code draws the same images", {}, async (page, go) => {
  await go(`${IMAGES}&eta=0.5&guidance=2`);
  await finished(page);
  const { rows } = rowsOf((await saved(page, "images", "Save pixels")).bytes);
  const code = await codeOf(page, "images", "JavaScript");
  assert.match(code, /eta: 0\.5,\n.*guidanceScale: 2,\n.*classLabels: 3,/s);
  assert.doesNotMatch(code, /spacing|finalSigma|openDevice\("auto"\)/, "only what differs from the defaults");
  const pixels = await run(page, go, code, "[...await sampling.images()].filter((_, index) => index % 4 === 0)");
  assert.deepEqual(pixels, rows.flatMap((row) => row.slice(2).map(Number)));
});

pageTest("images: Python and Rust have the settings of the run, and diffusers’ gaps are named", {}, async (page, go) => {
  await go(`${IMAGES}&spacing=trailing`);
  await finished(page);
  const python = await codeOf(page, "images", "Python");
  for (const part of ["DDIMScheduler.from_pretrained(", 'timestep_spacing="trailing"', "set_timesteps(3)", "manual_seed(5)", "torch.full((2,), 3)", "use_clipped_model_output=True"]) assert.ok(python.includes(part), part);
  const rust = await codeOf(page, "images", "Rust");
  for (const part of ['Spacing::from_name("trailing")', "steps: Some(3)", "seed: 5", "class_labels: vec![3]", "batch: Some(2)", "use_clipped_model_output=true"]) assert.ok(rust.includes(part), part);
  await forgetFigures(page);
  await page.locator("#spacing").evaluate((select) => (select.closest("details").open = true));
  await page.locator("#spacing").selectOption("auto");
  await page.locator("#sampler").selectOption("euler-maruyama");
  await finished(page);
  assert.equal(await codeOf(page, "images", "Python"), "");
  await openMenu(page, "images");
  await item(page, "images", "Code for this…").click();
  assert.match(await page.locator("dialog[open]").textContent(), /diffusers has no scheduler that gives the same images as Euler–Maruyama/);
});

pageTest("an animation is encoded without blocking the page, can be cancelled, and waits for the run", {}, async (page, go) => {
  await go("?count=20000&step=forward&points=2000&time=0#points");
  await summarised(page, /schedule/);
  await openMenu(page, "points");
  await page.evaluate(() => {
    window.turns = 0;
    const turn = () => (window.turns++, setTimeout(turn));
    turn();
  });
  const { frames } = readGif((await saved(page, "points", "Save animation")).bytes);
  assert.equal(frames, 60);
  const turns = await page.evaluate(() => window.turns);
  assert.ok(turns >= 60, `the page had ${turns} turns meanwhile`);

  await item(page, "points", "Save animation").click();
  await menu(page, "points").getByRole("button", { name: "Cancel" }).click();
  await menu(page, "points").getByText("Cancelled.").waitFor();
  await page.keyboard.press("Escape");

  await go("?sampler=ddim&steps=400&count=4&device=cpu");
  await figures(page, /^Step [2-9]/);
  await openMenu(page, "images");
  const waiting = item(page, "images", "Save animation");
  assert.equal(await waiting.getAttribute("aria-disabled"), "true");
  assert.match(await waiting.textContent(), /Available when the run has ended/);
  await page.keyboard.press("Escape");
  assert.equal(await menu(page, "images").isVisible(), false);
  await figures(page, /^Step \d+/);
  assert.doesNotMatch(await page.locator("#figures").textContent(), /^Cancelled/, "Escape closes the menu only");
});

pageTest("points: samples, losses and a training are saved, and the code gives the same", CALM, async (page, go) => {
  await go(`${POINTS}&step=train#points`);
  await figures(page, /^No trained network|^No network/, "points-figures");
  await openMenu(page, "points");
  assert.equal(await item(page, "points", "Save data").getAttribute("aria-disabled"), "true");
  await page.keyboard.press("Escape");
  await page.locator("#points-start").click();
  await figures(page, /^40 steps in/, "points-figures");
  const losses = rowsOf((await saved(page, "points", "Save losses")).bytes);
  assert.deepEqual([losses.head.join(), losses.rows.length], ["step,loss", 40]);
  assert.ok(losses.rows.every(([step, loss], index) => Number(step) === index + 1 && loss > 0 && loss < 10));
  await page.locator('.way input[value="sample"]').check();
  await summarised(page, /DDPM: \d+ evaluations/);
  assert.equal(readGif((await saved(page, "points", "Save animation")).bytes).frames, 60);
  const { head, rows } = rowsOf((await saved(page, "points", "Save samples")).bytes);
  assert.deepEqual([head.join(), rows.length], ["sampler,x,y", 120]);
  const code = await codeOf(page, "points", "JavaScript");
  assert.match(code, /Trainer\.create\(training, \{/);
  const points = await run(page, go, code, "Object.fromEntries(Object.entries(points).map(([name, values]) => [name, [...values]]))");
  for (const name of ["ddim", "ddpm"]) {
    assert.deepEqual(points[name], rows.filter(([sampler]) => sampler === name).flatMap(([, x, y]) => [Number(x), Number(y)]), name);
  }
});

pageTest("points: a drawn shape comes out of noise in an animation", CALM, async (page, go) => {
  await go("?data=drawn#points");
  await summarised(page, /^The drawing is empty/);
  await openMenu(page, "points");
  assert.match(await item(page, "points", "Save animation").textContent(), /Available when something is drawn/);
  await page.keyboard.press("Escape");
  await page.locator("#points-pad").focus();
  for (const key of [" ", "ArrowRight", "ArrowRight", "ArrowRight", " "]) await page.keyboard.press(key);
  await summarised(page, /^48 points drawn/);
  const { frames, width } = readGif((await saved(page, "points", "Save animation")).bytes);
  assert.deepEqual([frames, width > 400], [60, true]);
  assert.equal(rowsOf((await saved(page, "points", "Save points")).bytes).rows.length, 48);
});

for (const [step, pattern, title] of [["forward", /cosine schedule/, "points"], ["look", /at time/, "velocity"]]) {
  pageTest(`points: the code of the step ${step} gives what is shown`, CALM, async (page, go) => {
    await go(`${POINTS}&step=${step}&schedule=cosine&time=0.25#points`);
    await summarised(page, pattern);
    const { rows } = rowsOf((await saved(page, "points", `Save ${title}`)).bytes);
    const code = await codeOf(page, "points", "JavaScript");
    if (step === "forward") return assert.deepEqual(rows.flat().map(Number), await run(page, go, code, "[...points]"));
    // The field at the places that are shown, by the model of the code.
    const places = rows.flatMap(([, x, y]) => [Number(x), Number(y)]);
    const values = await run(page, go, code, `[...await model.field(Float32Array.from([${places}]), { time: 249.75, quantity: "velocity" })]`);
    assert.deepEqual(rows.flatMap(([, , , vx, vy]) => [Number(vx), Number(vy)]), values);
  });
}

pageTest("distributions: the histogram, the samples and the run are saved, and the code gives the same", {}, async (page, go) => {
  await go("?count=1000&speed=fast&method=rejection&target=normal&seed=3#distributions");
  await figures(page, /^1,000$/, "distributions-samples-value");
  const { rows: bars } = rowsOf((await saved(page, "distributions", "Save histogram")).bytes);
  const { rows } = rowsOf((await saved(page, "distributions", "Save samples")).bytes);
  assert.equal(rows.length, 1000);
  for (const [from, to, density] of bars.map((bar) => bar.map(Number))) {
    const count = rows.filter(([x]) => x >= from && x < to).length;
    assert.ok(Math.abs(count / 1000 / (to - from) - density) < 1.5 / 1000 / (to - from), `${from}`);
  }
  const { frames, width } = readGif((await saved(page, "distributions", "Save animation")).bytes);
  assert.equal(frames, 60);
  assert.ok(width > 500);
  const code = await codeOf(page, "distributions", "JavaScript");
  assert.deepEqual(await run(page, go, code, "[...samples]"), rows.map(([x]) => Number(x)));
});

pageTest("models: samples, losses and measurements are saved, and the code trains the same model", {}, async (page, go) => {
  await go("?model=gan&steps=20&seed=2#family");
  await page.locator("#family-table td[data-state=done]").first().waitFor();
  const { rows } = rowsOf((await saved(page, "family", "Save samples of GAN")).bytes);
  assert.equal(rows.length, 1500);
  assert.equal(rowsOf((await saved(page, "family", "Save discriminator")).bytes).rows.length, 20);
  const { head, rows: [measured] } = rowsOf((await saved(page, "family", "Save measurements")).bytes);
  assert.equal(Number(measured[head.indexOf("sliced_wasserstein")]).toFixed(3), await page.locator("#family-table td").first().textContent());
  const [width] = sizeOfPng((await saved(page, "family", "Save picture")).bytes);
  assert.ok(width > 600);
  const code = await codeOf(page, "family", "JavaScript");
  assert.deepEqual(await run(page, go, code, "[...ganSamples]"), rows.flat().map(Number));
});

pageTest("memorise: the code gives the samples and the shares that are shown", {}, async (page, go) => {
  await go("?points=10&steps=5&seed=3#memorise");
  await page.locator("#memorise-figures").waitFor();
  await figures(page, /^10 points · copies/, "memorise-figures");
  const { rows } = rowsOf((await saved(page, "memorise", "Save samples of the network")).bytes);
  const shares = rowsOf((await saved(page, "memorise", "Save shares of copies")).bytes).rows.find(([points]) => points === "10").slice(1, 3).map(Number);
  const code = await codeOf(page, "memorise", "JavaScript");
  const [network, ...computed] = await run(page, go, code, "[[...samples.network], shares.ideal, shares.network]");
  assert.deepEqual(network, rows.flat().map(Number));
  assert.deepEqual(computed, shares);
});

pageTest("restore: picture, animation and residuals are those that are shown, and the code gives the same answers", {}, async (page, go) => {
  const idle = async () => {
    await page.locator("#restore-start:enabled").waitFor();
    await figures(page, /^3 steps in/, "restore-figures");
  };
  await go("?steps=3&count=4&test=7&seed=2&device=cpu#restore");
  await idle();
  const png = await saved(page, "restore", "Save picture");
  assert.equal(png.name, "tweedie-restore-mnist-paint-auto-3-steps-seed-2.png");
  const [width, height] = sizeOfPng(png.bytes);
  assert.ok(width > height, "the observation is beside the answers");
  const gif = readGif((await saved(page, "restore", "Save animation")).bytes);
  assert.equal(gif.frames, 4, "the noise and three steps");
  const { head, rows } = rowsOf((await saved(page, "restore", "Save residuals")).bytes);
  assert.deepEqual([head, rows.length], [["step", "answer1", "answer2", "answer3", "answer4"], 3]);
  const code = await codeOf(page, "restore", "JavaScript");
  assert.match(code, /mask\.fill\(0, from, to\)/);
  const residuals = await run(page, go, code, "[...await sampling.residual()]");
  for (const [index, residual] of residuals.entries()) assert.ok(Math.abs(residual - rows.at(-1)[index + 1]) < 1e-5, `${residual} instead of ${rows.at(-1)[index + 1]}`);

  await go("?view=anagram&steps=3&count=2&device=cpu#restore");
  await idle();
  const anagram = await codeOf(page, "restore", "JavaScript");
  assert.match(anagram, /\{ transform: "rotate-180", classLabel: 9 \}/);
  assert.equal(await run(page, go, anagram, "sampling.batch"), 2);
});

pageTest("compare: the distances of the table are saved, the plot is a picture, and the code gives the same", {}, async (page, go) => {
  await go("?samplers=ddim,ddpm&steps=1,2&device=cpu#compare");
  await page.waitForFunction(() => document.querySelectorAll("#compare-table td[data-state=done] .value").length >= 4);
  const { head, rows } = rowsOf((await saved(page, "compare", "Save distances")).bytes);
  assert.equal(head.join(), "sampler,steps,evaluations,distance,reference_evaluations,milliseconds");
  const shown = await page.locator("#compare-table td:not(.reference) .value").allTextContents();
  assert.deepEqual(rows.map((row) => Number(row[3]).toFixed(3)), shown.filter((text) => text !== ""));
  const { name, bytes } = await saved(page, "compare", "Save picture");
  assert.equal(name, "tweedie-compare-mnist-ddim-ddpm-seed-4.png");
  const [width, height] = sizeOfPng(bytes);
  assert.equal(width, 2 * (await page.locator("#compare-plot").evaluate(({ clientWidth }) => clientWidth)) + 64);
  const red = await redOfPng(page, bytes, Array.from({ length: 400 }, (_, index) => [Math.floor(0.2 * width) + index, Math.floor(height / 3)]));
  assert.ok(new Set(red).size > 2, "the plot is drawn");
  const code = await codeOf(page, "compare", "JavaScript");
  const [reference, options] = code.match(/await compare\((\{.*?\}), \[\n {2}(\{.*?\}),\n/s).slice(1);
  assert.match(reference, /dpm-solver\+\+/);
  assert.match(options, /sampler: "ddim",.* steps: 1\b/s);
});

pageTest("the menu works by keyboard, fits a phone, and copies the link and the frame", { context: { ...PHONE.context, ...CLIPBOARD.context } }, async (page, go) => {
  await go(IMAGES);
  await finished(page);
  const button = page.locator("#images-share-button");
  await button.focus();
  await page.keyboard.press("Enter");
  const { x, y, width, height } = await menu(page, "images").boundingBox();
  assert.ok(x >= 0 && y >= 0 && x + width <= 390 && y + height <= 844, `${[x, y, width, height]}`);
  await page.evaluate(axe.source);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition && animation.effect.target.checkVisibility())));
    const { violations } = await page.evaluate(() => window.axe.run("#images-share-menu"));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
  }
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Copy link");
  await page.keyboard.press("Enter");
  await menu(page, "images").getByText("Link copied.").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(new URL(link).searchParams.get("seed"), "5");
  await page.keyboard.press("End");
  await item(page, "images", "Embed").press("Enter");
  await menu(page, "images").getByText("HTML of the frame copied.").waitFor();
  const frame = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(frame.match(/^<iframe src="([^"]+)"/)[1].replaceAll("&amp;", "&"), link.replace("?", "?embed&"));
  await page.keyboard.press("Escape");
  assert.equal(await button.evaluate((button) => document.activeElement === button), true);

  await openMenu(page, "images");
  await item(page, "images", "Code for this…").click();
  const box = await page.locator("dialog[open]").boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390);
  const { violations } = await page.evaluate(() => window.axe.run("dialog[open]"));
  assert.deepEqual(violations.map(({ id }) => id), []);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
});

pageTest("an embedded lab shows its view alone, keeps its link, and leads to the page", {}, async (page, go) => {
  for (const [query, canvas, control] of [
    ["?embed&sampler=ddim&steps=2&count=1&device=cpu#images", "#grid", "#start"], ["?embed&samplers=ddim&steps=1&device=cpu#compare", "#compare-plot", "#compare-start"],
    ["?embed&count=1000#distributions", "#distributions-picture", "#distributions-play"], ["?embed&points=200&step=train#points", "#points-picture", "#points-start"], ["?embed&points=200#points", "#points-picture", "#points-play"],
  ]) {
    await go(query);
    await page.locator(`${control}:enabled`).waitFor();
    await page.setViewportSize({ width: 720, height: 640 });
    for (const selector of [canvas, control]) {
      const { top, bottom } = await page.locator(selector).evaluate((element) => element.getBoundingClientRect());
      assert.ok(top >= 0 && bottom <= 640, `${query}: ${selector} from ${top} to ${bottom}`);
    }
    for (const chrome of [".masthead", ".colophon", ".prose", ".formulas", ".panel .group", ".panel .fields", ".keep", ".skip"]) {
      assert.equal(await page.locator(`${chrome}:visible`).count(), 0, `${query}: ${chrome}`);
    }
    assert.match(page.url(), /\?embed[&#]/);
    const open = page.getByRole("link", { name: "Open in Tweedie" });
    await open.focus();
    assert.equal(await open.getAttribute("href"), page.url().replace("embed&", "").replace("?embed#", "#"));
  }
});
