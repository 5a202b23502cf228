// Draws the preview image of shared links, and the icons, from the built page: node tools/preview.mjs
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { chromiumWith, serve } from "../tests/page/host.mjs";
import { ROOT } from "./root.mjs";

const WWW = join(ROOT, "www");
const ICONS = [180, 192, 512];

const drawing = `
  import { drawToFit } from "./www/plot/grid.js";
  import { readRecording } from "./www/home/recording.js";
  /** The digits, from pure noise to the finished image. */
  export async function draw(canvas) {
    const { width, height, count, frames, steps } = await readRecording("digits");
    const size = 4 * width * height;
    const pixels = new Uint8ClampedArray(count * size);
    for (let picture = 0; picture < count; picture++) {
      const frame = frames[Math.round((steps * picture) / (count - 1))];
      pixels.set(frame.subarray(picture * size, (picture + 1) * size), picture * size);
    }
    drawToFit(canvas, { pixels, width, height }, 8);
  }`;
const { outputFiles } = await build({ stdin: { contents: drawing, resolveDir: ROOT }, bundle: true, write: false, format: "iife", globalName: "preview" });

const server = await serve();
const browser = await chromium.launch(chromiumWith());
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 630 }, bypassCSP: true, reducedMotion: "reduce", serviceWorkers: "block" });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => /step 20/.test(document.querySelector("#home-step").textContent));
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.evaluate(async () => {
    for (const rest of document.querySelectorAll("#tabs, .cards, .explained, .colophon, .replay figcaption, .opening .calls")) rest.remove();
    document.querySelector(".opening").style.minHeight = "28rem";
    document.querySelector(".opening h1").style.fontSize = "3.25rem";
    document.querySelector(".opening .words > p").style.fontSize = "1.375rem";
    const canvas = document.querySelector("#home-replay");
    canvas.style.maxHeight = "none";
    // A separate canvas, because the page redraws its own.
    const own = canvas.cloneNode();
    canvas.replaceWith(own);
    await preview.draw(own);
  });
  await page.screenshot({ path: join(WWW, "preview.png") });
  const icon = await readFile(join(WWW, "icon.svg"), "utf8");
  for (const size of ICONS) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body { margin: 0; } svg { display: block; width: 100vw; height: 100vh; }</style>${icon.replace(/ rx="8"/, "")}`);
    await writeFile(join(WWW, `icon-${size}.png`), await page.screenshot());
  }
} finally {
  await browser.close();
  server.close();
}
