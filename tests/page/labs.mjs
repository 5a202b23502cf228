// Narrow screens, keyboard, screen reader and contrast: each property once, for all labs and views.
import assert from "node:assert/strict";
import axe from "axe-core";
import { choose, faintTexts, figures, finished, forgetFigures, frames, pageTest, PATIENCE } from "./support.mjs";

/** Maximum layout shift: half of the limit for "good" in Core Web Vitals, https://web.dev/articles/cls. */
const MAX_SHIFT = 0.05;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const computed = (page, title) => page.locator("#compare-table tr").filter({ has: page.locator(".name").getByText(title, { exact: true }) })
  .locator("td[data-state=done]").first().waitFor();
const summarised = (page, id, text) => page.waitForFunction(
  ([id, text]) => document.getElementById(id).getAttribute("aria-label")?.includes(text), [id, text], { timeout: PATIENCE },
);
/** Waits for the end of a run of the restore lab, which fills its section itself. */
async function restored(page) {
  await page.locator("#restore-start:enabled").waitFor();
  await figures(page, /steps in/, "restore-figures");
}

const openFolds = (page, id) => page.evaluate((id) => document.querySelectorAll(`#${id} details`).forEach((fold) => (fold.open = true)), id);

const TARGETS = ["Uniform", "Normal", "Exponential", "Triangular", "Cauchy", "⅜ x²", "Mixture", "Drawn", "Formula", "Discrete"];
const STEPS = ["data", "forward", "train", "sample", "look"];

/**
 * Each lab: a link that is quick to compute, what to wait for, its views and how one goes to each, and the names of the controls that
 * the keyboard must reach in a view.
 */
