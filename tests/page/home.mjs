// The start page, all kinds of links, and the downloads of a first visit.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { framesOf } from "../../www/home/recording.js";
import { DIST } from "./host.mjs";
import { changed, faintTexts, figures, finished, frames, pageTest, PATIENCE, picture } from "./support.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const replay = (page) => page.locator("#home-replay");
const shownSections = (page) => page.locator("main > section:visible").evaluateAll((sections) => sections.map(({ id }) => id));
const stepOf = (page) => page.locator("#home-step").textContent();

pageTest("the start page shows an introduction and an animation before any module is loaded", {}, async (page, go) => {
  await page.context().route("**/*.wasm", () => {}); // never arrives
  await go();
  assert.deepEqual(await shownSections(page), ["home"]);
  assert.match(await page.title(), /diffusion models in your browser/);
  await figures(page, /^Recorded run · step [1-9]\d* of 20$/, "home-step");
  await changed(page, await picture(page, replay(page)), replay(page));
  const { words, shown } = await page.evaluate(() => ({
    words: document.querySelector("#home .words").innerText,
    shown: ["#home h1", "#home-replay", "#home .calls"].map((selector) => document.querySelector(selector).getBoundingClientRect().bottom <= innerHeight),
  }));
  assert.match(words, /noise into images/);
  assert.deepEqual(shown, [true, true, true]);
  for (const name of ["Images", "Compare", "Restore", "Distributions", "Diffusion in 2-D"]) assert.equal(await page.locator("#home .card").filter({ hasText: name }).count(), 1, name);
});

pageTest("the recorded run ends, and can be stopped and replayed", {}, async (page, go) => {
  await page.clock.install();
  await go();
  const button = page.locator("#home-play");
  await page.getByRole("button", { name: "Stop the recorded run" }).click();
  const stopped = await stepOf(page);
  await frames(page, 15);
  assert.equal(await stepOf(page), stopped);
  await button.click();
  await page.clock.runFor(15_000);
  // Both runs are over, and nothing moves any more.
  await page.getByRole("button", { name: "Play the recorded run" }).waitFor();
  assert.match(await stepOf(page), /step 20 of 20$/);
});

pageTest("reduced motion: the start page shows the end of the run until it is played", { context: { reducedMotion: "reduce" } }, async (page, go) => {
  await go();
  await figures(page, /step 20 of 20$/, "home-step");
  const still = await picture(page, replay(page));
  await frames(page, 30);
  assert.equal(await picture(page, replay(page)), still);
  await page.locator("#home-play").click();
  await changed(page, still, replay(page));
});

test("a recording replays DDIM steps, from the noise to the last estimate", () => {
  const facts = { width: 1, height: 1, count: 1, range: 2, levels: [[0.6, 0.8], [0.8, 0.6], [1, 0]] };
  // Grey levels of the noise and of two estimates: 1, 0.2, −0.6 on the scale of each row.
  const grey = (value) => [value, value, value, 255];
  const data = Uint8ClampedArray.from([...grey(255), ...grey(153), ...grey(51)]);
  const seen = framesOf(facts, { data, width: 1 }).map(([red]) => red);
  const between = 0.8 * 0.2 + (0.6 * (2 - 0.6 * 0.2)) / 0.8;
  assert.deepEqual(seen, [255, Math.min(255, Math.round(127.5 * (1 + between))), 51]);
});

pageTest("the recorded digits equal the default run of the images lab", {}, async (page, go) => {
  await go("#images");
  await finished(page);
  const [live, recorded] = await page.evaluate(async () => {
    const bitmap = await createImageBitmap(await (await fetch("recordings/digits.webp")).blob());
    const strip = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    strip.drawImage(bitmap, 0, 0);
    const edge = 28;
    const recorded = Array.from(strip.getImageData(0, bitmap.height - edge, edge, edge).data).filter((_, index) => index % 4 === 0);
    const grid = document.querySelector("#grid");
    const cell = Math.floor((grid.width - 3 * 8) / 4);
    const { data } = grid.getContext("2d").getImageData(0, 0, grid.width, grid.height);
    const middle = (index) => Math.floor(((index + 0.5) * cell) / edge);
    const live = Array.from({ length: edge * edge }, (_, index) => data[4 * (middle(Math.floor(index / edge)) * grid.width + middle(index % edge))]);
    return [live, recorded];
  });
  const far = live.map((value, index) => Math.abs(value - recorded[index])).reduce((sum, difference) => sum + difference, 0) / live.length;
  assert.ok(far < 3, `the mean difference is ${far} levels of grey`);
});

