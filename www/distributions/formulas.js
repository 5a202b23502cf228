/** Formulas of the selected target and method, in MathML, with their sources. */

import { fraction, letter, paired as tall, root, row, sections, sign, squared, sub } from "../shell/formulas.js";

const [a, b, c, f, k, n, p, q, u, x] = ["a", "b", "c", "f", "k", "n", "p", "q", "u", "x"].map(letter);
const [D, F, N, P, U, X] = ["D", "F", "N", "P", "U", "X"].map(letter);
const [gamma, lambda, mu, sigma] = ["γ", "λ", "μ", "σ"].map(letter);
const number = (value) => `<mn>${value}</mn>`;
const power = (base, exponent) => `<msup>${base}${exponent}</msup>`;
const brace = (symbol) => `<mo stretchy="false">${symbol}</mo>`;
/** Parentheses of normal height. */
const paired = (inner) => row(brace("("), inner, brace(")"));
const of = (name, argument) => row(name, sign("&ApplyFunction;"), paired(argument));
const inverse = of(power(F, row(sign("−"), number(1))), u);
const equal = (left, ...right) => row(left, sign("="), ...right);
const under = (word, below) => `<munder><mi mathvariant="normal">${word}</mi>${below}</munder>`;
const word = (text) => `<mtext>${text}</mtext>`;
const difference = (one, other) => row(one, sign("−"), other);
const density = (...right) => equal(of(p, x), ...right);
const quantile = (...right) => equal(inverse, ...right);
const sum = row(`<munder>${sign("∑")}${k}</munder>`);
const integral = (...inner) => row(sign("∫"), ...inner, sign("d"), x);
const [x0, m] = [sub(x, number(0)), letter("m")];

const PAPERS = {
  devroye: ["Devroye 1986, chapter II.2", "http://luc.devroye.org/rnbookindex.html"],
  rejection: ["Devroye 1986, chapter II.3", "http://luc.devroye.org/rnbookindex.html"],
  neumann: ["von Neumann 1951", "https://mcnp.lanl.gov/pdf_files/InBook_Computing_1961_Neumann_JohnVonNeumannCollectedWorks_VariousTechniquesUsedinConnectionwithRandomDigits.pdf"],
  kolmogorov: ["Marsaglia, Tsang &amp; Wang 2003", "https://doi.org/10.18637/jss.v008.i18"],
  pearson: ["Pearson 1900", "https://doi.org/10.1080/14786440009463897"],
};

const target = (title, lines, note) => ({ title, lines, note, papers: [] });

const TARGETS = {
  uniform: target("Uniform density, and its inverse", [
    density(fraction(number(1), difference(b, a))), quantile(a, sign("+"), paired(difference(b, a)), u),
  ], "Constant between a and b; the CDF is a straight line."),
  normal: target("Normal density, and its inverse", [
    density(fraction(number(1), row(sigma, root(row(number(2), letter("π"))))),
      power(letter("e"), row(sign("−"), power(paired(difference(x, mu)), number(2)), sign("/"), number(2), power(sigma, number(2))))),
    quantile(mu, sign("+"), sigma, of(power(letter("Φ"), row(sign("−"), number(1))), u)),
  ], "Φ⁻¹ is the inverse of the standard normal CDF."),
  exponential: target("Exponential density, and its inverse", [
    density(lambda, power(letter("e"), row(sign("−"), lambda, x))),
    quantile(sign("−"), fraction(row("<mi>ln</mi>", paired(difference(number(1), u))), lambda)),
  ], "For x ≥ 0."),
  triangular: target("Triangular density, and its inverse", [
    quantile(a, sign("+"), root(row(u, paired(difference(b, a)), paired(difference(m, a))))),
    quantile(b, sign("−"), root(row(paired(difference(number(1), u)), paired(difference(b, a)), paired(difference(b, m))))),
  ], "Rises from a to the mode m and falls to b. The first line applies for u ≤ (m − a)/(b − a), the second otherwise."),
  cauchy: target("Cauchy density, and its inverse", [
    density(fraction(number(1), row(letter("π"), gamma, tall(row(number(1), sign("+"), fraction(power(paired(difference(x, x0)), number(2)), power(gamma, number(2)))))))),
    quantile(x0, sign("+"), gamma, "<mi>tan</mi>", paired(row(letter("π"), paired(difference(u, number("½")))))),
  ], "Its heavy tails leave mean and variance undefined."),
  power: target("The density ⅜ x², and its inverse", [
    density(fraction(number(3), number(8)), power(x, number(2))), quantile(number(2), `<mroot>${u}${number(3)}</mroot>`),
  ], "On [0, 2], where F(x) = x³/8."),
  mixture: target("Gaussian mixture", [
    density(sum, sub(letter("w"), k), of(N, row(x, sign(";"), sub(mu, k), sign(","), squared(sigma, k)))),
  ], "The inverse has no closed form: F(x) = u is solved numerically."),
  drawn: target("A drawn density", [
    density(of(f, x), sign("/"), integral(of(f, x))),
  ], "Piecewise linear between the drawn points, so F is piecewise quadratic."),
  formula: target("A density given by a formula", [
    density(of(f, x), sign("/"), integral(of(f, x))),
  ], "The integral and F(x) = u are computed numerically."),
  discrete: target("A probability mass function", [
    equal(of(P, equal(X, k)), sub(p, k)), equal(of(F, x), row(`<munder>${sign("∑")}${row(k, sign("≤"), x)}</munder>`, sub(p, k))),
  ], "F jumps by the probability of each outcome and is flat in between."),
};

