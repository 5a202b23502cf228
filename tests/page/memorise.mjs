// The lab on memorisation.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { figures, pageTest, query } from "./support.mjs";

const label = (page, id) => page.locator(`#memorise-${id}`).getAttribute("aria-label");
async function ended(page, points) {
  // The lab fills its section itself.
  await page.locator("#memorise-figures").waitFor();
  return figures(page, new RegExp(`^${points} points · copies: `), "memorise-figures");
}
const shares = (text) => Object.fromEntries([...text.matchAll(/(ideal|network) ([\d.]+) %/g)].map(([, model, share]) => [model, Number(share)]));

pageTest("few points are copied by the ideal denoiser and the network, many only by the ideal denoiser", {}, async (page, go) => {
  await go("?points=5&steps=400#memorise");
  const few = shares(await ended(page, 5));
  assert.ok(few.ideal > 99, `${few.ideal}`);
  assert.ok(few.network > 60, `${few.network}`);
  await page.locator("#memorise-points").focus();
  await page.keyboard.press("End");
  const many = shares(await ended(page, 2000));
  assert.ok(many.ideal > 70, `${many.ideal}`);
  // New draws are copies with a probability of about 1/9.
  assert.ok(Math.abs(many.network - 11) < 5, `${many.network}`);
  assert.match(await label(page, "picture"), /^2000 training points\. Ideal denoiser: \d+ % copies\. Network: \d+ % copies\.$/);
});

pageTest("the number of points is in the link, and all sizes can be tried and saved", {}, async (page, go) => {
  await go("?points=50&steps=1&data=rings#memorise");
  await ended(page, 50);
  assert.deepEqual(query(page), { points: "50", steps: "1", data: "rings" });
  await page.locator("#memorise-points").focus();
  await page.keyboard.press("Home");
  await ended(page, 5);
  assert.equal(query(page).points, "5");
  assert.equal(await page.locator("#memorise-points").getAttribute("aria-valuetext"), "5 training points");
  await page.getByRole("button", { name: "Try all sizes" }).click();
  await ended(page, 2000);
  assert.match(await label(page, "plot"), /5 points: ideal denoiser \S+ %, network .* 2000 points: ideal denoiser \S+ %, network/);
  await page.locator("#memorise-share-button").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save shares of copies" }).click()]);
  const [head, ...rows] = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(head, "training_points,ideal,network,new_draws");
  assert.equal(rows.filter((row) => row.split(",").every((value) => value !== "")).length, 9);
});

pageTest("invalid values are reported at their control, and a run can be cancelled", {}, async (page, go) => {
  await go("?points=3&steps=100000#memorise");
  assert.match(await page.locator("#memorise-points-error:visible").textContent(), /3.*from 5 to 2000/);
  await page.locator("#memorise-start:enabled").waitFor();
  await figures(page, /· step \d+ of 100000$/, "memorise-figures");
  await page.keyboard.press("Escape");
  await figures(page, /^Cancelled\.$/, "memorise-figures");
});