const LINKS = [
  ["", "home", /^Tweedie: /], ["#home", "home", /^Tweedie: /], ["?steps=1&count=1", "images", /^Images/], ["?steps=20", "images", /^Images/], ["#images", "images", /^Images/], ["?steps=1&count=1#images", "images", /^Images/],
  ["?samplers=ddim&steps=1#compare", "compare", /^Compare/], ["#distributions", "distributions", /^Distributions/], ["?step=forward#points", "points", /^Diffusion in 2-D/], ["#nothing", "home", /^Tweedie: /],
];

pageTest("old links still lead to the same lab", {}, async (page, go) => {
  for (const [link, id, title] of LINKS) {
    await page.goto("about:blank");
    await go(link);
    assert.deepEqual(await shownSections(page), [id], link);
    assert.match(await page.title(), title, link);
    assert.equal(await page.locator("[aria-current=page]").count(), 1, link);
  }
  // With its defaults a lab's address has no query, and a reload still leads there.
  await go("?steps=20");
  await page.waitForFunction(() => location.search === "" && location.hash === "#images");
  await page.reload();
  assert.deepEqual(await shownSections(page), ["images"]);
});

pageTest("navigation between the start page and a lab works, each with its own address", {}, async (page, go) => {
  await go();
  await page.locator("#home .card").filter({ hasText: "Distributions" }).click();
  await page.waitForFunction(() => / samples, /.test(document.querySelector("#distributions-picture").getAttribute("aria-label")));
  assert.deepEqual(await shownSections(page), ["distributions"]);
  await page.getByRole("link", { name: "Tweedie, start page" }).click();
  assert.deepEqual(await shownSections(page), ["home"]);
  assert.equal(new URL(page.url()).search, "");
  await page.goBack();
  assert.deepEqual(await shownSections(page), ["distributions"]);
});

pageTest("the start page fits a phone: low header, no horizontal scrolling, large controls", { context: PHONE }, async (page, go) => {
  await go();
  await figures(page, /^Recorded run · step/, "home-step");
  const { header, content, small } = await page.evaluate(() => ({
    header: document.querySelector(".masthead").getBoundingClientRect().height / innerHeight,
    content: document.documentElement.scrollWidth,
    small: [...document.querySelectorAll("#home :is(a, button), .masthead a, .colophon a")].filter((control) => control.getBoundingClientRect().height < 40).map((control) => control.outerHTML),
  }));
  assert.ok(header < 0.12, `the header takes ${Math.round(100 * header)} %`);
  assert.equal(content, PHONE.viewport.width);
  assert.deepEqual(small, []);
  assert.ok(await page.evaluate(() => document.querySelector("#home-replay").getBoundingClientRect().bottom <= innerHeight), "the picture is below the fold");
});

pageTest("texts of the start page and the documentation have enough contrast, light and dark", {}, async (page, go) => {
  for (const address of ["", "docs/"]) {
    await go(address);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition)));
      assert.deepEqual(await page.evaluate(faintTexts), [], `${address} ${colorScheme}`);
    }
  }
});

pageTest("every link of the page and its documentation works", {}, async (page, go) => {
  for (const address of ["", "docs/", "docs/contributing.html", "docs/digits.html", "docs/tiles.html"]) {
    await go(address);
    const links = await page.locator(":is(a, link)[href]").evaluateAll((all) => all.map(({ href }) => href));
    for (const link of new Set(links.map((link) => new URL(link)).filter(({ origin }) => origin === new URL(page.url()).origin).map(({ pathname }) => decodeURIComponent(pathname)))) {
      await access(join(DIST, link.endsWith("/") ? `${link}index.html` : link));
    }
    for (const link of links.map((link) => new URL(link)).filter(({ pathname, hash }) => pathname === new URL(page.url()).pathname && hash !== "")) {
      assert.notEqual(await page.locator(`[id="${decodeURIComponent(link.hash.slice(1))}"]`).count(), 0, `${address}: ${link.hash}`);
    }
  }
});

pageTest("metadata for shared links exists: description, image, manifest with icons", {}, async (page, go) => {
  await go();
  const content = (name) => page.locator(`meta[name="${name}"], meta[property="${name}"]`).first().getAttribute("content");
  assert.match(await content("description"), /noise into images/);
  const png = await readFile(join(DIST, await content("og:image")));
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1200, 630]);
  const manifest = JSON.parse(await readFile(join(DIST, "manifest.webmanifest"), "utf8"));
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await readFile(join(DIST, src));
    if (type === "image/png") assert.equal(`${icon.readUInt32BE(16)}x${icon.readUInt32BE(20)}`, sizes);
  }
});

