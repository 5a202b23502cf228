// What the tests of the page share: a server for dist/, a browser, and the fixtures of diffusers.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const DIST = join(ROOT, "dist");
export const MODEL = join(DIST, "models/mnist");
const FIXTURES = join(ROOT, "tests/fixtures");

/** A sampling on two busy cores, and on a GPU that the CPU plays, takes its time. */
export const PATIENCE = 120_000; // milliseconds

const MEDIA_TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".json": "application/json", ".wasm": "application/wasm",
};

/** Serves dist/ on a free port, as plain static hosting would; resolves to `{ url, close }`. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = normalize(join(DIST, decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname)));
    try {
      if (!path.startsWith(DIST)) throw new Error("outside of the page");
      const body = await readFile(path);
      response.writeHead(200, { "content-type": MEDIA_TYPES[extname(path)] ?? "application/octet-stream", "content-length": body.length });
      response.end(request.method === "HEAD" ? undefined : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** How the system's Chromium is started; nothing of it reaches out by itself. */
export const chromiumWith = (...flags) => ({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", ...flags,
  ],
});

/** In headless Chromium, WebGPU exists only on demand; its adapter there is a CPU. */
export const WEBGPU = "--enable-unsafe-webgpu";

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
 * A test with a page of its own, which fails on any error in the page's console.
 * @param {string} name
 * @param {{ flags?: string[], context?: object, tolerated?: RegExp }} setup  browser flags, Playwright's context
 *   options, and console errors that belong to the test
 * @param {(page: import("playwright-core").Page, go: (query?: string) => Promise<void>) => Promise<void>} body
 */
export function pageTest(name, { flags = [], context: options = {}, tolerated = /^$/ }, body) {
  test(name, { timeout: PATIENCE }, async () => {
    server ??= serve();
    const { url } = await server;
    const context = await (await browserWith(flags)).newContext({ acceptDownloads: true, ...options });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints = [];
      page.on("pageerror", (error) => complaints.push(error.stack));
      page.on("console", (message) => message.type() === "error" && complaints.push(`${message.text()} ${message.location().url}`));
      await body(page, (query = "") => page.goto(url + query));
      assert.deepEqual(complaints.filter((complaint) => !tolerated.test(complaint)), []);
    } finally {
      await context.close();
    }
  });
}

/** Waits until the figures say something that matches. */
export async function figures(page, pattern) {
  await page.waitForFunction(
    ([source]) => new RegExp(source).test(document.querySelector("#figures").textContent),
    [pattern.source],
    { polling: 20, timeout: PATIENCE },
  );
  return page.locator("#figures").textContent();
}

/** Waits for the end of a sampling. */
export const finished = (page) => figures(page, /steps? in /);

/** Picks one of a row of choices. */
export const choose = (page, name) => page.getByRole("radio", { name, exact: true }).check();

/** The grid as a text that is equal for equal pictures. */
export const picture = (page) => page.evaluate(async () => {
  const canvas = document.querySelector("#grid");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Uint32Array(await crypto.subtle.digest("SHA-256", data)).join(" ");
});

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

/** Grey levels that values in [-1, 1] are drawn with. */
export const asGrey = (values) => Array.from(values, (value) => Math.min(255, Math.max(0, (value + 1) * 127.5)));

/** The grid's one sample, read off the canvas at the middle of each of its pixels. */
export function greyOnCanvas(page, size = 28) {
  return page.evaluate((size) => {
    const canvas = document.querySelector("#grid");
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const middle = (index) => Math.floor(((index + 0.5) * width) / size);
    return Array.from({ length: size * size }, (_, index) => data[4 * (middle(Math.floor(index / size)) * width + middle(index % size))]);
  }, size);
}

/** Asserts that no element differs by more than `tolerance`. */
export function assertClose(actual, expected, tolerance) {
  assert.equal(actual.length, expected.length);
  const worst = expected.reduce((at, value, index) => (Math.abs(value - actual[index]) > Math.abs(expected[at] - actual[at]) ? index : at), 0);
  assert.ok(Math.abs(actual[worst] - expected[worst]) <= tolerance, `element ${worst} is ${actual[worst]} instead of ${expected[worst]}`);
}
