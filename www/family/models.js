/** Texts about each model in the lab: title, paper, formula and what to look for. */

import { fraction, hat, letter, paired, row, sign, sub } from "../shell/formulas.js";

const [x, z, t, p, q, f, v, s] = ["x", "z", "t", "p", "q", "f", "v", "s"].map(letter);
const [G, D, E, Z] = ["G", "D", "E", "Z"].map(letter);
const [theta, epsilon, sigma, alpha, expectation, normal] = ["θ", "ε", "σ", "α", "𝔼", "𝒩"].map(letter);
const log = `<mspace width="0.1em"/><mi>log</mi><mspace width="0.15em"/>`;
const [equals, minus, plus, comma, bar] = ["=", "−", "+", ",", "|"].map(sign);
const number = (value) => `<mn>${value}</mn>`;
const squaredNorm = (...inner) => `<msup>${row(sign("‖"), ...inner, sign("‖"))}${number(2)}</msup>`;
const mean = (under, ...inner) => row(sub(expectation, under), sign("["), ...inner, sign("]"));
const of = (name, ...inner) => row(name, paired(row(...inner)));
const net = (name) => sub(name, theta);
const [clean, noisy] = [sub(x, number(0)), sub(x, t)];

/**
 * @typedef {object} Description
 * @property {string} title
 * @property {string} lines  MathML of the objective
 * @property {string[]} sentences  how the model works, what to look for, and its limitations
 * @property {[string, string]} paper  name and URL
 */