const TRANSFORM = {
  title: "Inverse transform",
  lines: [
    equal(X, of(power(F, row(sign("−"), number(1))), U)),
    quantile("<mi>inf</mi>", "<mspace width='0.15em'/>", brace("{"), x, sign(":"), of(F, x), sign("≥"), u, brace("}")),
    equal(of(P, row(X, sign("≤"), x)), of(P, row(U, sign("≤"), of(F, x))), sign("="), of(F, x)),
  ],
  note: "If U is uniform on (0, 1), X has the CDF F. This also holds where F jumps or is flat.",
  papers: ["devroye"],
};

const REJECTION = {
  title: "Rejection",
  lines: [
    row(word("accept"), "<mspace width='0.35em'/>", x, sign("∼"), q, "<mspace width='0.35em'/>", word("if"), "<mspace width='0.35em'/>", u, sign("·"), c, sign("·"), of(q, x), sign("≤"), of(p, x)),
    row(equal(c, under("sup", x), fraction(of(p, x), of(q, x))), sign(","), "<mspace width='0.6em'/>", equal(of(P, word("accepted")), fraction(number(1), c))),
  ],
  note: "The area under p is 1 and the area under c·q is c, so a fraction 1/c is accepted.",
  papers: ["neumann", "rejection"],
};

const BROKEN = {
  title: "Envelope too low",
  lines: [
    equal(of(letter("r"), x), fraction(row("<mi>min</mi>", paired(row(of(p, x), sign(","), c, sign("·"), of(q, x)))),
      integral("<mi>min</mi>", paired(row(p, sign(","), c, sign("·"), q))))),
  ],
  note: "The density that is actually sampled, drawn as a dotted line.",
  papers: [],
};

const KOLMOGOROV = {
  title: "Kolmogorov–Smirnov statistic",
  lines: [equal(sub(D, n), under("sup", x), sign("|"), difference(of(sub(F, n), x), of(F, x)), sign("|"))],
  note: "F<sub>n</sub>(x) is the fraction of the n samples that are at most x. If the samples follow F, √n·D<sub>n</sub> exceeds 1.36 with probability 5 %.",
  papers: ["kolmogorov"],
};

const PEARSON = {
  title: "χ² statistic",
  lines: [equal(power(letter("χ"), number(2)), sum, fraction(power(paired(difference(sub(n, k), row(n, sub(p, k)))), number(2)), row(n, sub(p, k))))],
  note: "n<sub>k</sub> is the count of outcome k among n samples. If they follow the target, χ² is about the number of outcomes minus one.",
  papers: ["pearson"],
};

/**
 * Shows the formulas that apply with these settings.
 * @param {HTMLElement} element
 * @param {{ target: string, method: string }} settings
 * @param {"whole" | "broken"} envelope
 */
export function showFormulas(element, { target, method }, envelope) {
  const shown = [TARGETS[target], method === "rejection" ? REJECTION : TRANSFORM];
  if (method === "rejection" && envelope === "broken") shown.push(BROKEN);
  shown.push(target === "discrete" ? PEARSON : KOLMOGOROV);
  element.innerHTML = sections(shown, PAPERS);
}