const LABS = [
  {
    id: "images",
    link: "?sampler=ddim&steps=2&count=4&device=cpu&guidance=2&measure=likelihood&betweenSteps=1&start=picture",
    async ready(page) {
      await finished(page);
      await imagesIdle(page);
    },
    views: ["Probability flow", "Hugging Face", "Folder", "DDPM", "everything"],
    async goTo(page, view) {
      if (view === "Hugging Face" || view === "Folder") return choose(page, view);
      if (view !== "everything") {
        // Another sampler redraws the images, which would clear what is computed from them.
        await forgetFigures(page);
        await choose(page, view);
        await figures(page, /steps? in |^Settings changed/);
        return imagesIdle(page);
      }
      await openFolds(page, "images");
      await page.getByRole("button", { name: "Interpolate" }).click();
      await figures(page, /^Reconstruction error/, "between-figures");
      await imagesIdle(page);
    },
    controls: {
      everything: [
        "scrub", "play", "view", "enlarge", "save", "copy", "start", "origin", "shortcut", "sampler", "steps", "class", "guidance", "seed", "dice", "count", "device", "between",
      ],
    },
  },
  {
    id: "compare",
    link: "?samplers=ddim,pndm,ddpm&steps=2&device=cpu#compare",
    ready: (page) => computed(page, "DDPM"),
    views: ["50", "200", "Probability-flow ODE, adaptive"],
    goTo: (page, chip) => page.getByRole("checkbox", { name: chip, exact: true }).click(),
    controls: { 50: ["compare-start", "samplers", "compare-seed", "compare-dice", "compare-class", "compare-copy", "compare-enlarge"] },
  },
  {
    id: "compare",
    title: "compare, of points",
    link: "?source=ideal&data=rings&points=200&cloud=200&samplers=ddim&steps=5#compare",
    ready: (page) => computed(page, "DDIM"),
    views: ["20"],
    goTo: (page, chip) => page.getByRole("checkbox", { name: chip, exact: true }).click(),
    controls: {},
  },
  {
    id: "restore",
    link: "?steps=2&count=4&device=cpu#restore",
    ready: restored,
    views: ["Low resolution", "DPS", "Anagram", "Panorama"],
    goTo: async (page, name) => {
      await page.locator("#restore-figures").evaluate((line) => (line.textContent = ""));
      await choose(page, name);
      await restored(page);
    },
    controls: {
      "Low resolution": [
        "view", "restore-pad", "brush", "restore-clear", "answer", "restore-scrub", "shown", "restore-enlarge", "restore-copy", "restore-start", "lost", "factor", "noise", "test", "picture", "invert", "method",
        "class", "steps", "count", "seed", "restore-dice", "model", "device",
      ],
      Anagram: ["restore-turning", "restore-turn-over", "upright", "turned", "turn", "average", "guidance"],
    },
  },
  {
    id: "distributions",
    link: "?speed=fast&count=1000&method=rejection&target=power&envelope=hand&c=2#distributions",
    ready: (page) => summarised(page, "distributions-picture", ": 1,000 samples, "),
    views: TARGETS,
    async goTo(page, name) {
      await page.locator("#distributions-targets").getByRole("radio", { name, exact: true }).check();
      // The view whose contrast axe-core sees, too: numbers of fewer samples than are shown are dimmed.
      if (name === TARGETS[0]) await summarised(page, "distributions-picture", `target ${name}: 1,000 samples, `);
    },
    controls: {
      Normal: ["distributions-play", "distributions-step", "distributions-restart", "speed", "distributions-copy", "method", "target", "normal-mean", "normal-sd", "proposal", "fit", "envelope", "count", "seed", "distributions-dice"],
    },
  },
  {
    id: "points",
    link: "?points=300&count=100&samplers=ddim,heun,ddpm#points",
    ready: (page) => summarised(page, "points-picture", "Two moons"),
    views: STEPS,
    async goTo(page, step) {
      await page.locator(`.way input[value="${step}"]`).check();
      await openFolds(page, "points");
    },
    controls: {
      data: ["points-scrub", "points-play", "points-start", "data", "points", "dataSeed", "points-onward", "points-copy"],
      forward: ["schedule", "dimensions"],
      train: ["prediction", "learningRate", "trainingSteps", "width", "depth", "activation", "frequencies", "octaves", "weighting", "timeSampling", "decay", "batch", "ema", "trainingSeed", "device", "points-upload"],
      sample: ["points-pad", "model", "samplers", "steps", "count", "seed", "points-dice", "trails", "points-measure", "metric", "probe", "x", "y", "ideal"],
      look: ["points-pad", "quantity", "whose", "probe", "x", "y"],
    },
  },
  {
    id: "memorise",
    link: "?points=5&steps=2#memorise",
    async ready(page) {
      await page.locator("#memorise-plot").waitFor();
      await summarised(page, "memorise-plot", "2000 points: ideal");
    },
    views: ["Rings"],
    goTo: (page, name) => page.getByRole("radio", { name, exact: true }).check(),
    controls: {
      Rings: ["memorise-start", "points", "data", "steps", "seed", "memorise-copy", "memorise-enlarge", "memorise-share-button"],
    },
  },
  {
    id: "family",
    link: "?steps=2#family",
    ready: (page) => page.locator("#family-table td[data-state=done]").first().waitFor(),
    views: ["VAE", "Diffusion", "All models"],
    goTo: (page, name) => choose(page, name),
    controls: {
      VAE: ["family-start", "view", "model", "data", "steps", "seed", "family-copy", "family-enlarge", "family-share-button"],
    },
  },
];

for (const { id, title = id, link, ready, views, goTo, controls } of LABS) {
  pageTest(`${title}, on a phone: the layout hardly shifts, nothing scrolls sideways, and controls are large enough`, { context: PHONE }, async (page, go) => {
    await page.addInitScript(watchShifts);
    await go(link);
    await ready(page);
    await assertStill(page);
    for (const view of views) {
      await goTo(page, view);
      const { content, small } = await page.evaluate(measured, id);
      assert.equal(content, PHONE.viewport.width, view);
      assert.deepEqual(small, [], view);
    }
  });

  pageTest(`${title}, on a desktop: the layout hardly shifts; axe-core finds nothing; contrast, names and keyboard suffice; wide screens are used`, {}, async (page, go) => {
    await page.addInitScript(watchShifts);
    await go(link);
    await ready(page);
    await assertStill(page);
    await page.evaluate(axe.source);
    for (const [index, view] of views.entries()) {
      await goTo(page, view);
      assert.deepEqual(await page.evaluate(nameless, id), [], view);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        // Colours that are on their way from one scheme to the other are those of neither.
        // One inside a fold that is closed stands still.
        await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition && animation.effect.target.checkVisibility())));
        assert.deepEqual(await page.evaluate(faintTexts), [], `${view}, ${colorScheme}`);
        // But for contrast, which is seen above, it finds the same in both schemes and takes a second.
        if (index > 0 && colorScheme === "dark") continue;
        assert.deepEqual(await page.evaluate(axeFindings, { contrast: index === 0 }), [], `${view}, ${colorScheme}`);
      }
      if (view in controls) {
        const reached = await reachedFromTabs(page, id);
        assert.deepEqual(controls[view].filter((name) => !reached.has(name)), [], view);
      }
    }
    await assertWide(page, id);
  });
}

