/** How an observation guides the sampler: the formula of each method, and a sentence about it. */

import { fraction, hat, letter, paired, row, sign, sub } from "../shell/formulas.js";

const [x, y, z, A, p, t, s, m] = ["x", "y", "z", "A", "p", "t", "s", "m"].map(letter);
const [equals, plus, minus, times, arrow, nabla, bar] = ["=", "+", "−", "·", "←", "∇", "|"].map(sign);
const zero = "<mn>0</mn>";
const one = "<mn>1</mn>";
const two = "<mn>2</mn>";
const sup = (base, exponent) => `<msup>${base}${exponent}</msup>`;
const [clean, noisy] = [sub(hat(x), zero), sub(x, t)];
const error = row(y, minus, A, clean);
const [r2, u2] = [sup(letter("r"), two), sup(letter("u"), two)];
const noise = `<msubsup>${letter("σ")}${y}${two}</msubsup>`;
const transposed = (base) => sup(base, letter("T"));
const inverse = sup(paired(row(r2, A, transposed(A), plus, noise)), row(minus, one));
const corrected = (...by) => row(clean, arrow, clean, plus, ...by);
const JACOBIAN = "<i>u</i> = <i>σ</i>/<i>α</i>, and <i>J</i> is the Jacobian of <i>x̂</i><sub>0</sub>.";

const log = `<mspace width="0.1em"/><mi>log</mi><mspace width="0.15em"/>`;

/** @type {Record<string, { formula: string, words: string }>} */
export const METHOD_TEXTS = {
  auto: {
    formula: row(nabla, log, p, paired(row(noisy, bar, y)), equals, nabla, log, p, paired(noisy), plus, nabla, log, p, paired(row(y, bar, noisy))),
    words: "The network gives the first score. The second needs an approximation: ΠGDM if <i>A</i> is linear, otherwise DPS.",
  },
  pigdm: {
    formula: corrected(u2, transposed(letter("J")), transposed(A), inverse, paired(error)),
    words: `Given <i>x<sub>t</sub></i>, the picture is assumed to be normal around <i>x̂</i><sub>0</sub> with standard deviation <i>r</i>, so the score of the observation has a closed form. ${JACOBIAN}`,
  },
  dps: {
    formula: corrected(letter("ζ"), letter("u"), transposed(letter("J")), transposed(A), fraction(row(error), row(sign("‖"), error, sign("‖")))),
    words: `A step of size <i>ζ</i> along the gradient of the residual, through the network. ${JACOBIAN}`,
  },
  ddrm: {
    formula: row(A, equals, letter("U"), letter("Σ"), sup(letter("V"), letter("T"))),
    words: "The component along each singular vector of <i>A</i> is updated separately: with the observation where that is less noisy than <i>x<sub>t</sub></i>, and with the network elsewhere.",
  },
  repaint: {
    formula: row(sub(x, s), arrow, m, times, paired(row(sub(letter("α"), s), y, plus, sub(letter("σ"), s), z)), plus, paired(row(one, minus, m)), times, sub(x, s)),
    words: "Known pixels are replaced by their observed values with noise added. Then the sampler jumps back to more noise and repeats the steps, so that the hidden part fits the rest.",
  },
  replacement: {
    formula: corrected(r2, transposed(A), inverse, paired(error)),
    words: "The observed part of <i>x̂</i><sub>0</sub> is replaced by the observation. There is no gradient, so it is fast, but the seams may show.",
  },
};
