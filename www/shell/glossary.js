/** Explains terms in place: a term with a dotted underline shows its definition on hover, tap or keyboard focus. */

import { html } from "./element.js";

/** Each entry has a pattern that finds the term. The first match is used, so longer patterns come first. */
export const GLOSSARY = {
  "tweedie": { words: /Tweedie[’']s formula/, gloss: "The posterior mean of the clean sample is the noisy sample plus the noise variance times the score." },
  "clipped": { words: /[Cc]lipped (?:model output|estimate)/, gloss: "The clean estimate with its values clipped to the range of an image. A sampler may re-derive the noise estimate from it, so that the two are consistent." },
  "ideal-denoiser": { words: /[Ii]deal denoiser/, gloss: "The optimal denoiser for the given data, computed exactly and without training: the mean of all data points, each weighted by the probability that the noisy point came from it." },
  "evaluations": { words: /(?:[Nn]etwork )?[Ee]valuations/, gloss: "Number of network evaluations (NFE). It determines almost all of the run time: an Euler step needs one evaluation, a Heun step two." },
  "ema": { words: /EMA(?: decay)?/, gloss: "Exponential moving average of the weights during training. Samples use the averaged weights, which fluctuate less. A decay of 0.999 averages over about 1,000 steps." },
  "log-snr": { words: /[Ll]og-SNR/, gloss: "Logarithm of the signal-to-noise ratio, ln α²/σ². It is large near the data, 0 where signal and noise are equal, and negative where noise dominates." },
  "sliced-wasserstein": { words: /[Ss]liced Wasserstein/, gloss: "Distance between two sets of points: the one-dimensional Wasserstein distance, averaged over many projections. It is 0 if the sets are the same." },
  "mmd": { words: /MMD/, gloss: "Maximum mean discrepancy: how well a smooth function can tell two sets of points apart. It is 0 if their distributions are the same." },
  "kolmogorov-smirnov": { words: /Kolmogorov–Smirnov/, gloss: "D is the largest difference between the empirical and the exact cumulative distribution. The p-value is the probability of a difference at least this large if the samples follow the exact distribution." },
  "chi-squared": { words: /χ² test/, gloss: "Sum of the squared differences between observed and expected counts, each divided by the expected count. The p-value is the probability of a sum at least this large if the samples follow the target." },
  "probability-flow": { words: /[Pp]robability[- ]flow(?: ODE)?/, gloss: "An ordinary differential equation that moves points from noise to data deterministically. Its distribution at every time is that of the diffusion process." },
  "score": { words: /\b[Ss]core\b/, gloss: "Gradient of the log-density. It points towards more likely noisy samples." },
  "guidance": { words: /[Gg]uidance scale/, gloss: "How strongly the class affects the sample: the difference between the conditional and the unconditional prediction is multiplied by this scale. At 1 guidance has no effect." },
  "hutchinson": { words: /Hutchinson probes?/, gloss: "Random vectors of signs that estimate the divergence of the flow. The estimate is unbiased, and averaging several probes reduces its variance." },
  "slerp": { words: /\bslerp\b/, gloss: "Spherical linear interpolation: it moves along the arc between two vectors, so that the interpolated noise keeps a typical length." },
  "posterior-mean": { words: /[Pp]osterior mean/, gloss: "The mean of all clean points that a noisy point could come from, each weighted by its probability." },
  "posterior": { words: /\b[Pp]osterior\b/, gloss: "The distribution of the clean pictures that an observation could come from: how likely the model finds each, times how well it fits the observation." },
  "variational-bound": { words: /[Vv]ariational bound/, gloss: "An upper bound on the number of bits that the model needs to encode an image. Its negative is a lower bound on the log-likelihood." },
  "envelope": { words: /\b[Ee]nvelope\b/, gloss: "The curve c·q, which must not be lower than the target density p anywhere. Points under it are proposed; those under p are accepted." },
};

/** Elements in which terms are explained: static text, not text that changes during a run. */
const PLACES = ".prose p, .hint:not([aria-live], .figures), legend, figcaption, summary, dt, .field > label, .flag, .formula h3";
/** A term is marked at most once per block. */
const BLOCKS = "fieldset, details, article, figure, aside, .fields, form";
const ALL = new RegExp(Object.values(GLOSSARY).map(({ words }) => `(${words.source})`).join("|"));
const NAMES = Object.keys(GLOSSARY);

/**
 * The first term in a text, or null.
 * @returns {{ name: string, from: number, to: number } | null}
 */
export function termIn(text) {
  const found = ALL.exec(text);
  if (found === null) return null;
  const name = NAMES[found.slice(1).findIndex((words) => words !== undefined)];
  return { name, from: found.index, to: found.index + found[0].length };
}

/** Marks the terms below `root`, now and whenever its text changes. */
export function explainTerms(root) {
  const tip = new Tip();
  markIn(root);
  new MutationObserver((changes) => {
    const changed = new Set(changes.map(({ target }) => target).filter((target) => target.isConnected && !target.closest?.(".gloss")));
    for (const target of changed) if (target.nodeType === Node.ELEMENT_NODE) markIn(target);
    tip.follow();
  }).observe(root, { childList: true, subtree: true });
  tip.serve(root);
}

function markIn(root) {
  const places = [...(root.closest(PLACES) === null ? [] : [root.closest(PLACES)]), ...root.querySelectorAll(PLACES)];
  for (const place of places) markPlace(place);
}

function markPlace(place) {
  const block = place.closest(BLOCKS) ?? place;
  const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  for (let node; (node = texts.nextNode()) !== null; ) {
    if (node.parentElement.closest(".gloss, a, math, output") !== null) continue;
    const term = termIn(node.data);
    if (term === null || block.querySelector(`[data-gloss="${term.name}"]`) !== null) continue;
    // Flex containers put a gap between their children, so the whole text becomes one child.
    if (node.parentElement === place && place.matches("legend, label, summary")) {
      const whole = html("span", {});
      node.replaceWith(whole);
      whole.append(node);
      texts.currentNode = node;
    }
    const range = document.createRange();
    range.setStart(node, term.from);
    range.setEnd(node, term.to);
    const mark = html("span", { class: "gloss", "data-gloss": term.name });
    range.surroundContents(mark);
    texts.currentNode = mark.lastChild;
  }
  for (const mark of place.querySelectorAll(".gloss:not([role])")) {
    for (const [name, value] of [["role", "button"], ["tabindex", "0"], ["aria-expanded", "false"]]) mark.setAttribute(name, value);
  }
}

/** The tooltip of the term that has the pointer or the focus. */
class Tip {
  #element = html("div", { id: "gloss", class: "gloss-tip", role: "tooltip", popover: "manual" });
  #term = null;

  constructor() {
    document.body.append(this.#element);
  }

  /** Shows tooltips for the terms below `root`. */
  serve(root) {
    const termOf = ({ target }) => target.closest?.(".gloss") ?? null;
    root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && termOf(event) !== null && this.#show(termOf(event)));
    root.addEventListener("pointerout", (event) => event.pointerType === "mouse" && termOf(event) !== null && document.activeElement !== this.#term && this.#hide());
    root.addEventListener("focusin", (event) => termOf(event) !== null && this.#show(termOf(event)));
    root.addEventListener("focusout", (event) => termOf(event) !== null && this.#hide());
    root.addEventListener("click", (event) => {
      if (termOf(event) === null) return;
      // The term may be part of a control's label. A click on it must not operate the control.
      event.preventDefault();
      this.#show(termOf(event));
    });
    root.addEventListener("keydown", (event) => {
      if (termOf(event) === null || !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      if (this.#term === null) this.#show(termOf(event));
      else this.#hide();
    });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#hide());
    addEventListener("pointerdown", (event) => termOf(event) === null && this.#hide());
    addEventListener("scroll", () => this.#hide(), { capture: true, passive: true });
  }

  /** Hides the tooltip if its term was removed. */
  follow() {
    if (this.#term !== null && !this.#term.isConnected) this.#hide();
  }

  #show(term) {
    if (term === this.#term) return;
    this.#hide();
    this.#term = term;
    this.#element.textContent = GLOSSARY[term.dataset.gloss].gloss;
    term.setAttribute("aria-describedby", this.#element.id);
    term.setAttribute("aria-expanded", "true");
    // The top layer is visible in full screen too.
    this.#element.showPopover?.();
    this.#element.classList.add("shown");
    this.#place(term.getBoundingClientRect());
  }

  #place({ left, top, bottom }) {
    const { offsetWidth: width, offsetHeight: height } = this.#element;
    const x = Math.max(8, Math.min(left, document.documentElement.clientWidth - width - 8));
    const y = bottom + 6 + height < innerHeight ? bottom + 6 : top - height - 6;
    Object.assign(this.#element.style, { left: `${x}px`, top: `${Math.max(8, y)}px` });
  }

  #hide() {
    if (this.#term === null) return;
    this.#term.removeAttribute("aria-describedby");
    this.#term.setAttribute("aria-expanded", "false");
    this.#term = null;
    this.#element.classList.remove("shown");
    if (this.#element.matches(":popover-open")) this.#element.hidePopover();
  }
}