async function assertStill(page) {
  const { sum, shifts } = await page.evaluate(() => window.layoutShift);
  assert.ok(sum <= MAX_SHIFT, `the layout shifted by ${sum.toFixed(3)}: ${shifts.join("; ")}`);
}

/** The lab fills a wide screen, and full screen has larger type. */
async function assertWide(page, id) {
  await page.setViewportSize({ width: 2560, height: 1440 });
  const lab = page.locator(`#${id}`);
  const enlarge = lab.getByRole("button", { name: "Full screen" });
  await enlarge.waitFor();
  const { width } = await lab.boundingBox();
  assert.ok(width > 0.8 * 2560, `${width} of 2560 pixels`);
  const type = () => page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  const before = await type();
  assert.ok(before > 16, `${before}`);
  await enlarge.click();
  await page.waitForFunction(() => document.fullscreenElement !== null);
  assert.ok((await type()) > before);
}

/** Waits until no run is active in Images, because disabled controls would lose the focus. */
async function imagesIdle(page) {
  for (const id of ["start", "save", "likelihood", "between"]) await page.locator(`#${id}:enabled`).waitFor({ state: "attached" });
}

/** Presses Tab from the last tab of the shell to the end of the lab, and collects the focused controls. */
async function reachedFromTabs(page, id) {
  const reached = new Set();
  await page.locator("#tabs a").last().focus();
  for (let isInside = true; isInside; ) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate((id) => {
      const control = document.activeElement;
      const shown = control.matches(":is(.segments, .chips, .tiles) input") ? control.nextElementSibling : control;
      return { names: [control.name, control.id].filter(Boolean), visible: getComputedStyle(shown).outlineStyle !== "none", isInside: control.closest(`#${id}`) !== null, html: control.outerHTML };
    }, id);
    ({ isInside } = found);
    if (isInside) assert.ok(found.visible, `the focus cannot be seen: ${found.html}`);
    for (const name of found.names) reached.add(name);
  }
  return reached;
}

