/** The formulas of the chosen sampler, in MathML, with the papers they come from. */

import { bar, fraction, hat, letter, paired, root, row, sections, sign, squared, sub } from "../shell/formulas.js";

const [x, t, s, c] = ["x", "t", "s", "c"].map(letter);
const [alpha, sigma, epsilon, eta, noise] = ["α", "σ", "ε", "η", "z"].map(letter);
const zero = "<mn>0</mn>";
const none = letter("∅");
const clean = sub(hat(x), zero);
const predictedNoise = sub(hat(epsilon), t);
const network = row(sub(epsilon, letter("θ")), paired(row(sub(x, t), sign(","), t)));

const PAPERS = {
  ddpm: ["Ho, Jain & Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
  ddim: ["Song, Meng & Ermon 2021", "https://arxiv.org/abs/2010.02502"],
  score: ["Song et al. 2021", "https://arxiv.org/abs/2011.13456"],
  guidance: ["Ho & Salimans 2022", "https://arxiv.org/abs/2207.12598"],
  heun: ["Karras et al. 2022", "https://arxiv.org/abs/2206.00364"],
  tweedie: ["Efron 2011", "https://doi.org/10.1198/jasa.2011.tm11181"],
};

const FORWARD = {
  title: "A noisy picture",
  lines: [row(sub(x, t), sign("="), sub(alpha, t), sub(x, zero), sign("+"), sub(sigma, t), epsilon)],
  note: "Signal α and Gaussian noise σ, with α² + σ² = 1.",
  papers: ["ddpm"],
};

const TWEEDIE = {
  title: "Tweedie’s formula",
  lines: [
    row(clean, sign("="), fraction(
      row(sub(x, t), sign("+"), squared(sigma, t), sign("∇"), "<mi>log</mi>", sub(letter("p"), t), paired(sub(x, t))), sub(alpha, t),
    ), sign("≈"), fraction(row(sub(x, t), sign("−"), sub(sigma, t), predictedNoise), sub(alpha, t))),
  ],
  note: "The mean of all clean pictures that could lie behind the noisy one.",
  papers: ["tweedie"],
};

const GUIDANCE = {
  title: "Classifier-free guidance",
  lines: [
    row(predictedNoise, sign("="), sub(epsilon, none), sign("+"), letter("γ"),
      paired(row(sub(epsilon, c), sign("−"), sub(epsilon, none)))),
  ],
  note: "Away from the prediction without a class ∅, towards the one with class c, by the guidance scale γ.",
  papers: ["guidance"],
};

/** Noise level of the step from t to s, over sigma: what the probability flow is solved in. */
const ratio = (time) => sub(bar(sigma), time);
const scaled = (time) => sub(bar(x), time);

const STEPS = {
  ddpm: {
    title: "DDPM step, from <i>t</i> to <i>s</i>",
    lines: [
      row(sub(x, s), sign("="), fraction(row(sub(alpha, s), sub(letter("β"), t)), squared(sigma, t)), clean, sign("+"),
        fraction(row(sub(alpha, t), squared(sigma, s)), row(sub(alpha, s), squared(sigma, t))), sub(x, t), sign("+"),
        fraction(row(sub(sigma, s)), sub(sigma, t)), root(sub(letter("β"), t)), noise),
      row(sub(letter("β"), t), sign("="), "<mn>1</mn>", sign("−"), squared(alpha, t), sign("/"), squared(alpha, s)),
    ],
    note: "A draw from the posterior, with fresh noise z.",
    papers: ["ddpm"],
  },
  ddim: {
    title: "DDIM step, from <i>t</i> to <i>s</i>",
    lines: [
      row(sub(x, s), sign("="), sub(alpha, s), clean, sign("+"),
        root(row(squared(sigma, s), sign("−"), `<msup>${letter("ς")}<mn>2</mn></msup>`)), predictedNoise, sign("+"), letter("ς"), noise),
      row(letter("ς"), sign("="), eta, fraction(sub(sigma, s), sub(sigma, t)),
        root(row("<mn>1</mn>", sign("−"), squared(alpha, t), sign("/"), squared(alpha, s)))),
    ],
    note: "η = 0 adds no noise; η = 1 is DDPM.",
    papers: ["ddim"],
  },
  euler: {
    title: "Probability flow, Euler",
    lines: [
      row(scaled(s), sign("="), scaled(t), sign("+"), paired(row(ratio(s), sign("−"), ratio(t))), predictedNoise),
      row(bar(x), sign("="), x, sign("/"), alpha, sign(","), "<mspace width='1em'/>", bar(sigma), sign("="), sigma, sign("/"), alpha),
    ],
    note: "One slope per step: the same as DDIM with η = 0.",
    papers: ["score"],
  },
  heun: {
    title: "Probability flow, Heun",
    lines: [
      row(scaled(s), sign("="), scaled(t), sign("+"), paired(row(ratio(s), sign("−"), ratio(t))),
        fraction(row(predictedNoise, sign("+"), sub(hat(epsilon), s)), "<mn>2</mn>")),
      row(bar(x), sign("="), x, sign("/"), alpha, sign(","), "<mspace width='1em'/>", bar(sigma), sign("="), sigma, sign("/"), alpha),
    ],
    note: "The mean of the slopes at both ends of the step.",
    papers: ["score", "heun"],
  },
};

const NETWORK = row(predictedNoise, sign("="), network);

/**
 * Shows the formulas that the settings put to work.
 * @param {HTMLElement} element
 * @param {object} settings
 * @param {object} [sampler]  what the package says of the chosen one, once it is known
 */
export function showFormulas(element, { options, guidance, class: chosen }, sampler) {
  const guided = guidance !== 1 && chosen !== "none";
  const shown = [FORWARD, { ...TWEEDIE, lines: guided ? TWEEDIE.lines : [...TWEEDIE.lines, NETWORK] }];
  if (sampler !== undefined) shown.push(stepOf(sampler, options));
  if (guided) shown.push(GUIDANCE);
  element.innerHTML = sections(shown, PAPERS);
}
