/** What each view of the restore lab shows: a title, a formula with its symbols, and three sentences. */

import { hat, letter, paired, row, sign, sub } from "../shell/formulas.js";

const [x, y, p, c, V, W, i] = ["x", "y", "p", "c", "V", "W", "i"].map(letter);
const clean = sub(x, "<mn>0</mn>");
const estimate = sub(hat(x), "<mn>0</mn>");
const inverse = `<msubsup>${V}${i}${row(sign("−"), "<mn>1</mn>")}</msubsup>`;
const sum = `<munder>${sign("∑")}${i}</munder>`;
const seen = row(sub(hat(x), letter("θ")), paired(row(sub(V, i), sub(x, letter("t")), sign(","), sub(c, i))));
const SYNCHRONISED = '<i>V<sub>i</sub></i>: the transform of view <i>i</i>. <i>c<sub>i</sub></i>: its class. <i>x̂<sub>θ</sub></i>: the network’s clean estimate.';

/** @type {Record<string, { title: string, formula: string, sentences: string, symbols: string, papers: [string, string][] }>} */
export const ABOUT = {
  restore: {
    title: "Several answers to one question",
    formula: row(p, paired(row(clean, sign("|"), y)), sign("∝"), p, paired(clean), sign("·"), p, paired(row(y, sign("|"), clean))),
    sentences: "Hide a part of a picture, and the diffusion model fills it in. There is more than one answer, so the lab draws several from the posterior at once. They agree where the observation determines the picture, and differ elsewhere: there the standard deviation is large.",
    symbols: '<i>x</i><sub>0</sub>: the picture. <i>y</i>: the observation. <i>p</i>(<i>x</i><sub>0</sub>): the model. <i>p</i>(<i>y</i>|<i>x</i><sub>0</sub>): the likelihood of the observation, with noise of standard deviation <i>σ<sub>y</sub></i>.',
    papers: [["Song et al. 2023", "https://openreview.net/forum?id=9_gsMA8MRKQ"], ["Chung et al. 2023", "https://arxiv.org/abs/2209.14687"], ["Daras et al. 2024", "https://arxiv.org/abs/2410.00083"]],
  },
  anagram: {
    title: "One picture, two readings",
    formula: row(estimate, sign("="), "<mfrac><mn>1</mn><mn>2</mn></mfrac>", sum, inverse, seen),
    sentences: "At each step the network sees the same noisy picture twice, upright and turned, each time with another class. Both clean estimates are turned back and averaged, and the sampler moves towards the average. The result must pass for both; drag it to turn it.",
    symbols: SYNCHRONISED,
    papers: [["Geng et al. 2024", "https://arxiv.org/abs/2311.17919"], ["Kim et al. 2024", "https://arxiv.org/abs/2403.14370"]],
  },
  panorama: {
    title: "Larger than the network",
    formula: row(estimate, sign("="), `<mfrac>${row(sum, sub(W, i), inverse, seen)}${row(sum, sub(W, i))}</mfrac>`),
    sentences: "The network was trained on pictures of one size only. At each step it sees a wide canvas through overlapping windows, each with its class, and the estimates are averaged where windows overlap. More overlap makes better seams and takes more evaluations.",
    symbols: `${SYNCHRONISED} <i>W<sub>i</sub></i>: 1 inside window <i>i</i>, 0 outside.`,
    papers: [["Bar-Tal et al. 2023", "https://arxiv.org/abs/2302.08113"], ["Kim et al. 2024", "https://arxiv.org/abs/2403.14370"]],
  },
};
