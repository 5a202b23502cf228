/** Formula of each sampler's step from time t to s, in MathML. */

import { bar, fraction, hat, letter, paired, root, row, sign, squared, sub } from "../shell/formulas.js";

const [x, t, s, m, h, k, r] = ["x", "t", "s", "m", "h", "k", "r"].map(letter);
const [alpha, sigma, beta, delta, epsilon, eta, lambda, noise] = ["α", "σ", "β", "δ", "ε", "η", "λ", "z"].map(letter);
const [equals, plus, minus, times, arrow] = ["=", "+", "−", "·", "←"].map(sign);
const number = (digits) => `<mn>${digits}</mn>`;
const [zero, one, two] = [0, 1, 2].map(number);
const gap = "<mspace width='1em'/>";
const power = (base, exponent) => `<msup>${base}${exponent}</msup>`;

const at = (base) => (time) => sub(base, time);
/** The probability flow is solved in variables divided by alpha. */
const [scaled, scaledSigma] = [at(bar(x)), at(bar(sigma))];
const [x_, alpha_, sigma_, lambda_, expectedNoise, expectedClean] = [x, alpha, sigma, lambda, hat(epsilon), hat(x)].map(at);
const cleanOf = (time) => sub(hat(x), row(zero, sign(","), time));
const clean = sub(hat(x), zero);
const score = row(sign("∇"), "<mi>log</mi>", sub(letter("p"), t), paired(x_(t)));
const earlier = (count) => row(t, minus, number(count));

const SCALED = row(bar(x), equals, x, sign("/"), alpha, sign(","), gap, bar(sigma), equals, sigma, sign("/"), alpha);
const LOG_SNR = row(lambda, equals, "<mi>ln</mi>", paired(row(alpha, sign("/"), sigma)), sign(","), gap, h, equals, lambda_(s), minus, lambda_(t));
/** A step along one slope. */
const along = (slope, end = scaledSigma(s)) => row(scaled(s), equals, scaled(t), plus, paired(row(end, minus, scaledSigma(t))), slope);
const up = sub(bar(sigma), letter("↑"));
const down = sub(bar(sigma), letter("↓"));
const UP_AND_DOWN = row(power(up, two), equals, power(scaledSigma(s), two), paired(row(one, minus, power(scaledSigma(s), two), sign("/"), power(scaledSigma(t), two))),
  sign(","), gap, power(down, two), equals, power(scaledSigma(s), two), minus, power(up, two));
const weighted = row("<munder><mo>∑</mo><mi>j</mi></munder>", sub(letter("c"), letter("j")), sub(hat(epsilon), letter("j")));
const REVERSE = "The reverse SDE";

const EULER = {
  lines: [along(expectedNoise(t)), SCALED],
  note: "One slope per step: the same as DDIM with η = 0.",
};
const HEUN = {
  lines: [along(fraction(row(expectedNoise(t), plus, expectedNoise(s)), two)), SCALED],
  note: "Uses the mean of the slopes at both ends of the step.",
};
const FLOW = {
  euler: EULER,
  heun: HEUN,
  rk4: {
    lines: [along(fraction(row(sub(k, one), plus, two, sub(k, two), plus, two, sub(k, number(3)), plus, sub(k, number(4))), number(6))), SCALED],
    note: "Four slopes k: one at the start, two at the midpoint, one at the end.",
  },
};
const MIDPOINT = row(scaledSigma(m), equals, root(row(scaledSigma(t), scaledSigma(s))));
const PSEUDO = {
  lines: [
    row(epsilon, equals, fraction(row(number(55), expectedNoise(t), minus, number(59), expectedNoise(earlier(1)), plus, number(37), expectedNoise(earlier(2)),
      minus, number(9), expectedNoise(earlier(3))), number(24))),
    row(x_(s), equals, alpha_(s), fraction(row(x_(t), minus, sigma_(t), epsilon), alpha_(t)), plus, sigma_(s), epsilon),
  ],
  note: "The current noise estimate and three previous ones are extrapolated, and used in a DDIM step.",
};
const DIFFUSION = row(x_(s), equals, x_(t), plus, paired(row(fraction(one, two), beta, x_(t), plus, beta, score)), delta, plus, root(row(beta, delta)), noise);
const LANGEVIN = {
  lines: [row(x, arrow, x, plus, fraction(letter("ϵ"), two), score, plus, root(letter("ϵ")), noise)],
  note: "A gradient step along the score plus noise, which leaves the distribution unchanged; ϵ is the step size.",
};