/** @type {Record<string, Description>}  in display order */
export const MODELS = {
  diffusion: {
    title: "Diffusion",
    lines: row(letter("L"), equals, mean(row(clean, comma, epsilon, comma, t), squaredNorm(of(net(v), noisy, comma, t), minus, paired(row(sub(alpha, t), epsilon, minus, sub(sigma, t), clean))))),
    sentences: [
      "A network learns to remove noise at every noise level, and a sampler applies it step by step, from noise to data.",
      "Training is one regression, so it is stable and covers all modes. A sample takes many evaluations of the network.",
      "The log-density is integrated along the probability-flow ODE. The bound holds for the reverse process, and a learned variance makes it tighter.",
    ],
    paper: ["Ho, Jain &amp; Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
  },
  "flow-matching": {
    title: "Flow matching",
    lines: row(letter("L"), equals, mean(row(z, comma, x, comma, t), squaredNorm(of(net(v), row(paired(row(number(1), minus, t)), z, plus, t, x), comma, t), minus, paired(row(x, minus, z))))),
    sentences: [
      "The network learns the velocity of straight lines from noise z to data x. A sample follows the mean velocity.",
      "The lines show where each noise point ends. Pairing noise and data by optimal transport makes the paths straighter, so fewer steps suffice.",
      "As with diffusion, the density follows from the divergence of the velocity.",
    ],
    paper: ["Lipman et al. 2023", "https://arxiv.org/abs/2210.02747"],
  },
  gan: {
    title: "GAN",
    lines: row("<munder><mi>min</mi><mi>G</mi></munder>", "<mspace width='0.2em'/>", "<munder><mi>max</mi><mi>D</mi></munder>", "<mspace width='0.2em'/>", mean(x, log, of(D, x)), plus, mean(z, log, paired(row(number(1), minus, of(D, of(G, z)))))),
    sentences: [
      "The generator G turns noise into samples. The discriminator D learns to tell them from data, and its gradient moves the samples.",
      "The colours show D, from generated to real. Training is a game, not a minimisation, so it can cycle or cover only some modes.",
      "A sample takes one evaluation, but a GAN has no density: it cannot say how likely a point is.",
    ],
    paper: ["Goodfellow et al. 2014", "https://arxiv.org/abs/1406.2661"],
  },
  vae: {
    title: "VAE",
    lines: row(log, of(p, x), sign("≥"), mean(of(q, z, bar, x), log, of(p, x, bar, z)), minus, sub(letter("D"), "<mi>KL</mi>"), paired(row(of(q, z, bar, x), sign("‖"), of(p, z)))),
    sentences: [
      "The encoder q describes each point by a Gaussian of latents, and the decoder p maps latents back to points.",
      "The grid is the latent plane carried into the data plane by the decoder. It is continuous, so samples also fall between the modes.",
      "The bound (ELBO) is never above the log-density. With more samples of the latent (IWAE) it comes closer.",
    ],
    paper: ["Kingma &amp; Welling 2014", "https://arxiv.org/abs/1312.6114"],
  },
  "real-nvp": {
    title: "RealNVP",
    lines: row(log, of(p, x), equals, log, of(normal, of(f, x)), plus, log, sign("|"), "<mi>det</mi><mspace width='0.15em'/>", fraction(row(sign("∂"), f), row(sign("∂"), x)), sign("|")),
    sentences: [
      "Couplings scale and shift one coordinate by functions of the other. They are invertible, and the determinant of the Jacobian is a product.",
      "The grid is the latent plane carried through the couplings. It stretches and bends but never tears.",
      "The log-density is exact. Separate modes stay connected by thin bridges, because an invertible map cannot split the plane.",
    ],
    paper: ["Dinh et al. 2017", "https://arxiv.org/abs/1605.08803"],
  },
  "spline-flow": {
    title: "Spline flow",
    lines: row(log, of(p, x), equals, log, of(normal, of(f, x)), plus, log, sign("|"), "<mi>det</mi><mspace width='0.15em'/>", fraction(row(sign("∂"), f), row(sign("∂"), x)), sign("|")),
    sentences: [
      "As RealNVP, but each coupling is a monotone rational-quadratic spline with several bins instead of one scale and shift.",
      "The bins let it compress the space between modes to almost nothing, so the bridges become invisible.",
      "The log-density is exact, and a sample takes one pass through the couplings.",
    ],
    paper: ["Durkan et al. 2019", "https://arxiv.org/abs/1906.04032"],
  },
  energy: {
    title: "Energy-based model",
    lines: row(of(p, x), equals, fraction(row("<mi>exp</mi>", paired(row(minus, of(net(E), x)))), Z), comma, "<mspace width='0.6em'/>", sign("∇"), letter("L"), equals, mean("<mi>data</mi>", sign("∇"), net(E)), minus, mean("<mi>model</mi>", sign("∇"), net(E))),
    sentences: [
      "The network gives each point an energy, low where data are. Training lowers it at data and raises it at samples.",
      "The samples come from Langevin dynamics, which walks downhill in energy with noise. They can look right while the density is not.",
      "The constant Z needs an integral over the plane. In two dimensions it can be computed, so the density shown is normalised.",
    ],
    paper: ["Du &amp; Mordatch 2019", "https://arxiv.org/abs/1903.08689"],
  },
  score: {
    title: "Score model",
    lines: row(letter("L"), equals, mean(row(x, comma, epsilon, comma, sigma), squaredNorm(sigma, of(net(s), row(x, plus, sigma, epsilon), comma, sigma), plus, epsilon))),
    sentences: [
      "The network learns the score, the gradient of the log-density of noisy data, at several noise levels.",
      "The arrows show the score at the lowest level. Langevin dynamics follows it from the highest level to the lowest.",
      "With one low level it would fail: far from the data there is nothing to learn the score from.",
    ],
    paper: ["Song &amp; Ermon 2019", "https://arxiv.org/abs/1907.05600"],
  },
  consistency: {
    title: "Consistency model",
    lines: row(of(net(f), noisy, comma, t), equals, of(net(f), sub(x, letter("s")), comma, s), comma, "<mspace width='0.6em'/>", of(net(f), sub(x, sub(t, "<mi>min</mi>")), comma, sub(t, "<mi>min</mi>")), equals, sub(x, sub(t, "<mi>min</mi>"))),
    sentences: [
      "The network maps every point of a path of the probability-flow ODE to the same end, so one evaluation gives a sample.",
      "The lines show the jump from noise to sample. Neighbouring noise levels learn from each other.",
      "A second step, with fresh noise in between, improves the samples. It has no density of its own.",
    ],
    paper: ["Song et al. 2023", "https://arxiv.org/abs/2303.01469"],
  },
  guidance: {
    title: "Guidance",
    lines: row(hat(epsilon), equals, of(net(epsilon), noisy), minus, letter("w"), sub(sigma, t), sign("∇"), log, of(p, row(letter("y"), bar, noisy))),
    sentences: [
      "A classifier of noisy points pushes each sample towards its class y while a diffusion model denoises it. Classes are the modes of the data, or quadrants.",
      "With the weight w = 1 samples follow p(x | y), by Bayes’ rule. A larger weight moves them away from the other classes, and they vary less.",
      "Classifier-free guidance needs no classifier: the denoiser is evaluated with and without the class, and the difference is enlarged.",
    ],
    paper: ["Dhariwal &amp; Nichol 2021", "https://arxiv.org/abs/2105.05233"],
  },
  lora: {
    title: "Fine-tuning (LoRA)",
    lines: row(letter("W"), plus, s, letter("B"), letter("A"), comma, "<mspace width='0.6em'/>", "<mi>rank</mi>", paired(row(letter("B"), letter("A"))), equals, letter("r")),
    sentences: [
      "A diffusion model of two moons is trained first. Then its weights W are frozen, and products of two thin matrices are trained on the points shown.",
      "Rank 4 needs about a tenth of the weights of full fine-tuning and comes close to it. Rank 1 shows what is lost.",
      "At the scale s = 0 the base model comes back exactly, so one base can serve many small adaptations.",
    ],
    paper: ["Hu et al. 2022", "https://arxiv.org/abs/2106.09685"],
  },
  "progressive-distillation": {
    title: "Progressive distillation",
    lines: row(of("<msub><mtext>student</mtext><mi>N</mi></msub>", noisy), sign("≈"), row("<msub><mtext>teacher</mtext><mrow><mn>2</mn><mi>N</mi></mrow></msub>", sign("∘"), "<msub><mtext>teacher</mtext><mrow><mn>2</mn><mi>N</mi></mrow></msub>"), paired(noisy)),
    sentences: [
      "A diffusion model is trained first. Then a student learns to do two of its steps in one, becomes the teacher, and the number of steps halves.",
      "After six halvings a single step remains. Follow the loss: each halving is a new task.",
      "Teacher and student start from the same noise, so they can be compared point by point.",
    ],
    paper: ["Salimans &amp; Ho 2022", "https://arxiv.org/abs/2202.00512"],
  },
};

/** Titles of presets. */
export const PRESETS = {
  works: "Works",
  "mode-collapse": "Mode collapse",
  "cured-by-r1": "Cured by R1",
  "posterior-collapse": "Posterior collapse",
  "maximum-likelihood": "Maximum likelihood",
  "contrastive-divergence": "Contrastive divergence",
  "optimal-transport": "Optimal transport",
  "classifier-free": "Classifier-free",
  "strong-classifier": "Strong classifier",
  "strong-classifier-free": "Strong classifier-free",
  "rank-1": "Rank 1",
  "rank-4": "Rank 4",
};

/** Formats a name as a title: "mode-collapse" becomes "Mode collapse". */
export const titled = (name) => PRESETS[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");
