// Measures a first visit over a slow connection, from navigation to the first animation: node bench/first-visit.mjs [folder of the page]
// The server shares 10 Mbit/s among all requests, including those of the worker, with a latency of 20 ms.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { chromiumWith, DIST, MEDIA_TYPES } from "../tests/page/host.mjs";

const BYTES_PER_SECOND = 10e6 / 8;
const LATENCY = 20; // milliseconds
const TICK = 10; // milliseconds
const ROUNDS = 5;

const folder = resolve(process.argv[2] ?? DIST);
const waiting = [];
/** Bytes that the connection could have transferred so far while requests were pending. */
let left = 0;
let carriedAt = performance.now();

/** Divides the bandwidth among the responses, independently of the load of the machine. */
function carry() {
  const now = performance.now();
  left = waiting.length === 0 ? 0 : left + (BYTES_PER_SECOND * (now - carriedAt)) / 1000;
  carriedAt = now;
  while (left > 0 && waiting.length > 0) {
    const transfer = waiting.shift();
    const size = Math.min(1460, transfer.body.length - transfer.sent);
    transfer.response.write(transfer.body.subarray(transfer.sent, (transfer.sent += size)));
    left -= size;
    if (transfer.sent < transfer.body.length) waiting.push(transfer);
    else transfer.response.end();
  }
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const path = join(folder, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  await new Promise((resolve) => setTimeout(resolve, LATENCY));
  for (const [ending, encoding] of [[".br", "br"], [".gz", "gzip"], ["", null]]) {
    const body = await readFile(path + ending).catch(() => null);
    if (body === null) continue;
    const headers = { "content-type": MEDIA_TYPES[extname(path)] ?? "application/octet-stream", "content-length": body.length };
    response.writeHead(200, encoding === null ? headers : { ...headers, "content-encoding": encoding });
    return request.method === "HEAD" || body.length === 0 ? response.end() : waiting.push({ response, body, sent: 0 });
  }
  response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, "localhost", resolve));
const carrier = setInterval(carry, TICK);

/** When the canvas first changed after its first frame, and when the first step of the lab's run was complete. */
function watch() {
  window.marks = {};
  const mark = (name) => (window.marks[name] ??= Math.round(performance.now()));
  addEventListener("DOMContentLoaded", () => {
    const figures = document.querySelector("#figures");
    new MutationObserver(() => /^(Step [1-9]|\d+ steps in)/.test(figures.textContent) && mark("computed")).observe(figures, { childList: true });
    let pictures = 0;
    // Only a run draws this many different frames.
    const { drawImage } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.drawImage = function (...given) {
      if (this.canvas.id === "grid" && (pictures += 1) > 3 * 16) mark("moving");
      return drawImage.apply(this, given);
    };
  });
}

const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
try {
  const seen = { moving: [], computed: [] };
  for (let round = 0; round < ROUNDS; round++) {
    // A new browser, so that nothing is cached.
    const browser = await chromium.launch(chromiumWith());
    const page = await (await browser.newContext({ serviceWorkers: "block" })).newPage();
    await page.addInitScript(watch);
    await page.goto(`http://localhost:${server.address().port}/${process.argv[3] ?? "#images"}`);
    await page.waitForFunction(() => window.marks.computed !== undefined, null, { timeout: 120_000 });
    const marks = await page.evaluate(() => window.marks);
    for (const name of Object.keys(seen)) seen[name].push(marks[name] ?? NaN);
    await browser.close();
  }
  console.log(`First visit to the images lab at 10 Mbit/s, ${LATENCY} ms, CPU, median of ${ROUNDS}`);
  console.log(`first animation frame          ${(median(seen.moving) / 1000).toFixed(2)} s  (${seen.moving.join(", ")} ms)`);
  console.log(`first step of the lab's run   ${(median(seen.computed) / 1000).toFixed(2)} s  (${seen.computed.join(", ")} ms)`);
} finally {
  clearInterval(carrier);
  server.closeAllConnections();
  server.close();
}
