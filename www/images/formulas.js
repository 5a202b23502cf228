/** The formulas of the chosen sampler, in MathML, with the papers they come from. */

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

const deviation = (of) => row("<mi>std</mi>", paired(of));
const RESCALE = {
  title: "Guidance, rescaled",
  lines: [
    row(predictedNoise, sign("←"), paired(row(letter("φ"), fraction(deviation(sub(epsilon, c)), deviation(predictedNoise)), sign("+"), "<mn>1</mn>", sign("−"), letter("φ"))),
      predictedNoise),
  ],
  note: "Strong guidance makes pictures garish; φ of the way back to the spread of the prediction for the class.",
  papers: ["rescale"],
};

const INTERVAL = {
  title: "Guidance in an interval",
  lines: [row(letter("γ"), sign("≠"), "<mn>1</mn>", "<mspace width='0.5em'/><mtext>only where</mtext><mspace width='0.5em'/>", letter("a"), sign("≤"),
    fraction(sub(sigma, t), sub(alpha, t)), sign("≤"), letter("b"))],
  note: "Too early it takes variety away, and late it changes nothing.",
  papers: ["interval"],
};

const START = {
  title: "From a picture",
  lines: [row(sub(x, letter("τ")), sign("="), sub(alpha, letter("τ")), letter("y"), sign("+"), sub(sigma, letter("τ")), epsilon)],
  note: "The picture y in as much noise as there is at the first step that is taken; what the noise has drowned is drawn anew.",
  papers: ["start"],
};

/** The noise out of what the network predicts, by the `prediction_type` of its scheduler. */
const PREDICTIONS = {
  epsilon: { noise: (network) => network(epsilon), papers: [] },
  sample: { noise: (network) => fraction(row(sub(x, t), sign("−"), sub(alpha, t), network(x)), sub(sigma, t)), papers: [] },
  v_prediction: { noise: (network) => row(sub(alpha, t), network(letter("v")), sign("+"), sub(sigma, t), sub(x, t)), papers: ["velocity"] },
};

/** A network that predicts `what`, asked about a noisy picture, and about its class where that is given. */
const asked = (condition) => (what) => row(sub(what, theta), paired(row(sub(x, t), sign(","), t, ...condition)));

/**
 * Shows the formulas that the settings put to work.
 * @param {HTMLElement} element
 * @param {object} settings
 * @param {object} [sampler]  what the package says of the chosen one, once it is known
 * @param {string} [prediction]  the `prediction_type` of the model, once it is known
 */
export function showFormulas(element, settings, sampler, prediction) {
  const { options, guidance, class: chosen } = settings;
  const guided = guidance !== 1 && chosen !== "none";
  const predicted = PREDICTIONS[prediction];
  const explained = (section, noise, condition) => predicted === undefined ? section : {
    ...section,
    lines: [...section.lines, row(noise, sign("="), predicted.noise(asked(condition)))],
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
