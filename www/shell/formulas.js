/** MathML formulas, each with a title, a note and its sources. */

export const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
export const letter = (name) => `<mi>${name}</mi>`;
export const sign = (symbol) => `<mo>${symbol}</mo>`;
export const sub = (base, index) => `<msub>${base}${index}</msub>`;
export const squared = (base, index) => `<msubsup>${base}${index}<mn>2</mn></msubsup>`;
export const fraction = (above, below) => `<mfrac>${above}${below}</mfrac>`;
export const root = (inner) => `<msqrt>${inner}</msqrt>`;
export const hat = (base) => `<mover accent="true">${base}<mo>^</mo></mover>`;
export const bar = (base) => `<mover accent="true">${base}<mo>¯</mo></mover>`;
export const paired = (inner) => row(sign("("), inner, sign(")"));

/**
 * The HTML of a list of formulas.
 * @param {{ title: string, lines: string[], note: string, papers: string[] }[]} formulas  `lines` is MathML; the other texts may contain HTML
 * @param {Record<string, [string, string]>} papers  name and URL of each paper
 */
export const sections = (formulas, papers) => formulas.map((formula) => section(formula, papers)).join("");

function section({ title, lines, note, papers: cited }, papers) {
  const links = cited.map((paper) => `<a href="${papers[paper][1]}">${papers[paper][0]}</a>`).join(", ");
  const written = lines.map((line) => `<math display="block">${line}</math>`).join("");
  return `<section class="formula"><h3>${title}</h3><div class="lines">${written}</div><p class="hint">${note} ${links}</p></section>`;
}
