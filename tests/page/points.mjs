// The points lab: from data to samples, and what persists across labs and reloads.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { schema, trainerOptions } from "../../www/points/settings.js";
import { changed, choose, figures, frames, pageTest, picture, stillTest } from "./support.mjs";

/** Settings of a short training. */
const SMALL = "width=32&depth=2&trainingSteps=400&batch=64&points=500&count=300";
const said = (page, pattern) => figures(page, pattern, "points-figures");
const start = (page) => page.locator("#points-start");
const goTo = (page, step) => page.locator(`.way input[value="${step}"]`).check();
const query = (page) => Object.fromEntries(new URL(page.url()).searchParams);
const canvas = (page) => page.locator("#points-picture");
const summary = (page) => canvas(page).getAttribute("aria-label");
const summarised = (page, pattern) => page.waitForFunction(
  (source) => new RegExp(source).test(document.querySelector("#points-picture").getAttribute("aria-label")), pattern.source, { timeout: 60_000 },
);

pageTest("the lab opens with points that flow from noise to data", {}, async (page, go) => {
  await go("?count=300#points");
  await summarised(page, /^Two moons: 2000 points, and \d+ samples that the ideal denoiser moves from noise to the data\.$/);
  const position = () => page.locator("#points-scrub").inputValue().then(Number);
  const [first, before] = [await position(), await picture(page, canvas(page))];
  await page.waitForFunction((first) => document.querySelector("#points-scrub").valueAsNumber !== first, first);
  assert.notEqual(await picture(page, canvas(page)), before);
  await page.getByRole("button", { name: "Pause" }).click();
  const paused = await position();
  await frames(page, 15);
  assert.equal(await position(), paused);
  assert.equal(await page.locator("#points-datasets canvas").count(), 9);
});

stillTest("every data set can be selected, and has its own plot", {}, async (page, go) => {
  await go("?points=300#points");
  await summarised(page, /^Two moons/);
  const titles = ["Two Gaussians", "Eight Gaussians", "Swiss roll", "Checkerboard", "Rings", "Spiral", "Pinwheel", "Smiley"];
  for (const title of titles) {
    await choose(page, title);
    await summarised(page, new RegExp(`^${title}: 300 points`, "i"));
  }
  assert.equal(query(page).data, "smiley");
});

pageTest("the forward process adds noise according to each schedule", {}, async (page, go) => {
  await go("?step=forward&points=400&time=0#points");
  await summarised(page, /400 points of Two moons as noise is added/);
  const clean = await picture(page, canvas(page));
  await page.locator("#points-scrub").fill("0.6");
  assert.equal(query(page).time, "0.6");
  assert.match(await page.locator("#points-level").textContent(), /t = 599/);
  await changed(page, clean, canvas(page));
  const tiles = page.locator("#points-schedules canvas");
  const pictures = await Promise.all([0, 1, 2, 3, 4].map((index) => picture(page, tiles.nth(index))));
  assert.equal(new Set(pictures).size, 5);
  await choose(page, "cosine");
  await summarised(page, /with the cosine schedule/);
  assert.equal(query(page).schedule, "cosine");
  assert.equal(query(page).time, "0.6");
});

pageTest("1-D: the forward process, the probability-flow ODE and the reverse-time SDE over the marginals", {}, async (page, go) => {
  await go("?step=forward&points=400#points");
  await choose(page, "1-D");
  await summarised(page, /Marginals of a mixture/);
  for (const [index, [paths, words]] of [["Noising", "by the forward process"], ["Flow (ODE)", "by the probability-flow ODE"], ["Reverse SDE", "by the reverse-time SDE"]].entries()) {
    await choose(page, paths);
    await summarised(page, new RegExp(words));
    const before = await picture(page, canvas(page));
    const distance = String(4 - index / 2);
    await page.locator("#points-distance").fill(distance);
    await page.waitForFunction(() => document.querySelector("#points-play").matches(".playing"));
    await changed(page, before, canvas(page));
    assert.equal(query(page).distance, distance, paths);
  }
});

pageTest("1-D: the previous marginals remain until the new ones are computed, at any size and colours", {}, async (page, go) => {
  await go("?step=forward&dimensions=1&points=400#points");
  await summarised(page, /Marginals of a mixture/);
  // Held back, as if the computation took long; an error of the drawing fails the test.
  await page.evaluate(async () => {
    const { PointModel } = await import("/tweedie/worker.js");
    const { logDensity } = PointModel.prototype;
    const held = new Promise((resolve) => (window.release = resolve));
    window.asked = 0;
    PointModel.prototype.logDensity = async function (...values) {
      window.asked++;
      await held;
      return logDensity.apply(this, values);
    };
  });
  const before = await picture(page, canvas(page));
  await page.locator("#points-distance").fill("4");
  await page.waitForFunction(() => window.asked > 0);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 900, height: 700 });
  await frames(page, 10);
  await page.evaluate(() => window.release());
  await page.waitForFunction(() => document.querySelector("#points-play").matches(".playing"));
  assert.notEqual(await picture(page, canvas(page)), before);
});

