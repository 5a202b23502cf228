// Takes the pictures of the labs for the documentation from the built page: node tools/pictures.mjs [name …]
// Without names it takes all of them; those with a training need minutes.
import { join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumWith, serve } from "../tests/page/host.mjs";
import { ROOT } from "./root.mjs";

const SIZE = { width: 1280, height: 720 };
const PATIENCE = 900_000; // milliseconds

const says = (page, id, pattern) => page.waitForFunction(([id, source]) => new RegExp(source).test(document.getElementById(id)?.textContent ?? ""), [id, pattern.source], { polling: 100 });
const summarised = (page, id, pattern) => page.waitForFunction(([id, source]) => new RegExp(source).test(document.getElementById(id)?.getAttribute("aria-label") ?? ""), [id, pattern.source], { polling: 100 });
/** Moves a slider to a value, as a visitor does. */
const slide = (page, id, value) => page.locator(`#${id}`).evaluate((slider, value) => {
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}, value);

/** By file name: the link, and what to do and to wait for. */
const PICTURES = {
  tiles: ["?model=tiles&steps=20&seed=0#images", (page) => says(page, "figures", /steps in /)],
  compare: ["#compare", (page) => says(page, "compare-figures", /Precomputed/)],
  distributions: ["?method=rejection&target=mixture&count=10000&speed=fast#distributions", (page) => summarised(page, "distributions-picture", /10,000 samples/)],
  async points(page, go) {
    await go("?data=swiss-roll&step=train#points");
    await page.locator("#points-start:enabled").click();
    await says(page, "points-figures", /steps in /);
    await page.locator('.way input[value="sample"]').check();
    await summarised(page, "points-picture", /DDIM: \d+ evaluations.*DDPM: \d+ evaluations/);
    await slide(page, "points-scrub", 0.12);
  },
  async name(page, go) {
    await go("?data=drawn&word=Ada#points");
    await page.getByRole("button", { name: "Train and watch" }).and(page.locator(":enabled")).click();
    await summarised(page, "points-picture", /DDIM: \d+ evaluations/);
    await slide(page, "points-scrub", 0.02);
  },
  async memorise(page, go) {
    await go("#memorise");
    await page.locator("#memorise-start:enabled").click();
    await says(page, "memorise-figures", /^2000 points · copies/);
    // Home and arrow keys would train again for sizes in between.
    await slide(page, "memorise-points", Math.log(20 / 5) / Math.log(400));
    await says(page, "memorise-figures", /^20 points · copies/);
  },
  async models(page, go) {
    await go("?model=spline-flow#family");
    await page.locator("#family-start:enabled").click();
    await page.locator("#family-table td[data-state=done]").first().waitFor();
  },
  async tour(page, go) {
    await go("?tour=5");
    await page.locator(".tour-card").getByRole("button").nth(2).click();
    await summarised(page, "points-picture", /DDIM: \d+ evaluations.*DDPM: \d+ evaluations/);
    await slide(page, "points-scrub", 0.25);
  },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PICTURES);
const server = await serve();
const browser = await chromium.launch(chromiumWith());
try {
  for (const name of names) {
    const context = await browser.newContext({ viewport: SIZE, colorScheme: "light", reducedMotion: "reduce", serviceWorkers: "block" });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const go = (link) => page.goto(server.url + link);
    const picture = PICTURES[name];
    if (typeof picture === "function") await picture(page, go);
    else {
      await go(picture[0]);
      await picture[1](page);
    }
    // The focus and the pointer leave no trace.
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(0, 0);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.screenshot({ path: join(ROOT, "docs", `${name}.png`) });
    console.log(name);
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