/** In the page: the findings of axe-core with their elements. */
async function axeFindings({ contrast }) {
  const { violations } = await window.axe.run({ resultTypes: ["violations"], rules: { "color-contrast": { enabled: contrast } } });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** In the page: sums up layout shifts without user input. */
function watchShifts() {
  window.layoutShift = { sum: 0, shifts: [] };
  const nameOf = (node) => node?.id || node?.className || node?.nodeName;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      window.layoutShift.sum += value;
      window.layoutShift.shifts.push(`${value.toFixed(3)} of ${sources.map(({ node }) => nameOf(node)).join(", ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** In the page: the width of the content, and controls that are too small for touch. */
function measured(id) {
  const controls = document.querySelectorAll(`#tabs a, #${id} :is(button, select, textarea, summary, input:not(.chips *, .segments *, .tiles *)), #${id} :is(.segments, .chips, .tiles) label`);
  return {
    content: document.documentElement.scrollWidth,
    small: [...controls]
      // A checkbox is found by its words, too.
      .map((control) => control.closest(".flag") ?? control)
      .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < (control.closest(".segments, .chips") ? 34 : 40))
      .map((control) => control.outerHTML),
  };
}

/** In the page: controls and images without an accessible name. */
function nameless(id) {
  return [...document.querySelectorAll(`#${id} :is(button, input, select, textarea, canvas, progress, svg[role], [role=slider])`)]
    .filter((control) => control.checkVisibility() && !control.labels?.length && !control.closest("[aria-hidden=true]"))
    .filter((control) => !control.getAttribute("aria-label") && control.textContent.trim() === "")
    .map((control) => control.outerHTML);
}

/** What says what one sees, by lab. */
const EXPLANATIONS = {
  images: "#caption", compare: "#compare .caption", distributions: "#distributions .about p", points: "#points .about p", memorise: "#memorise .about p", family: "#family-about",
  restore: "#restore-about-sentences",
};

pageTest("every lab says what one sees, without scrolling at 1280 × 720", { context: { viewport: { width: 1280, height: 720 } } }, async (page, go) => {
  for (const { id, link, title = id } of LABS.filter(({ title }) => title === undefined)) {
    await go(link.endsWith(`#${id}`) ? link : `${link}#${id}`);
    const sentence = page.locator(EXPLANATIONS[id]).locator("visible=true").first();
    await sentence.waitFor();
    assert.ok((await sentence.textContent()).trim().length > 40, title);
    const { y } = await sentence.boundingBox();
    // At least three lines of it.
    assert.ok(y + 60 < 720, `${title}: ${y}`);
  }
});

pageTest("points: each step says what one sees beside the picture", { context: { viewport: { width: 1280, height: 720 } } }, async (page, go) => {
  await go("?points=300&count=100#points");
  await page.locator("#points-start:enabled").waitFor();
  const sentences = new Set();
  for (const step of STEPS) {
    await page.locator(`.way input[value="${step}"]`).check();
    const shown = page.locator("#points .about p:not(.hint)").locator("visible=true");
    assert.equal(await shown.count(), 1, step);
    sentences.add(await shown.textContent());
    const [{ y, height }, picture] = [await shown.boundingBox(), await page.locator("#points-picture").boundingBox()];
    assert.ok(y + height < picture.y + picture.height, step);
  }
  assert.equal(sentences.size, STEPS.length);
});

const ON_A_PHONE = [
  ["images", "?steps=2&count=4&device=cpu", "#grid", "#start", "#figures"],
  ["compare", "?device=cpu#compare", "#compare-plot", "#compare-start", "#compare-figures"],
  ["points", "?step=sample&probe=on&points=300&count=100#points", "#points-pad", "#points-start", "#points-figures"],
  ["restore", "?steps=2&count=8&device=cpu#restore", "#restore-answers", "#restore-start", "#restore-figures"],
];

for (const [id, link, picture, start, status] of ON_A_PHONE) {
  pageTest(`${id}: a phone shows the figure, the start button and the status without scrolling, and a swipe over the figure scrolls`, { context: { ...PHONE, viewport: { width: 390, height: 844 } } }, async (page, go) => {
    await go(link);
    await page.locator(`${start}:enabled`).waitFor();
    const { bottoms, height } = await page.evaluate((selectors) => ({
      bottoms: selectors.map((selector) => document.querySelector(selector).getBoundingClientRect().bottom), height: innerHeight,
    }), [picture, start, status]);
    for (const bottom of bottoms) assert.ok(bottom > 0 && bottom <= height, `${bottoms} of ${height}`);
    const trap = await page.evaluate((selector) => {
      const actions = [];
      for (let element = document.querySelector(selector); element !== null; element = element.parentElement) actions.push(getComputedStyle(element).touchAction);
      return actions.filter((action) => !["auto", "manipulation"].includes(action) && !action.includes("pan-y"));
    }, picture);
    assert.deepEqual(trap, []);
  });
}

pageTest("points: touch drags the point of the flow if it starts there, and otherwise scrolls the page", { context: PHONE }, async (page, go) => {
  await go("?step=sample&probe=on&x=0&y=0&model=ideal&samplers=ddim&points=300&count=100#points");
  await figures(page, /the flow ends at/, "points-probe-figures");
  const touch = await page.context().newCDPSession(page);
  /** Moves a finger upwards from a place of the picture, given in shares of its size. */
  async function swipe(left, top) {
    const { x, y, width, height } = await page.locator("#points-pad").boundingBox();
    for (const [type, moved] of [["touchStart", 0], ...[20, 40, 60, 80].map((moved) => ["touchMove", moved]), ["touchEnd"]]) {
      await touch.send("Input.dispatchTouchEvent", { type, touchPoints: moved === undefined ? [] : [{ x: x + left * width, y: y + top * height - moved }] });
      await frames(page, 2);
    }
  }
  const point = () => page.locator("#points-y").inputValue();
  await swipe(0.1, 0.9);
  await page.waitForFunction(() => scrollY > 0);
  assert.equal(await point(), "0");
  await page.evaluate(() => scrollTo(0, 0));
  await swipe(0.5, 0.5);
  await page.waitForFunction(() => Number(document.querySelector("#points-y").value) > 0);
  assert.equal(await page.evaluate(() => scrollY), 0);
});