stillTest("a network trains, pauses, resumes and finishes, and the plot follows", {}, async (page, go) => {
  await go(`?trainingSteps=8000&${SMALL}#points`);
  await said(page, /^No trained network/);
  await start(page).click();
  assert.equal(query(page).step, "train");
  await said(page, /^Step \d+ of 8000 · \d+ steps\/s · loss 0?\.?\d+/);
  await start(page).click();
  const paused = await said(page, /^Paused after step \d+ of 8000 · loss/);
  assert.equal(await start(page).textContent(), "Resume");
  await frames(page, 15);
  assert.equal(await page.locator("#points-figures").textContent(), paused);
  await page.locator("#points-learningRate").fill("0.01");
  assert.equal(await start(page).textContent(), "Train again", "with other settings it cannot go on");
  await page.locator("#points-learningRate").fill("0.004");
  assert.equal(await start(page).textContent(), "Resume");
  await start(page).click();
  await said(page, /^8000 steps in /);
  assert.equal(await start(page).textContent(), "Train again");
  const [, first, last] = (await page.locator("#points-loss-curve").getAttribute("aria-label")).match(/^Smoothed loss over 8000 steps: from ([\d.]+) to ([\d.]+)/);
  assert.ok(Number(last) < Number(first), `${first} to ${last}`);
});

stillTest("a training uses the package's default network and objective", {}, async (page, go) => {
  await go("?points=300#points");
  await said(page, /^No trained network/);
  const initial = Object.fromEntries(Object.entries(schema).map(([name, field]) => [name, field.initial]));
  // The page learns faster, and for fewer steps: one looks on.
  const { schedule, learningRate, steps, ...ours } = trainerOptions(initial);
  const largest = [{ width: 4096, depth: 1 }, { frequencies: 16 }, { octaves: 8 }, ...["silu", "mish", "gelu", "relu", "tanh"].map((activation) => ({ activation }))];
  const narrowed = largest.flatMap((option) => Object.entries(option)).filter(([name, value]) => schema[name].read(String(value)) === undefined);
  assert.deepEqual(narrowed, []);
  for (const [name, value] of [["width", "4097"], ["frequencies", "17"], ["octaves", "9"]]) assert.equal(schema[name].read(value), undefined, name);
  const { differing, refused } = await page.evaluate(async ({ ours, schedule, largest }) => {
    const { PointData, Trainer } = await import("/tweedie/worker.js");
    const data = await PointData.named("two-moons", { count: 10 });
    const { options } = await Trainer.create(data);
    const differing = Object.entries(ours).filter(([name, value]) => Math.abs(options[name] - value) > 1e-9 || (typeof value === "string" && options[name] !== value)).map(([name]) => name);
    const refused = [];
    for (const option of largest) {
      await Trainer.create(data, { batch: 8, ...option }).then((trainer) => trainer.free(), (error) => refused.push(error.message));
    }
    return { differing: [...differing, ...(options.schedule.name === schedule ? [] : ["schedule"])], refused };
  }, { ours, schedule, largest });
  assert.deepEqual({ differing, refused }, { differing: [], refused: [] });
});

