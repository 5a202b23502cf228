// Helpers for the page tests: separate pages, waiting, and the fixtures of diffusers.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { gridLayout } from "../../www/plot/grid.js";
import { chromiumWith, FIXTURES, MODEL, serve } from "./host.mjs";
import { tinyDigits } from "./tiny-digits.mjs";

/** Timeout for sampling on two busy cores and on an emulated GPU. */
export const PATIENCE = 120_000; // milliseconds

const opened = new Map();
let server;

async function browserWith(flags) {
  const key = flags.join(" ");
  if (!opened.has(key)) opened.set(key, chromium.launch(chromiumWith(...flags)));
  return opened.get(key);
}

after(async () => {
  for (const browser of opened.values()) await (await browser).close();
  (await server)?.close();
});

/**
 * A test with a separate page, which fails on any error in the page's console.
 * @param {string} name
 * @param {{ flags?: string[], context?: object, tolerated?: RegExp }} setup  browser flags, Playwright's context
 *   options, and console errors that belong to the test
 * @param {(page: import("playwright-core").Page, go: (query?: string) => Promise<void>) => Promise<void>} body
 */
export function pageTest(name, { flags = [], context: options = {}, tolerated = /^$/ }, body) {
  test(name, { timeout: PATIENCE }, async () => {
    server ??= serve();
    const { url } = await server;
    // Tests cannot intercept requests of a service worker.
    const context = await (await browserWith(flags)).newContext({ acceptDownloads: true, serviceWorkers: "block", ...options });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const errors = [];
      page.on("pageerror", (error) => errors.push(error.stack));
      page.on("console", (message) => message.type() === "error" && errors.push(`${message.text()} ${message.location().url}`));
      await body(page, (query = "") => page.goto(url + query));
      assert.deepEqual(errors.filter((error) => !tolerated.test(error)), []);
    } finally {
      await context.close();
    }
  });
}

/** A page test without animations, for what does not depend on them. */
export const stillTest = (name, setup, body) =>
  pageTest(name, { ...setup, context: { reducedMotion: "reduce", ...setup.context } }, body);

/** Replaces the shipped digits by a network of 11,797 parameters with random weights, for tests about everything but the picture. */
export const withTinyDigits = (page) => page.context().route("**/models/mnist/unet/*", async (route) => {
  const files = await tinyDigits();
  await route.fulfill({ body: files[new URL(route.request().url()).pathname.split("/").at(-1)] });
});

/** Waits until the status of a lab matches. */
export async function figures(page, pattern, id = "figures") {
  await page.waitForFunction(
    ([source, id]) => new RegExp(source).test(document.getElementById(id).textContent),
    [pattern.source, id],
    { polling: 20, timeout: PATIENCE },
  );
  return page.locator(`#${id}`).textContent();
}

/** Waits for the end of a run. */
export const finished = (page) => figures(page, /steps? in /);

/** Clears the status of the previous run, so that the end of the next one can be awaited. */
export const forgetFigures = (page) => page.locator("#figures").evaluate((figures) => (figures.textContent = ""));

/** The parameters in the address. */
export const query = (page) => Object.fromEntries(new URL(page.url()).searchParams);

/** The error shown at a control, or at Start for the place "run". */
export const problem = (page, place) => page.locator(`#${place}-error:visible`).textContent();

/** Selects a radio button. */
export const choose = (page, name) => page.getByRole("radio", { name, exact: true }).check();

/** A hash of the canvas. */
export const picture = (page, canvas = page.locator("#grid")) => canvas.evaluate(async (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Uint32Array(await crypto.subtle.digest("SHA-256", data)).join(" ");
});

/** Waits for a number of frames, to give unwanted changes time to appear. */
export const frames = (page, count) => page.evaluate(async (count) => {
  for (; count > 0; count--) await new Promise(requestAnimationFrame);
}, count);

/** Waits until a canvas no longer shows `before`, and returns what it shows. */
export async function changed(page, before, canvas) {
  for (const end = Date.now() + PATIENCE / 4; ; ) {
    const now = await picture(page, canvas);
    if (now !== before) return now;
    assert.ok(Date.now() < end, "the picture has not changed");
    await frames(page, 1);
  }
}

