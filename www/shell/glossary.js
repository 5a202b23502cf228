/** Explains terms where they stand: a term with a dotted line shows its gloss on hover, on a tap, and when the keyboard reaches it. */

import { html } from "./element.js";

/** Each with the words by which it is found. The first that fits is taken, so that longer words come first. */
export const GLOSSARY = {
  "tweedie": { words: /Tweedie[’']s formula/, gloss: "The mean of all clean samples behind a noisy one is the noisy one plus the noise variance times the score." },
  "clipped": { words: /[Cc]lipped (?:model output|estimate)/, gloss: "The estimate of the clean picture, with values outside of the range of a picture cut off. A sampler may compute its noise from this estimate, so that both agree." },
  "ideal-denoiser": { words: /[Ii]deal denoiser/, gloss: "The best possible denoiser of the given data, computed exactly and without training: the mean of all data points, each weighted by how likely it is behind the noisy point." },
  "evaluations": { words: /(?:[Nn]etwork )?[Ee]valuations/, gloss: "How often a sampler runs the network (NFE). It is nearly all of the cost: a step of Euler takes one, a step of Heun two." },
  "ema": { words: /EMA(?: decay)?/, gloss: "Exponential moving average of the weights over the training steps. Samples are drawn with the averaged weights, which fluctuate less. A decay of 0.999 averages over about 1,000 steps." },
  "log-snr": { words: /[Ll]og-SNR/, gloss: "The logarithm of signal variance over noise variance, ln α²/σ². It is large near the data, 0 where both are equal, and negative where noise prevails." },
  "sliced-wasserstein": { words: /[Ss]liced Wasserstein/, gloss: "How far two clouds of points are apart: the mean distance that points have to move, seen along many directions. 0 if they are the same." },
  "mmd": { words: /MMD/, gloss: "Maximum mean discrepancy: how well a smooth function can tell two clouds of points apart. 0 if they have the same distribution." },
  "kolmogorov-smirnov": { words: /Kolmogorov–Smirnov/, gloss: "D is the largest gap between the samples’ cumulative distribution and the exact one. The p-value is the probability of a gap at least as large if the samples do follow it." },
  "chi-squared": { words: /χ² test/, gloss: "Adds up how far the counts of the outcomes are from what is expected. The p-value is the probability of a sum at least as large if the samples do follow the target." },
  "probability-flow": { words: /[Pp]robability[- ]flow(?: ODE)?/, gloss: "An ordinary differential equation that moves points from noise to data without any randomness, and has the same distribution at each time as the diffusion." },
  "score": { words: /\b[Ss]core\b/, gloss: "The gradient of the logarithm of the density: it points to where noisy samples are more likely." },
  "guidance": { words: /[Gg]uidance scale/, gloss: "How strongly the sampler follows the class: the difference between the estimates with and without the class is multiplied by it. 1 is plain sampling." },
  "variational-bound": { words: /[Vv]ariational bound/, gloss: "An upper limit on how many bits the model needs to encode a picture, and so a lower limit on its log-likelihood." },
  "envelope": { words: /\b[Ee]nvelope\b/, gloss: "The curve c·q that lies nowhere below the target’s density p. Points under it are proposed; those under p are kept." },
};

/** Where terms are explained: words to read, not those that change while something runs. */
const PLACES = ".prose p, .hint:not([aria-live], .figures), legend, figcaption, summary, dt, .field > label, .flag, .formula h3";
/** A term is marked once in each of these. */
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

/** Marks the terms below `root`, by now and whenever its words change. */
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
    // Between the words of a legend there is room, as between its parts.
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

/** The gloss beside the term that is pointed at. */
class Tip {
  #element = html("div", { id: "gloss", class: "gloss-tip", role: "tooltip", popover: "manual" });
  #term = null;

  constructor() {
    document.body.append(this.#element);
  }

  /** Shows the glosses of the terms below `root`. */
  serve(root) {
    const termOf = ({ target }) => target.closest?.(".gloss") ?? null;
    root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && termOf(event) !== null && this.#show(termOf(event)));
    root.addEventListener("pointerout", (event) => event.pointerType === "mouse" && termOf(event) !== null && document.activeElement !== this.#term && this.#hide());
    root.addEventListener("focusin", (event) => termOf(event) !== null && this.#show(termOf(event)));
    root.addEventListener("focusout", (event) => termOf(event) !== null && this.#hide());
    root.addEventListener("click", (event) => {
      if (termOf(event) === null) return;
      // The term may stand in the label of a control, which it does not operate.
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

  /** A term may go while its gloss is shown. */
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
    // In the top layer, where it is seen beside a picture on the whole screen too.
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
