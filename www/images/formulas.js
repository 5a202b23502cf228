/** Formulas of the selected sampler and options, in MathML, with their sources. */

import { fraction, hat, letter, paired, row, sections, sign, squared, sub } from "../shell/formulas.js";
import { stepOf } from "./steps.js";

const [x, t, c] = ["x", "t", "c"].map(letter);
const [alpha, sigma, epsilon] = ["α", "σ", "ε"].map(letter);
const zero = "<mn>0</mn>";
const none = letter("∅");
const clean = sub(hat(x), zero);
const predictedNoise = sub(hat(epsilon), t);
const theta = letter("θ");

const PAPERS = {
  ddpm: ["Ho, Jain & Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
  velocity: ["Salimans & Ho 2022", "https://arxiv.org/abs/2202.00512"],
  guidance: ["Ho & Salimans 2022", "https://arxiv.org/abs/2207.12598"],
  tweedie: ["Efron 2011", "https://doi.org/10.1198/jasa.2011.tm11181"],
  rescale: ["Lin et al. 2024", "https://arxiv.org/abs/2305.08891"],
  interval: ["Kynkäänniemi et al. 2024", "https://arxiv.org/abs/2404.07724"],
  start: ["Meng et al. 2022", "https://arxiv.org/abs/2108.01073"],
};

const FORWARD = {
  title: "Noisy image",
  lines: [row(sub(x, t), sign("="), sub(alpha, t), sub(x, zero), sign("+"), sub(sigma, t), epsilon)],
  note: "Signal level α and noise level σ, with α² + σ² = 1; ε is standard Gaussian noise.",
  papers: ["ddpm"],
};

const TWEEDIE = {
  title: "Tweedie’s formula",
  lines: [
    row(clean, sign("="), fraction(
      row(sub(x, t), sign("+"), squared(sigma, t), sign("∇"), "<mi>log</mi>", sub(letter("p"), t), paired(sub(x, t))), sub(alpha, t),
    ), sign("≈"), fraction(row(sub(x, t), sign("−"), sub(sigma, t), predictedNoise), sub(alpha, t))),
  ],
  note: "The mean of all clean images that the noisy image could come from.",
  papers: ["tweedie"],
};

const GUIDANCE = {
  title: "Classifier-free guidance",
  lines: [
    row(predictedNoise, sign("="), sub(epsilon, none), sign("+"), letter("γ"),
      paired(row(sub(epsilon, c), sign("−"), sub(epsilon, none)))),
  ],
  note: "Extrapolates from the unconditional prediction (∅) towards the prediction for class c, by the guidance scale γ.",
  papers: ["guidance"],
};

const std = (of) => row("<mi>std</mi>", paired(of));
const RESCALE = {
  title: "Guidance rescale",
  lines: [
    row(predictedNoise, sign("←"), paired(row(letter("φ"), fraction(std(sub(epsilon, c)), std(predictedNoise)), sign("+"), "<mn>1</mn>", sign("−"), letter("φ"))),
      predictedNoise),
  ],
  note: "Strong guidance oversaturates images. Rescaling by φ moves the standard deviation back towards that of the conditional prediction.",
  papers: ["rescale"],
};

const INTERVAL = {
  title: "Guidance interval",
  lines: [row(letter("γ"), sign("≠"), "<mn>1</mn>", "<mspace width='0.5em'/><mtext>only where</mtext><mspace width='0.5em'/>", letter("a"), sign("≤"),
    fraction(sub(sigma, t), sub(alpha, t)), sign("≤"), letter("b"))],
  note: "At high noise levels guidance reduces diversity; at low noise levels it has little effect.",
  papers: ["interval"],
};

const START = {
  title: "Image to image",
  lines: [row(sub(x, letter("τ")), sign("="), sub(alpha, letter("τ")), letter("y"), sign("+"), sub(sigma, letter("τ")), epsilon)],
  note: "The start image y with noise added, at the noise level of the first step that is run. The sampler replaces details that the noise hides.",
  papers: ["start"],
};

/** The noise estimate in terms of the network's output, by the scheduler's `prediction_type`. */
const PREDICTIONS = {
  epsilon: { noise: (network) => network(epsilon), papers: [] },
  sample: { noise: (network) => fraction(row(sub(x, t), sign("−"), sub(alpha, t), network(x)), sub(sigma, t)), papers: [] },
  v_prediction: { noise: (network) => row(sub(alpha, t), network(letter("v")), sign("+"), sub(sigma, t), sub(x, t)), papers: ["velocity"] },
};

/** The network that predicts `what`, as a function of the noisy image, the time and the condition. */
const networkGiven = (condition) => (what) => row(sub(what, theta), paired(row(sub(x, t), sign(","), t, ...condition)));

/**
 * Shows the formulas that apply with these settings.
 * @param {HTMLElement} element
 * @param {object} settings
 * @param {object} [sampler]  entry of `samplers()`, once it is known
 * @param {string} [prediction]  `prediction_type` of the model, once it is known
 */
export function showFormulas(element, settings, sampler, prediction) {
  const { options, guidance, class: chosen } = settings;
  const guided = guidance !== 1 && chosen !== "none";
  const predicted = PREDICTIONS[prediction];
  const explained = (section, noise, condition) => predicted === undefined ? section : {
    ...section,
    lines: [...section.lines, row(noise, sign("="), predicted.noise(networkGiven(condition)))],
    papers: [...section.papers, ...predicted.papers],
  };
  const shown = [FORWARD, guided ? TWEEDIE : explained(TWEEDIE, predictedNoise, [])];
  if (sampler !== undefined) shown.push({ ...stepOf(sampler, options), papers: ["sampler"] });
  if (settings.start === "picture") shown.push(START);
  if (guided) shown.push(explained(GUIDANCE, sub(epsilon, c), [sign(","), c]));
  if (guided && settings.guidanceRescale > 0) shown.push(RESCALE);
  if (guided && (settings.guidanceFrom !== "" || settings.guidanceTo !== "")) shown.push(INTERVAL);
  element.innerHTML = sections(shown, { ...PAPERS, sampler: [sampler?.paper.title, sampler?.paper.url] });
}