stillTest("cancelling ends a training and keeps the network, which can be deleted", {}, async (page, go) => {
  await go(`?trainingSteps=100000&${SMALL}&step=train#points`);
  await said(page, /^No trained network/);
  await start(page).click();
  await said(page, /^Step \d+ of 100000/);
  await page.keyboard.press("Escape");
  await said(page, /^Cancelled after step \d+\. The network is kept/);
  await goTo(page, "sample");
  await summarised(page, /300 samples of the trained network\. DDIM: 50 evaluations/);
  await goTo(page, "train");
  await page.locator("summary", { hasText: "Weights" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await said(page, /^No trained network/);
});

stillTest("a training continues while another lab is shown", {}, async (page, go) => {
  await go(`?trainingSteps=100000&${SMALL}#points`);
  await said(page, /^No trained network/);
  await start(page).click();
  await said(page, /^Step \d+ of/);
  const step = () => page.locator("#points-figures").textContent().then((text) => Number(text.match(/^Step (\d+)/)[1]));
  await page.getByRole("link", { name: "Images" }).click();
  await page.locator("#images").waitFor();
  await figures(page, /^Step \d|steps? in /);
  const before = await step();
  await page.waitForFunction((before) => Number(document.querySelector("#points-figures").textContent.match(/^Step (\d+)/)?.[1]) > before, before);
  await page.getByRole("link", { name: "Diffusion in 2-D" }).click();
  await said(page, /^Step/);
  await page.keyboard.press("Escape");
  await said(page, /^Cancelled/);
});

stillTest("after a reload the training is restored and can be resumed", {}, async (page, go) => {
  await go(`?trainingSteps=100000&${SMALL}#points`);
  await said(page, /^No trained network/);
  await start(page).click();
  await said(page, /^Step [1-9]\d* of/);
  await start(page).click();
  const paused = await said(page, /^Paused after step/);
  const [, step] = paused.match(/step (\d+)/);
  await page.waitForFunction(() => new Promise((resolve) => {
    const opening = indexedDB.open("tweedie-points");
    opening.onsuccess = () => {
      const all = opening.result.transaction("tabs").objectStore("tabs").getAll();
      all.onsuccess = () => {
        opening.result.close();
        resolve(all.result.some(({ run }) => run?.end === "paused"));
      };
    };
  }));
  await page.reload();
  await said(page, new RegExp(`(Restored after a reload: step|Paused after step) ${step} of 100000`));
  await summarised(page, /samples of the network after/);
  await page.waitForFunction(() => document.querySelector("#points-loss-curve").getAttribute("aria-label").startsWith("Smoothed loss over"));
  assert.equal(await start(page).textContent(), "Resume");
  await start(page).click();
  await said(page, /^Step \d+ of/);
  const now = Number((await page.locator("#points-figures").textContent()).match(/^Step (\d+)/)[1]);
  assert.ok(now > Number(step), `${now} after ${step}`);
  await page.keyboard.press("Escape");
  await said(page, /^Cancelled/);
});

stillTest("weights can be saved to a file and loaded from it", {}, async (page, go) => {
  await go(`?${SMALL}&step=train&schedule=cosine#points`);
  await said(page, /^No trained network/);
  await start(page).click();
  await said(page, /^400 steps in/);
  await page.locator("summary", { hasText: "Weights" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
  assert.equal(download.suggestedFilename(), "tweedie-two-moons.safetensors");
  const path = await download.path();
  await page.getByRole("button", { name: "Delete" }).click();
  await said(page, /^No trained network/);
  await goTo(page, "forward");
  await choose(page, "linear");
  await goTo(page, "train");
  await page.locator("#points-upload-input").setInputFiles({ name: "w.safetensors", mimeType: "", buffer: await readFile(path) });
  await said(page, /^Weights from a file · [\d,]+ parameters\.$/);
  assert.equal(query(page).schedule, "cosine", "they belong to the schedule that they were trained on");
  await page.locator("#points-upload-input").setInputFiles({ name: "w.safetensors", mimeType: "", buffer: Buffer.from("no weights") });
  await page.locator("#points-weights-error:visible").waitFor();
  assert.match(await page.locator("#points-figures").textContent(), /^Weights from a file/);
});

pageTest("samplers start from the same noise, and an unsupported one shows the reason", {}, async (page, go) => {
  await go("?step=sample&points=400&count=200&samplers=ddim,heun,ddpm,consistency&steps=10#points");
  await summarised(page, /200 samples of the ideal denoiser\. DDIM: 10 evaluations .* Heun: \d+ evaluations .* DDPM: 10 evaluations .* Consistency, multistep: .*consistency/);
  const positions = await page.evaluate(() => document.querySelector("#points-scrub").max);
  assert.equal(positions, "1");
  await page.locator("#points-scrub").fill("1");
  await frames(page, 2);
  // At the start, which is all noise, all panes hold the same points.
  const panes = await canvas(page).evaluate((element) => {
    const { width, height } = element;
    const context = element.getContext("2d");
    const count = (x, y) => context.getImageData(x, y, width / 2 - 20, height / 2 - 60).data.reduce((sum, value, index) => sum + (index % 4 === 0 && value < 128 ? 1 : 0), 0);
    return [count(10, 50), count(width / 2 + 10, 50)];
  });
  assert.ok(Math.abs(panes[0] - panes[1]) < 0.25 * panes[0] + 50, panes.join(", "));
  await page.getByRole("checkbox", { name: "DDPM", exact: true }).click();
  await summarised(page, /^((?!DDPM).)*$/);
  assert.equal(query(page).samplers, "ddim,heun,consistency");
});

stillTest("annealed Langevin dynamics ends at the data for any number of steps", {}, async (page, go) => {
  await go("?step=sample&points=200&count=200&model=ideal&samplers=annealed-langevin&steps=500#points");
  await summarised(page, /Annealed Langevin: \d+ evaluations · nearest 0\.0\d\d/);
  await page.locator("#points-steps").fill("50");
  await summarised(page, /Annealed Langevin: 2\d\d evaluations · nearest 0\.[01]\d\d/);
});

stillTest("the ideal denoiser of the points reproduces them, and that of the distribution gives new points", {}, async (page, go) => {
  await go("?data=two-gaussians&step=sample&points=30&count=200&samplers=ddim&steps=200#points");
  await summarised(page, /DDIM: 200 evaluations · nearest 0\.00\d/);
  await choose(page, "Distribution");
  await page.waitForFunction(() => /nearest (0\.0[1-9]|0\.[1-9])/.test(document.querySelector("#points-picture").getAttribute("aria-label")));
});

stillTest("quality is measured by sampler and number of steps in two metrics", {}, async (page, go) => {
  await go("?step=sample&points=400&count=200&samplers=ddim,ddpm&steps=10#points");
  await summarised(page, /DDPM: 10 evaluations/);
  await page.locator("#points-quality summary").click();
  await page.getByRole("button", { name: "Measure" }).click();
  await figures(page, /2000 samples of the ideal denoiser per measurement, compared with \d+ held-out points/, "points-quality-figures");
  const bodies = page.locator("#points-quality-table tbody");
  assert.deepEqual(await bodies.locator("th").allTextContents(), ["DDPM", "DDIM"]);
  const values = async () => (await bodies.nth(1).locator("td").allTextContents()).map((text) => Number(text.replace("−", "-")));
  const wasserstein = await values();
  assert.equal(wasserstein.length, 6);
  assert.ok(wasserstein[0] > wasserstein[5], wasserstein.join(", "));
  assert.equal(await page.locator("#points-quality-plot .curve polyline").count(), 3);
  await choose(page, "MMD");
  assert.notDeepEqual(await values(), wasserstein);
});

stillTest("quality is plotted against steps or evaluations, and errors are shown in the row of the sampler", {}, async (page, go) => {
  await go("?step=sample&points=200&count=100&samplers=heun,pndm,consistency,dormand-prince&steps=10#points");
  await summarised(page, /Heun: 19 evaluations/);
  await page.locator("#points-quality summary").click();
  await page.getByRole("button", { name: "Measure" }).click();
  await figures(page, /held-out points/, "points-quality-figures");
  const cells = (title) => page.locator("#points-quality-table tbody").filter({ has: page.getByText(title, { exact: true }) }).locator("td").allTextContents();
  assert.match((await cells("Consistency, multistep")).join(" "), /^[A-Z].*consistency.*\.$/);
  assert.match((await cells("Probability-flow ODE, adaptive")).join(" "), /^\d\.\d+ with \d+ adaptive steps$/);
  const pndm = await cells("PNDM");
  assert.equal(pndm[0], "–");
  assert.match(pndm[2], /^\d\.\d+$/);
  assert.match(pndm.at(-1), /^With 2 steps: Steps must be at least 4/);

  const plot = page.locator("#points-quality-plot");
  const first = () => plot.locator(".curve.none").first().locator("circle").first().getAttribute("cx").then(Number);
  assert.match(await plot.textContent(), /^(?!.*evaluations).*steps/);
  const bySteps = await first();
  await choose(page, "Evaluations");
  assert.match(await plot.textContent(), /network evaluations/);
  assert.ok((await first()) > bySteps, "a step of Heun takes two evaluations");
});

stillTest("sampler options only apply to samplers that support them, and errors are shown in the pane", {}, async (page, go) => {
  await go("?step=sample&points=400&count=200&samplers=ddim,heun&steps=10#points");
  await summarised(page, /Heun: 19 evaluations/);
  const before = await picture(page, canvas(page));
  await page.locator("summary", { hasText: "Sampler options" }).click();
  await choose(page, "Karras");
  await summarised(page, /DDIM: Spacing must be one of .*Heun: 19 evaluations/);
  await page.locator('#points input[name="spacing"][value="default"]').check();
  await page.locator("#points-eta").fill("1");
  await summarised(page, /DDIM: 10 evaluations.*Heun: 19 evaluations/);
  await page.waitForFunction(() => document.querySelector("#points-scrub").value === "0");
  assert.notEqual(await picture(page, canvas(page)), before);
  assert.equal(await page.locator("#points-options-summary").textContent(), "η 1");
});

stillTest("step 5 shows velocity, score, density and clean estimates of the network and the ideal denoiser", {}, async (page, go) => {
  await go(`?trainingSteps=150&${SMALL}&step=train#points`);
  await said(page, /^No trained network/);
  await start(page).click();
  await said(page, /^150 steps in/);
  await goTo(page, "look");
  for (const [quantity, words] of [["velocity", "velocity"], ["score", "score"], ["density", "density"], ["clean", "clean estimates x 0"]]) {
    await page.locator('input[name="whose"][value="both"]').check();
    await page.locator("#points-scrub").fill("0.3");
    await page.locator(`input[name="quantity"][value="${quantity}"]`).check();
    await summarised(page, new RegExp(`${words}.* at time 300: the trained network and the ideal denoiser`));
    const before = await picture(page, canvas(page));
    await page.locator("#points-scrub").fill("0.1");
    await summarised(page, new RegExp(`${words}.* at time 100`));
    assert.notEqual(await picture(page, canvas(page)), before, quantity);
    await choose(page, "Ideal");
    await summarised(page, new RegExp(`${words}.*: the ideal denoiser\\.$`));
  }
});

pageTest("a point can be moved through the flow with the pointer, arrow keys and sliders", {}, async (page, go) => {
  await go("?step=look&points=400&x=0&y=0&time=0.5#points");
  const told = page.locator("#points-probe-figures");
  await figures(page, /^At \(0\.00, 0\.00\), t = 500\. The ideal denoiser: the flow ends at \(.*\); clean estimate x̂₀ = \(.*\)\.$/, "points-probe-figures");
  const box = await page.locator("#points-pad").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 80, box.y + box.height / 2 - 80, { steps: 4 });
  await page.mouse.up();
  await figures(page, /^At \(0\.9\d, 0\.9\d\)|^At \(1\.0\d, 1\.0\d\)/, "points-probe-figures");
  const dragged = Number(query(page).x);
  await page.locator("#points-pad").focus();
  await page.keyboard.press("ArrowRight");
  assert.ok(Math.abs(Number(query(page).x) - dragged - 0.05) < 1e-9);
  await page.locator("#points-y").fill("-1");
  await figures(page, /, −1\.00\)/, "points-probe-figures");
  const end = await told.textContent();
  await page.locator("#points-scrub").fill("0.9");
  await page.waitForFunction((end) => document.querySelector("#points-probe-figures").textContent !== end, end);
});

const LINK = {
  step: "sample", data: "rings", points: "300", dataSeed: "5", schedule: "cosine", time: "0.4", dimensions: "1", paths: "sde", distance: "3", spread: "0.2",
  share: "0.3", width: "64", depth: "2", activation: "mish", frequencies: "3", octaves: "2", prediction: "noise", weighting: "variational", timeSampling: "uniform", learningRate: "0.01",
  decay: "linear", batch: "100", ema: "0.9", trainingSteps: "77", trainingSeed: "8", device: "cpu", model: "ideal", ideal: "points", samplers: "ddim,unipc", steps: "7",
  count: "150", seed: "9", eta: "0.5", order: "2", spacing: "default", trails: "off", metric: "mmd", against: "evaluations", quantity: "score", whose: "ideal", probe: "off", x: "-0.5", y: "0.25",
};

stillTest("a link restores every setting and reproduces its plot", {}, async (page, go) => {
  await go(`?${new URLSearchParams(LINK)}#points`);
  await summarised(page, /150 samples of the ideal denoiser\. DDIM: 7 evaluations.*UniPC: 7 evaluations/);
  // What has its default is in no link.
  assert.deepEqual(query(page), Object.fromEntries(Object.entries(LINK).filter(([name, value]) => String(schema[name].initial) !== value)));
  const form = await page.evaluate(() => {
    const data = new FormData(document.querySelector("#points-settings"));
    return Object.fromEntries([...data.keys()].map((name) => [name, data.getAll(name).join(",")]));
  });
  const { time, trails, probe, ...chosen } = LINK;
  assert.deepEqual(form, { ...chosen, word: "" });
  await page.waitForFunction(() => document.querySelector("#points-scrub").value === "0");
  await frames(page, 3);
  const before = await picture(page, canvas(page));
  await page.reload();
  await summarised(page, /UniPC: 7 evaluations/);
  await page.waitForFunction(() => document.querySelector("#points-scrub").value === "0");
  await frames(page, 3);
  assert.equal(await picture(page, canvas(page)), before);
});