export const HUB = "https://huggingface.co/**";

/**
 * Plays the Hub with the shipped model under one id.
 * @param {object} [played]
 * @param {string[]} [played.requests]  takes the paths that are asked for
 * @param {object} [played.scheduler]  a `scheduler_config.json` in place of the shipped one
 */
export async function playHub(page, id, { requests = [], scheduler } = {}) {
  await page.context().route(HUB, async (route) => {
    const { pathname } = new URL(route.request().url());
    requests.push(pathname);
    const headers = { "access-control-allow-origin": "*" };
    const path = pathname.startsWith(`/${id}/resolve/main/`) && pathname.slice(`/${id}/resolve/main/`.length);
    try {
      const body = path === "scheduler/scheduler_config.json" && scheduler ? JSON.stringify(scheduler) : await readFile(join(MODEL, path || "absent"));
      await route.fulfill({ headers, body });
    } catch {
      await route.fulfill({ headers, status: 404, body: "Entry not found" });
    }
  });
}

/** The tensors of a safetensors file of float32. */
export async function fixture(file) {
  const bytes = await readFile(join(FIXTURES, file));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, start).toString());
  return (name) => {
    const [from, to] = header[name].data_offsets;
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to));
  };
}

/** The grey levels of values in [-1, 1]. */
export const asGrey = (values) => Array.from(values, (value) => Math.min(255, Math.max(0, (value + 1) * 127.5)));

/** The pixels of a square sample on a canvas, read at their centres: RGBA, row by row. */
export async function colorsOnCanvas(page, { edge = 16, sample = 0, count = 1, gap = 8, canvas = page.locator("#grid") } = {}) {
  const [width, height] = await canvas.evaluate((element) => [element.width, element.height]);
  const { cells, cellWidth, cellHeight } = gridLayout({ count, imageWidth: edge, imageHeight: edge, width, height, gap });
  return canvas.evaluate((element, { edge, x, y, cellWidth, cellHeight }) => {
    const { data, width } = element.getContext("2d").getImageData(x, y, cellWidth, cellHeight);
    const middle = (index, length) => Math.floor(((index + 0.5) * length) / edge);
    const pixel = (row, column) => 4 * (middle(row, cellHeight) * width + middle(column, cellWidth));
    return Array.from({ length: edge * edge }, (_, index) => pixel(Math.floor(index / edge), index % edge)).flatMap((at) => [...data.subarray(at, at + 4)]);
  }, { edge, ...cells[sample], cellWidth, cellHeight });
}

/** The grey levels of a digit on a canvas. */
export async function greyOnCanvas(page, place = {}) {
  const colors = await colorsOnCanvas(page, { edge: 28, ...place });
  return colors.filter((_, index) => index % 4 === 0);
}

/** The pixels of a PNG: RGBA, row by row. */
export const pixelsOfPng = (page, png) => page.evaluate(async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return { width: image.width, height: image.height, data: Array.from(data) };
}, png.toString("base64"));

/** Asserts that no element differs by more than `tolerance`. */
export function assertClose(actual, expected, tolerance) {
  assert.equal(actual.length, expected.length);
  for (const [index, value] of expected.entries()) {
    // Written so that NaN fails too.
    assert.ok(Math.abs(actual[index] - value) <= tolerance, `element ${index} is ${actual[index]} instead of ${value}`);
  }
}

/** Texts with a contrast below WCAG's 4.5, except those of disabled controls. */
export function faintTexts() {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channels = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = channels(color).map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 255 || element.parentElement === null ? color : backgroundOf(element.parentElement);
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.checkVisibility() && !element.closest(":disabled, noscript, option"))
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== ""))
    .map((element) => {
      const [dark, light] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))].sort((a, b) => a - b);
      return { text: element.textContent.trim(), contrast: (light + 0.05) / (dark + 0.05) };
    })
    .filter(({ contrast }) => contrast < 4.5);
}
