/** Formulas of the lab in MathML, for the prediction target and the loss weighting. */

import { fraction, hat, letter, paired, row, sections, sign, squared, sub } from "../shell/formulas.js";

const number = (value) => `<mn>${value}</mn>`;
const norm = (...inner) => `<msup>${row(sign("‖"), ...inner, sign("‖"))}${number(2)}</msup>`;

const [x, t, d, p, w] = ["x", "t", "d", "p", "w"].map(letter);
const [alpha, sigma, epsilon, theta, expectation] = ["α", "σ", "ε", "θ", "𝔼"].map(letter);
const zero = number(0);
const [noisy, clean, signal, noise] = [sub(x, t), sub(x, zero), sub(alpha, t), sub(sigma, t)];
const score = row(sign("∇"), "<mi>log</mi>", sub(p, t), paired(noisy));
const network = (name) => row(sub(name, theta), paired(row(noisy, sign(","), t)));

const PAPERS = {
  ddpm: ["Ho, Jain &amp; Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
  score: ["Song et al. 2021", "https://arxiv.org/abs/2011.13456"],
  matching: ["Vincent 2011", "https://doi.org/10.1162/NECO_a_00142"],
  velocity: ["Salimans &amp; Ho 2022", "https://arxiv.org/abs/2202.00512"],
  variational: ["Kingma et al. 2021", "https://arxiv.org/abs/2107.00630"],
  tweedie: ["Efron 2011", "https://doi.org/10.1198/jasa.2011.tm11181"],
  ideal: ["Karras et al. 2022", "https://arxiv.org/abs/2206.00364"],
};

const TARGETS = {
  noise: { target: epsilon, output: network(epsilon), papers: ["ddpm"], note: "The network predicts the noise in the noisy point." },
  clean: { target: clean, output: network(x), papers: ["ddpm"], note: "The network predicts the clean point." },
  velocity: {
    target: row(signal, epsilon, sign("−"), noise, clean), output: network(letter("v")), papers: ["velocity"],
    note: "The network predicts the velocity: mainly the noise at low noise levels, and mainly the data, with a minus sign, at high ones.",
  },
  score: {
    target: row(sign("−"), fraction(epsilon, noise)), output: network(letter("s")), papers: ["matching", "score"],
    note: "The network predicts the score. Denoising score matching trains it on the added noise.",
  },
};

function forward() {
  return {
    title: "Forward process",
    lines: [
      row(noisy, sign("="), signal, clean, sign("+"), noise, epsilon, sign(","), "<mspace width='0.4em'/>", epsilon, sign("∼"), letter("𝒩"), paired(row(zero, sign(","), letter("I")))),
    ],
    note: "The signal level α decreases and the noise level σ increases, with α² + σ² = 1. The noise schedule sets how fast.",
    papers: ["ddpm"],
  };
}

function loss({ prediction, weighting }) {
  const { target, output, papers, note } = TARGETS[prediction];
  const isSimple = weighting === "simple";
  const weight = isSimple ? "" : sub(w, t);
  return {
    title: isSimple ? "Simple loss" : "Loss of the variational bound",
    lines: [row(letter("L"), sign("="), sub(expectation, row(clean, sign(","), epsilon, sign(","), t)), weight, norm(output, sign("−"), target))],
    note: `${note}${isSimple ? "" : " Each time is weighted as in the bound on the log-likelihood."}`,
    papers: isSimple ? papers : [...papers, "variational"],
  };
}

function flow() {
  return {
    title: "Probability-flow ODE",
    lines: [
      row(fraction(row(d, noisy), row(d, t)), sign("="), letter("f"), paired(t), noisy, sign("−"), fraction(number(1), number(2)), `<msup>${letter("g")}${number(2)}</msup>`, paired(t), score),
      row(letter("f"), sign("="), fraction(row(d, "<mi>log</mi>", signal), row(d, t)), sign(","), "<mspace width='0.5em'/>", `<msup>${letter("g")}${number(2)}</msup>`, sign("="),
        fraction(row(d, squared(sigma, t)), row(d, t)), sign("−"), number(2), letter("f"), squared(sigma, t)),
    ],
    note: "Deterministic, with the same marginals as the forward process. The dragged point follows it, and the density is computed along it.",
    papers: ["score"],
  };
}

function tweedie() {
  return {
    title: "Tweedie’s formula",
    lines: [row(sub(hat(x), zero), sign("="), expectation, row(sign("["), clean, sign("|"), noisy, sign("]")), sign("="), fraction(row(noisy, sign("+"), squared(sigma, t), score), signal))],
    note: "The posterior mean of the clean point, given a noisy one. The ideal denoiser computes it exactly from the training points.",
    papers: ["tweedie", "ideal"],
  };
}

/** Shows the formulas. @param {HTMLElement} place */
export function showFormulas(place, settings) {
  place.innerHTML = sections([forward(), loss(settings), flow(), tweedie()], PAPERS);
}