const STEPS = {
  ddpm: {
    lines: [
      row(x_(s), equals, fraction(row(alpha_(s), sub(beta, t)), squared(sigma, t)), clean, plus,
        fraction(row(alpha_(t), squared(sigma, s)), row(alpha_(s), squared(sigma, t))), x_(t), plus,
        fraction(row(sigma_(s)), sigma_(t)), root(sub(beta, t)), noise),
      row(sub(beta, t), equals, one, minus, squared(alpha, t), sign("/"), squared(alpha, s)),
    ],
    note: "A sample from the posterior, with fresh noise z.",
  },
  ddim: {
    lines: [
      row(x_(s), equals, alpha_(s), clean, plus, root(row(squared(sigma, s), minus, power(letter("ς"), two))), expectedNoise(t), plus, letter("ς"), noise),
      row(letter("ς"), equals, eta, fraction(sigma_(s), sigma_(t)), root(row(one, minus, squared(alpha, t), sign("/"), squared(alpha, s)))),
    ],
    note: "η = 0 adds no noise; η = 1 is DDPM.",
  },
  euler: EULER,
  heun: HEUN,
  "dormand-prince": {
    lines: [
      row(scaled(s), equals, scaled(t), plus, h, "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mn>6</mn></munderover>",
        sub(letter("b"), letter("i")), sub(k, letter("i"))),
      row(h, arrow, number("0.9"), times, h, times, power(letter("err"), row(minus, one, sign("/"), number(5)))),
    ],
    note: "The same slopes k give two estimates of different order. Their difference divided by the tolerance is err, which controls the next step size h.",
  },
  "euler-ancestral": {
    lines: [row(scaled(s), equals, scaled(t), plus, paired(row(down, minus, scaledSigma(t))), expectedNoise(t), plus, up, noise), UP_AND_DOWN],
    note: "A step to a level below s, then fresh noise up to s. σ̄ is σ/α.",
  },
  kdpm2: {
    lines: [along(expectedNoise(m)), MIDPOINT],
    note: "The slope at the midpoint in log σ̄, where σ̄ = σ/α.",
  },
  "kdpm2-ancestral": {
    lines: [row(scaled(s), equals, scaled(t), plus, paired(row(down, minus, scaledSigma(t))), expectedNoise(m), plus, up, noise), UP_AND_DOWN],
    note: "A KDPM2 step to a level below s, then fresh noise up to s.",
  },
  lms: {
    lines: [row(scaled(s), equals, scaled(t), plus, weighted), row(sub(letter("c"), letter("j")), equals,
      `<msubsup><mo>∫</mo>${scaledSigma(t)}${scaledSigma(s)}</msubsup>`, sub(letter("ℓ"), letter("j")), paired(bar(sigma)), letter("d"), bar(sigma))],
    note: "A polynomial through the last slopes, integrated over the step.",
  },
  pndm: PSEUDO,
  ipndm: PSEUDO,
  "dpm-solver": {
    lines: [row(x_(s), equals, fraction(alpha_(s), alpha_(t)), x_(t), minus, sigma_(s), paired(row(power(letter("e"), h), minus, one)), expectedNoise(t)), LOG_SNR],
    note: "The linear part is solved exactly. This is order 1; higher orders extrapolate the noise estimate in λ.",
  },
  "dpm-solver++": {
    lines: [
      row(x_(s), equals, fraction(sigma_(s), sigma_(t)), x_(t), plus, alpha_(s), paired(row(one, minus, power(letter("e"), row(minus, h)))), letter("D")),
      row(letter("D"), equals, cleanOf(t), plus, fraction(one, row(two, r)), paired(row(cleanOf(t), minus, cleanOf(earlier(1))))),
      LOG_SNR,
    ],
    note: "The linear part is solved exactly, and the clean estimate is extrapolated in λ. r is the previous step size divided by this one.",
  },
  deis: {
    lines: [row(scaled(s), equals, scaled(t), plus, weighted), row(sub(letter("c"), letter("j")), equals,
      `<msubsup><mo>∫</mo>${scaledSigma(t)}${scaledSigma(s)}</msubsup>`, sub(letter("ℓ"), letter("j")), paired(row("<mi>ln</mi>", bar(sigma))), letter("d"), bar(sigma))],
    note: "A polynomial in ln σ̄ through the last slopes, integrated over the step.",
  },
  unipc: {
    lines: [
      row(x_(s), equals, fraction(sigma_(s), sigma_(t)), x_(t), plus, alpha_(s), paired(row(one, minus, power(letter("e"), row(minus, h)))), cleanOf(t)),
      row(gap, plus, alpha_(s), letter("B"), paired(h), "<munder><mo>∑</mo><mi>j</mi></munder>", sub(letter("a"), letter("j")),
        fraction(sub(letter("D"), letter("j")), sub(r, letter("j")))),
      LOG_SNR,
    ],
    note: "The predictor uses earlier differences D. After the network is evaluated at s, the corrector repeats the formula with that difference as well.",
  },
  "euler-maruyama": { lines: [DIFFUSION], note: `${REVERSE}, discretised with a short time δ; β is the noise rate.` },
  "reverse-diffusion": {
    lines: [DIFFUSION],
    note: `${REVERSE}, discretised like the forward process: β δ is the variance that the step from s to t adds.`,
  },
  ancestral: {
    lines: [row(x_(s), equals, fraction(one, root(row(one, minus, sub(beta, t)))), paired(row(x_(t), plus, sub(beta, t), score)), plus, root(sub(beta, t)), noise)],
    note: "The DDPM step in terms of the score.",
  },
  "predictor-corrector": {
    lines: [row(x, arrow, x, plus, letter("ϵ"), score, plus, root(row(two, letter("ϵ"))), noise),
      row(letter("ϵ"), equals, two, power(paired(row(r, fraction(row(sign("‖"), noise, sign("‖")), row(sign("‖"), sign("∇"), "<mi>log</mi>", letter("p"), sign("‖"))))), two))],
    note: "Each predictor step is followed by Langevin steps at the new noise level; r is the signal-to-noise ratio.",
  },
  langevin: LANGEVIN,
  "annealed-langevin": { ...LANGEVIN, note: `${LANGEVIN.note} It decreases with the noise level.` },
  consistency: {
    lines: [row(x_(s), equals, alpha_(s), clean, plus, sigma_(s), noise)],
    note: "A step to the clean estimate, then fresh noise up to s.",
  },
};

/**
 * The formulas of a sampler's step.
 * @param {object} sampler  as the package's `samplers()` lists it
 * @param {{ solver?: string }} options  options set for it
 * @returns {{ title: string, lines: string[], note: string }}
 */
export function stepOf({ name, title }, { solver }) {
  const step = STEPS[name] ?? FLOW[solver] ?? { lines: [], note: "The formula is in the paper." };
  return { title: `${title}, from <i>t</i> to <i>s</i>`, ...step };
}
