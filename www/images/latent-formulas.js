/** Formulas of the interpolation between images and of the likelihood, in MathML. */

import { bar, fraction, hat, letter, paired, row, sections, sign, sub } from "../shell/formulas.js";

const [x, t, s, z, d, f, p, v, L] = ["x", "t", "s", "z", "d", "f", "p", "v", "L"].map(letter);
const [alpha, sigma, epsilon, omega] = ["α", "σ", "ε", "Ω"].map(letter);
const [zero, one] = [0, 1].map((digit) => `<mn>${digit}</mn>`);
const [equals, plus, minus] = ["=", "+", "−"].map(sign);
const [sine, logarithm] = ["sin", "log"].map((name) => `<mi>${name}</mi><mspace width='0.17em'/>`);
const gap = "<mspace width='1em'/>";
const predicted = sub(hat(epsilon), t);

const PAPERS = {
  flow: ["Song et al. 2021", "https://arxiv.org/abs/2011.13456"],
  ddim: ["Song, Meng & Ermon 2021", "https://arxiv.org/abs/2010.02502"],
  sphere: ["Shoemake 1985", "https://doi.org/10.1145/325334.325242"],
  bound: ["Ho, Jain & Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
  hutchinson: ["Hutchinson 1989", "https://doi.org/10.1080/03610918908812806"],
};

const WAYS = {
  flow: {
    title: "Encoding and decoding",
    lines: [row(fraction(row(d, bar(x)), row(d, bar(sigma))), equals, predicted, sign(","), gap, bar(x), equals, fraction(x, alpha), sign(","), gap, bar(sigma), equals, fraction(sigma, alpha))],
    note: "The probability-flow ODE, solved with Heun’s method up to the highest noise level and back.",
    papers: ["flow"],
  },
  ddim: {
    title: "DDIM inversion",
    lines: [row(sub(x, s), equals, sub(alpha, s), sub(hat(x), zero), plus, sub(sigma, s), predicted)],
    note: "A deterministic DDIM step to the higher noise level <i>s</i>, with the prediction at <i>t</i>. Ordinary DDIM steps lead back.",
    papers: ["ddim"],
  },
};

const part = (angle) => fraction(row(sine, angle), row(sine, omega));
const SPHERE = {
  title: "Spherical interpolation",
  lines: [row(sub(z, s), equals, part(row(paired(row(one, minus, s)), omega)), sub(z, zero), plus, part(row(s, omega)), sub(z, one))],
  note: "<i>Ω</i> is the angle between the two latents. Latents on the straight line between them would have too small a norm.",
  papers: ["sphere", "ddim"],
};

/** The formulas of the interpolation by probability flow ("flow") or DDIM inversion ("ddim"). */
export const interpolationFormulas = (way) => sections([WAYS[way], SPHERE], PAPERS);

const density = (time) => row(logarithm, sub(p, time), paired(sub(x, time)));
const MEASURES = {
  bound: {
    title: "Variational bound",
    lines: [row(minus, logarithm, p, paired(sub(x, zero)), sign("≤"), sub(L, "<mi>T</mi>"), plus, `<munder>${sign("∑")}<mrow>${t}<mo>&gt;</mo>${one}</mrow></munder>`,
      sub(L, row(t, minus, one)), plus, sub(L, zero))],
    note: "",
    papers: ["bound"],
  },
  likelihood: {
    title: "Log-likelihood along the flow",
    lines: [
      row(density(zero), equals, density("<mi>T</mi>"), plus, `<msubsup>${sign("∫")}${zero}<mi>T</mi></msubsup>`, sign("∇"), sign("·"), f, "<mspace width='0.2em'/>", d, t),
      row(sign("∇"), sign("·"), f, sign("≈"), `<msup>${v}<mo>⊤</mo></msup>`, fraction(row(sign("∂"), f), row(sign("∂"), x)), v),
    ],
    note: "<i>f</i> is the velocity of the flow and <i>v</i> a random vector of signs (a Hutchinson probe). The estimate is unbiased.",
    papers: ["flow", "hutchinson"],
  },
};

/** The formula of a measure: "bound" or "likelihood". */
export const measureFormula = (measure) => sections([MEASURES[measure]], PAPERS);
