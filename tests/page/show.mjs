// The guided tour, the lecture, and QR codes.
import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import jsqr from "jsqr";
import { readModes } from "../../www/show/modes.js";
import { lectureAddress, readScenes, sceneOf, writeScenes } from "../../www/show/scenes.js";
import { TOUR } from "../../www/show/tour-steps.js";
import { pageTest, pixelsOfPng, query } from "./support.mjs";

const PHONE = { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } };
const card = (page) => page.locator(".tour-card");
const step = (page, number) => page.getByRole("region", { name: `Tour, step ${number} of ${TOUR.length}` }).waitFor();
const filterOf = (page) => page.locator("#points-picture").evaluate((canvas) => getComputedStyle(canvas).filter);

pageTest("the tour asks for a prediction, shows the picture and what it means, and is driven by keys", {}, async (page, go) => {
  await go("?tour=3");
  await step(page, 3);
  assert.deepEqual(query(page), { step: "forward", time: "1", tour: "3" });
  assert.match(await filterOf(page), /blur/);
  assert.equal(await card(page).getAttribute("tabindex"), "-1");
  // A screen reader begins at the card.
  await page.waitForFunction(() => document.activeElement.matches(".tour-card"));
  await page.keyboard.press("3");
  assert.match(await card(page).textContent(), /Right\. Only a standard normal cloud is left/);
  assert.equal(await filterOf(page), "none");
  await page.evaluate(axe.source);
  assert.deepEqual(await page.evaluate(async () => (await window.axe.run(".tour-card")).violations.map(({ id }) => id)), []);
  await page.keyboard.press("ArrowRight");
  await step(page, 4);
  assert.equal(query(page).tour, "4");
  await card(page).getByRole("button", { name: /Along the moons/ }).click();
  assert.match(await card(page).textContent(), /The answer is: towards the data\./);
  await page.keyboard.press("ArrowLeft");
  await step(page, 3);
  await page.reload();
  await step(page, 3);
  await page.keyboard.press("Escape");
  assert.equal(await card(page).count(), 0);
  assert.equal(await filterOf(page), "none");
  assert.deepEqual(query(page), { step: "forward", time: "1" });
});

pageTest("every step of the tour shows a picture of its lab, and the card fits a phone", PHONE, async (page, go) => {
  for (const [index, { picture, answer, options }] of TOUR.entries()) {
    assert.ok(answer < options.length);
    await go(`?tour=${index + 1}`);
    await step(page, index + 1);
    await page.locator(picture).waitFor();
    const { x, y, width, height } = await card(page).boundingBox();
    assert.ok(x >= 0 && y >= 0 && x + width <= 390 && y + height <= 844, `step ${index + 1}`);
    await card(page).locator(".options button").nth(answer).tap();
    await card(page).getByText("Right.").waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  }
  // Another lab ends the tour.
  await page.getByRole("link", { name: "Compare", exact: true }).click();
  assert.equal(await card(page).count(), 0);
});

const menu = (page) => page.locator("#points-share-menu");
async function addScene(page) {
  await page.locator("#points-share-button").click();
  await menu(page).getByRole("button", { name: "Add to lecture" }).click();
  await menu(page).getByText(/^Scene \d added/).waitFor();
  await page.keyboard.press("Escape");
}

pageTest("views are saved as scenes and presented without controls, with keys and a QR code", {}, async (page, go) => {
  await go("?points=300&step=forward&time=0.5#points");
  await page.locator("#points-start:enabled").waitFor();
  await addScene(page);
  await page.locator('.way input[value="look"]').check();
  await addScene(page);
  await page.locator("#points-share-button").click();
  await menu(page).getByRole("button", { name: "Present lecture" }).click();
  const bar = page.getByRole("navigation", { name: "Lecture" });
  await bar.getByText("1 / 2").waitFor();
  assert.deepEqual([query(page).step, query(page).time], ["forward", "0.5"]);
  for (const hidden of [".masthead", "#points-settings", "#points .prose"]) assert.equal(await page.locator(hidden).isVisible(), false, hidden);
  assert.ok(await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize)) > 16);
  await page.keyboard.press("PageDown");
  await bar.getByText("2 / 2").waitFor();
  assert.equal(query(page).step, "look");
  await page.keyboard.press("c");
  await page.locator("#points-settings").waitFor();
  await page.keyboard.press("q");
  const code = page.locator(".qr-dialog svg");
  await code.waitFor();
  const { data, width, height } = await pixelsOfPng(page, await code.screenshot());
  const read = jsqr(Uint8ClampedArray.from(data), width, height);
  const scene = new URL(page.url());
  assert.equal(read?.data, await page.locator(".qr-dialog .address").getAttribute("href"));
  assert.equal(new URL(read.data).searchParams.get("step"), "look");
  assert.equal(new URL(read.data).hash, scene.hash);
  await page.keyboard.press("Escape");
  await code.waitFor({ state: "detached" });
  // The link of a lecture holds its scenes, for another browser.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.keyboard.press("ArrowLeft");
  await bar.getByText("1 / 2").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".masthead").waitFor();
  assert.deepEqual(Object.keys(query(page)).sort(), ["points", "step", "time"]);
});

test("scenes survive the link, and what is not a scene is left out", () => {
  const scenes = ["?source=x~%20y&c=1#distributions", "#compare", "?drawing=AA.BB#points"];
  assert.deepEqual(readScenes(writeScenes(scenes)), scenes);
  assert.deepEqual(readScenes("javascript%3Aalert(1)~%E0~https%3A%2F%2Fexample.org%23a~%23images"), ["#images"]);
  assert.equal(sceneOf("https://example.org/tweedie/?a=1#points"), "?a=1#points");
  const address = new URL(lectureAddress(scenes, 1), "https://example.org/");
  const { lecture, query, keep } = readModes(address.search);
  assert.deepEqual([lecture, query, address.hash], [{ at: 1, scenes }, "", "#compare"]);
  assert.deepEqual(readModes(keep("?steps=5")).lecture, lecture);
});

test("a step of the tour that does not exist is ignored", () => {
  for (const search of ["?tour=0", "?tour=99", "?tour=x", "?tour=1.5"]) assert.deepEqual([readModes(search).tour, readModes(search).query], [null, ""]);
  assert.equal(readModes("?present=7&scenes=%23images").lecture.at, 0);
});
