/** The degradations of the lab: operator, formula and description. */

import { fraction, letter, paired, row, sign, sub } from "../shell/formulas.js";

const [x, y, z, A] = ["x", "y", "z", "A"].map(letter);
const [equals, plus, times, star] = ["=", "+", "·", "∗"].map(sign);
const clean = sub(x, "<mn>0</mn>");
const noise = plus + sub(letter("σ"), y) + z;
const observed = (...parts) => row(y, equals, ...parts, noise);
const index = (name, ...indices) => sub(name, row(...indices.map(letter)));

/**
 * @typedef {object} Loss
 * @property {string} title
 * @property {string} engineName  name of the operator in the package
 * @property {string} formula  MathML of the observation
 * @property {string} words  description of the observation
 * @property {(settings: object, size: [number, number], mask: import("./mask.js").Mask) => object} operator  of the package
 * @property {boolean} [isNonlinear]
 * @property {boolean} [needsColour]
 */

/** The rectangle that is seen of a picture. */
function half({ side }, [height, width]) {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const whole = { top: 0, left: 0, height, width };
  return {
    top: { ...whole, top: height - rows, height: rows }, bottom: { ...whole, height: rows },
    left: { ...whole, left: width - columns, width: columns }, right: { ...whole, width: columns },
  }[side];
}

function centre(_, [height, width]) {
  const [top, left] = [Math.round(height / 4), Math.round(width / 4)];
  return { top, left, height: height - 2 * top, width: width - 2 * left };
}

/** @type {Record<string, Loss>}  in display order */
export const LOSSES = {
  paint: {
    title: "Painted over", engineName: "inpaint",
    formula: observed(letter("m"), times, clean),
    words: "The mask <i>m</i> is 0 where you painted, and 1 elsewhere.",
    operator: (settings, size, mask) => ({ name: "inpaint", mask: mask.known(size) }),
  },
  half: {
    title: "Half hidden", engineName: "crop",
    formula: observed(A, clean),
    words: "<i>A</i> keeps one half of the picture.",
    operator: (settings, size) => ({ name: "crop", ...half(settings, size) }),
  },
  border: {
    title: "Only the centre", engineName: "crop",
    formula: observed(A, clean),
    words: "<i>A</i> keeps the centre of the picture. The rest is painted around it (outpainting).",
    operator: (settings, size) => ({ name: "crop", ...centre(settings, size) }),
  },
  pixels: {
    title: "Low resolution", engineName: "downsample",
    formula: observed(fraction("<mn>1</mn>", `<msup>${letter("f")}<mn>2</mn></msup>`), `<munder>${sign("∑")}${row(letter("f"), sign("×"), letter("f"))}</munder>`, clean),
    words: "Each large pixel is the mean of <i>f</i> × <i>f</i> small ones.",
    operator: ({ factor }) => ({ name: "downsample", factor }),
  },
  blur: {
    title: "Blurred", engineName: "blur",
    formula: observed(letter("k"), star, clean),
    words: "<i>k</i> is a Gaussian kernel.",
    operator: ({ sigma }) => ({ name: "blur", sigma }),
  },
  motion: {
    title: "Motion blur", engineName: "motion-blur",
    formula: observed(letter("k"), star, clean),
    words: "<i>k</i> is a line, as if the camera had moved.",
    operator: ({ length, angle }) => ({ name: "motion-blur", length, angle }),
  },
  grey: {
    title: "Colours", engineName: "grey", needsColour: true,
    formula: observed(fraction("<mn>1</mn>", "<mn>3</mn>"), `<munder>${sign("∑")}${letter("c")}</munder>`, index(x, "c")),
    words: "Only the mean of the colour channels <i>c</i> is observed.",
    operator: () => ({ name: "grey" }),
  },
  colours: {
    title: "Few levels", engineName: "quantise", isNonlinear: true,
    formula: observed(letter("Q"), paired(clean)),
    words: "<i>Q</i> rounds each value to one of a few levels. It is not linear, so only DPS applies.",
    operator: ({ levels }) => ({ name: "quantise", levels }),
  },
};

/**
 * Which pixels of a picture are seen unchanged, `[height, width]`, or null if none is as it was.
 * @param {object} operator  of the package
 */
export function seenBy(operator, [height, width]) {
  if (operator.name === "inpaint") return operator.mask;
  if (operator.name !== "crop") return null;
  const { top, left, height: rows, width: columns } = operator;
  return Uint8Array.from({ length: height * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return Number(row >= top && row < top + rows && column >= left && column < left + columns);
  });
}
