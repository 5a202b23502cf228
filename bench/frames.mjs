// Frame times of the points lab with 5,000 points on screen, during training in the worker and idle; called by main.mjs.

const COUNT = 5000;
const SECONDS = 6;

/** Measures in a page on a separate origin; `report` adds rows to the benchmark's table. */
export async function framesOfPoints(page, report) {
  page.setDefaultTimeout(60_000);
  await page.setViewportSize({ width: 1280, height: 860 });
  const origin = new URL("/", page.url());
  await page.goto(`${origin}?step=train&count=${COUNT}&trainingSteps=1000000&decay=constant#points`);
  await page.waitForFunction(() => /^No network/.test(document.querySelector("#points-figures").textContent));
  const rest = await page.evaluate(frameIntervals, SECONDS);

  await page.locator("#points-start").click();
  await page.waitForFunction(() => /^Step [1-9]\d{2,}/.test(document.querySelector("#points-figures").textContent));
  const training = await page.evaluate(frameIntervals, SECONDS);

  // A replay moves every point in every frame.
  await page.locator('.way input[value="sample"]').check();
  await page.waitForFunction((count) => document.querySelector("#points-picture").getAttribute("aria-label").match(`^${count} samples.*DDPM: \\d+ evaluations`), COUNT);
  await page.evaluate(() => setInterval(() => document.querySelector("#points-play:not(.playing)")?.click(), 50));
  const replaying = await page.evaluate(frameIntervals, SECONDS);
  if (!/^Step/.test(await page.locator("#points-figures").textContent())) throw new Error("the training came to an end");

  tell("nothing moves, nothing trains", rest, report);
  tell(`a training shows ${COUNT} samples as it goes on`, training, report);
  tell(`2 × ${COUNT} samples are replayed while it goes on`, replaying, report);
}

function tell(what, intervals, report) {
  const ordered = intervals.sort((one, other) => one - other);
  const at = (share) => `${ordered[Math.floor(share * (ordered.length - 1))].toFixed(1)} ms`;
  report(`Frames, ${what}`, at(0.5), `95th percentile ${at(0.95)}; target: 60 a second, 16.7 ms`);
}

// Runs in the page.
function frameIntervals(seconds) {
  return new Promise((resolve) => {
    const intervals = [];
    const began = performance.now();
    let before = began;
    const turn = (now) => {
      intervals.push(now - before);
      before = now;
      if (now - began < 1000 * seconds) requestAnimationFrame(turn);
      else resolve(intervals.slice(1));
    };
    requestAnimationFrame((now) => {
      before = now;
      requestAnimationFrame(turn);
    });
  });
}
