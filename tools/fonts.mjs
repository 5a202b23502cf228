// Builds the math fonts: the characters of STIX Two that the page uses, with the MATH table for MathML layout.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import subsetFont from "subset-font";
import { ROOT } from "./root.mjs";

const SOURCES = join(ROOT, "node_modules/@fontsource");

/** A range of characters. */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index)).join("");

const ASCII = range(0x20, 0x7e);
const GREEK = range(0x391, 0x3c9);
/** The italic letters that MathML uses for variables. */
const SLANTED = `${range(0x1d434, 0x1d467)}ℎ${range(0x1d6e2, 0x1d71b)}`;
const OPERATORS = "ϵϑϕ∂∇∑∏∫√∞≈≠≤≥∈∼∝→←↦⇒⋅·×−±∓∥‖|′″⟨⟩⌊⌋⌈⌉…ˆ¯˜\u0302\u0303\u0304∗★²³ℝ𝔼𝒩𝟙\u2061\u2062";

const FONTS = [
  { file: "math.woff2", source: "stix-two-math/files/stix-two-math-latin-400-normal.woff2", characters: ASCII + GREEK + SLANTED + OPERATORS },
  { file: "italic.woff2", source: "stix-two-text/files/stix-two-text-latin-400-italic.woff2", characters: ASCII },
  { file: "italic-greek.woff2", source: "stix-two-text/files/stix-two-text-greek-400-italic.woff2", characters: GREEK },
];

export async function writeFonts(folder) {
  await mkdir(folder, { recursive: true });
  for (const { file, source, characters } of FONTS) {
    const whole = await readFile(join(SOURCES, source));
    await writeFile(join(folder, file), await subsetFont(whole, characters, { targetFormat: "woff2" }));
  }
  await cp(join(SOURCES, "stix-two-math/LICENSE"), join(folder, "LICENSE"));
}
