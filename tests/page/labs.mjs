// What every lab owes a narrow screen, the keyboard, a screen reader and the eye: each property once, over all labs and their views.
import assert from "node:assert/strict";
import { choose, faintTexts, figures, finished, pageTest, PATIENCE } from "./support.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const computed = (page, title) => page.locator("#compare-table tr").filter({ has: page.locator(".name").getByText(title, { exact: true }) })
  .locator("td[data-state=done]").first().waitFor();
const summarised = (page, id, text) => page.waitForFunction(
  ([id, text]) => document.getElementById(id).getAttribute("aria-label")?.includes(text), [id, text], { timeout: PATIENCE },
);
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
    link: "?sampler=ddim&steps=2&count=4&device=cpu&guidance=2&measure=likelihood&betweenSteps=1",
    ready: finished,
    views: ["Probability flow", "Hugging Face", "Folder", "DDPM", "everything"],
    async goTo(page, view) {
      if (view !== "everything") return choose(page, view);
      await openFolds(page, "images");
      await choose(page, "A picture");
      await page.getByRole("button", { name: "Go between them" }).click();
      await figures(page, /^There and back/, "between-figures");
    },
    controls: {
      everything: [
        "scrub", "play", "view", "save", "copy", "start", "origin", "shortcut", "sampler", "steps", "class", "guidance", "seed", "dice", "count", "device", "between",
      ],
    },
  },
  {
    id: "compare",
    link: "?samplers=ddim,pndm,ddpm&steps=2&device=cpu#compare",
    ready: (page) => computed(page, "DDPM"),
    views: ["50", "200", "Probability-flow ODE, adaptive"],
    goTo: (page, chip) => page.getByRole("checkbox", { name: chip, exact: true }).click(),
    controls: { 50: ["compare-start", "samplers", "compare-seed", "compare-dice", "compare-class", "compare-copy"] },
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
    id: "distributions",
    link: "?speed=fast&count=1000&method=rejection&target=power&envelope=hand&c=2#distributions",
    ready: (page) => summarised(page, "distributions-picture", ": 1,000 samples, "),
    views: TARGETS,
    goTo: (page, name) => page.locator("#distributions-targets").getByRole("radio", { name, exact: true }).check(),
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
];

for (const { id, title = id, link, ready, views, goTo, controls } of LABS) {
  pageTest(`${title}: a phone's width needs no sideways scrolling, and fingers find the controls`, { context: PHONE }, async (page, go) => {
    await go(link);
    await ready(page);
    for (const view of views) {
      await goTo(page, view);
      const { content, small } = await page.evaluate(measured, id);
      assert.equal(content, PHONE.viewport.width, view);
      assert.deepEqual(small, [], view);
    }
  });

  pageTest(`${title}: texts stand out from their background, light and dark, and controls have names`, {}, async (page, go) => {
    await go(link);
    await ready(page);
    for (const view of views) {
      await goTo(page, view);
      assert.deepEqual(await page.evaluate(nameless, id), [], view);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        // Colours that are on their way from one scheme to the other are those of neither.
        // One inside a fold that is closed stands still.
        await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition && animation.effect.target.checkVisibility())));
        assert.deepEqual(await page.evaluate(faintTexts), [], `${view}, ${colorScheme}`);
      }
    }
  });

  if (Object.keys(controls).length > 0) pageTest(`${title}: the keyboard reaches every control and shows where it is`, {}, async (page, go) => {
    await go(link);
    await ready(page);
    for (const [view, expected] of Object.entries(controls)) {
      await goTo(page, view);
      const reached = await reachedFromTabs(page, id);
      assert.deepEqual(expected.filter((name) => !reached.has(name)), [], view);
    }
  });
}

/** Presses Tab from the last tab of the shell to the end of the lab, and collects the controls that have the focus on the way. */
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

/** In the page: the width of the content, and controls that are too small for a finger. */
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

/** In the page: controls and pictures that a screen reader could not name. */
function nameless(id) {
  return [...document.querySelectorAll(`#${id} :is(button, input, select, textarea, canvas, progress, svg[role], [role=slider])`)]
    .filter((control) => control.checkVisibility() && !control.labels?.length && !control.closest("[aria-hidden=true]"))
    .filter((control) => !control.getAttribute("aria-label") && control.textContent.trim() === "")
    .map((control) => control.outerHTML);
}