// The first visit.

pageTest("module and model download in parallel, with progress and a recorded run", {}, async (page, go) => {
  const requested = [];
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.context().route(/tweedie_cpu_bg\.wasm|\.safetensors/, async (route) => {
    requested.push(new URL(route.request().url()).pathname.split("/").at(-1));
    await released;
    await route.continue();
  });
  await go("#images");
  await page.locator("#images .arrival").waitFor();
  // Neither arrives before it is released, so the second can only be asked for beside the first.
  for (const end = Date.now() + PATIENCE / 4; requested.length < 2 && Date.now() < end; ) await frames(page, 1);
  assert.deepEqual(requested.sort(), ["diffusion_pytorch_model.safetensors", "tweedie_cpu_bg.wasm"]);
  assert.match(await page.locator("#images .arrival").textContent(), /^Downloading · \d\.\d MB of [5-7]\.\d MB$/);
  await changed(page, await picture(page));
  release();
  await finished(page);
  assert.equal(await page.locator("#images .arrival").count(), 0);
  assert.match(await page.locator("#grid").getAttribute("aria-label"), /after step 20 of 20/);
});

pageTest("if the page cannot fetch the module or the model, the engine does", { tolerated: /ERR_FAILED/ }, async (page, go) => {
  const failed = new Set();
  await page.context().route(/tweedie_cpu_bg\.wasm|\.safetensors/, (route) => {
    const { pathname } = new URL(route.request().url());
    if (failed.has(pathname)) return route.continue();
    failed.add(pathname);
    return route.abort();
  });
  await go("?steps=2&count=1&device=cpu");
  await finished(page);
  assert.equal(failed.size, 2);
});

/** The address printed by sirv. */
const addressOf = (server) => new Promise((resolve, reject) => {
  let printed = "";
  server.stdout.on("data", (text) => {
    printed += text;
    const [address] = printed.match(/http:\/\/localhost:\d+/) ?? [];
    if (address !== undefined) resolve(address);
  });
  server.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
});

test("the compressed copies match the files, and ./build.sh serve sends them", async () => {
  const twins = (await readdir(DIST, { recursive: true })).filter((path) => /\.(?:br|gz)$/.test(path));
  for (const path of ["index.html", "main.js", "style.css", "tweedie/tweedie_cpu_bg.wasm", "models/mnist/unet/diffusion_pytorch_model.safetensors"]) {
    assert.ok(twins.includes(`${path}.br`) && twins.includes(`${path}.gz`), path);
    const [whole, br, gz] = await Promise.all(["", ".br", ".gz"].map((ending) => readFile(join(DIST, path + ending))));
    assert.ok(whole.equals(brotliDecompressSync(br)) && whole.equals(gunzipSync(gz)), path);
  }
  const [, line] = (await readFile("build.sh", "utf8")).match(/exec node_modules\/\.bin\/sirv (.*) --port/);
  const server = spawn("node_modules/.bin/sirv", [...line.split(" "), "--port", "0"], { env: { ...process.env, HOST: "localhost", PORT: "" } });
  try {
    const address = await addressOf(server);
    for (const encoding of ["br", "gzip"]) {
      const response = await fetch(`${address}/tweedie/tweedie_cpu_bg.wasm`, { headers: { "accept-encoding": encoding } });
      assert.equal(response.headers.get("content-encoding"), encoding);
      assert.equal(response.headers.get("content-type"), "application/wasm");
      assert.notEqual(response.headers.get("etag"), null);
      const digest = createHash("sha256").update(new Uint8Array(await response.arrayBuffer())).digest("hex");
      assert.equal(digest, createHash("sha256").update(await readFile(join(DIST, "tweedie/tweedie_cpu_bg.wasm"))).digest("hex"));
    }
  } finally {
    server.kill();
  }
});

pageTest("after one visit the page works offline, and online files have priority", { context: { serviceWorkers: "allow" }, tolerated: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load/ }, async (page, go) => {
  await go("?steps=2&count=1&device=cpu");
  await finished(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.context().setOffline(true);
  await go("?steps=3&count=1&device=cpu");
  assert.match(await finished(page), /^3 steps/);
  await go();
  await figures(page, /^Recorded run · step [1-9]/, "home-step");
  await page.context().setOffline(false);
  const caches = await page.evaluate(async () => (await globalThis.caches.keys()).filter((name) => name.startsWith("tweedie-page-")));
  assert.equal(caches.length, 1);
});
