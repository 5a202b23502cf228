/** The row of numbers under the picture: what the samples say, beside what is known exactly. */

/** Numbers change this often, so that they can be read. */
const EVERY = 120; // milliseconds
/** A screen reader hears of them this often. */
const ANNOUNCE_EVERY = 5000; // milliseconds

export class Numbers {
  #part;
  #shownAt = -Infinity;
  #announcedAt = -Infinity;

  /** @param {(id: string) => HTMLElement} part  of the page, by the end of its id */
  constructor(part) {
    this.#part = part;
  }

  /** There are no samples, for the reason that the note says. */
  clear(note = "") {
    for (const name of ["test", "mean", "variance", "speed"]) this.#write(name, "–", "");
    this.#write("samples", "–", note);
    this.#part("acceptance").hidden = true;
    this.#part("test").classList.remove("refuted");
    this.showBasis({ known: 0, testing: null }, 0);
  }

  /** Shows what is known before any sample: the exact values. */
  showExact({ isDiscrete, mean, variance }) {
    this.#part("test").classList.remove("refuted");
    this.#part("test-name").textContent = isDiscrete ? "χ² test" : "Kolmogorov–Smirnov";
    this.#part("test-name").dataset.gloss = isDiscrete ? "chi-squared" : "kolmogorov-smirnov";
    this.#write("test", "–", "from 2 samples on");
    this.#write("mean", "–", mean === null ? "exact: there is none" : `exact ${short(mean)}`);
    this.#write("variance", "–", variance === null ? "exact: there is none" : `exact ${short(variance)}`);
    this.#shownAt = -Infinity;
  }

  /**
   * Shows how far a run is, and its acceptance rate if it has an envelope.
   * @param {import("./run.js").Run} run
   * @param {number} steps  that are done
   * @param {object | null} envelope  the package's
   * @param {"moving" | "resting"} state  at rest, what is shown is up to date
   */
  showProgress(run, steps, envelope, state) {
    if (state === "moving" && performance.now() - this.#shownAt < EVERY) return;
    this.#shownAt = performance.now();
    const isDrawn = run.available === run.length;
    this.#write("samples", grouped(run.samplesAfter(steps)), `of ${grouped(run.count)}${isDrawn ? "" : ", being drawn"}`);
    this.#part("acceptance").hidden = envelope === null;
    if (envelope === null) return;
    const { accepted, proposed } = run.acceptance(steps);
    const exact = `${envelope.breaks.length === 0 ? "1/c = " : ""}${percent(envelope.acceptanceRate)}`;
    this.#write("acceptance", proposed === 0 ? "–" : percent(accepted / proposed), `exact ${exact}`);
  }

  /** Shows a test's result. */
  showTest({ test, statistic, pValue, degreesOfFreedom, mean, variance }) {
    const name = test === "chi-squared" ? `χ² = ${short(statistic)}` : `D = ${short(statistic)}`;
    const freedom = degreesOfFreedom === null ? "" : `, ${degreesOfFreedom} d.f.`;
    this.#write("test", name, `p-value ${probability(pValue)}${freedom}: ${verdict(pValue)}`);
    this.#part("test").classList.toggle("refuted", pValue < 0.001);
    this.#part("mean-value").textContent = short(mean);
    this.#part("variance-value").textContent = short(variance);
  }

  /**
   * Says of how many samples the test, the mean and the variance are, and pales them while others are shown.
   * @param {{ known: number, testing: number | null }} tested  as the sample tester tells it
   * @param {number} shown  samples in the picture
   */
  showBasis({ known, testing }, shown) {
    const isOld = known > 0 && known < shown;
    for (const name of ["test", "mean", "variance"]) this.#part(`${name}-value`).parentElement.classList.toggle("old", isOld);
    const basis = known === 0 ? "" : `Test, mean and variance are of ${isOld ? `the first ${grouped(known)} samples` : `all ${grouped(known)} samples shown`}.`;
    const next = testing !== null && testing > known ? `Computing them for ${grouped(testing)}…` : "";
    const sentence = [basis, next].filter(Boolean).join(" ");
    if (this.#part("basis").textContent !== sentence) this.#part("basis").textContent = sentence;
  }

  showSpeed(perSecond) {
    this.#write("speed", perSecond >= 1e6 ? `${short(perSecond / 1e6)} million` : grouped(Math.round(perSecond)), "samples per second");
  }

  /** Says a sentence to screen readers: now and then while samples come, and when they rest. */
  announce(sentence, state) {
    if (state === "moving" && performance.now() - this.#announcedAt < ANNOUNCE_EVERY) return;
    this.#announcedAt = performance.now();
    this.#part("announcement").textContent = sentence;
  }

  #write(name, value, note) {
    this.#part(`${name}-value`).textContent = value;
    this.#part(`${name}-note`).textContent = note;
  }
}

/** Three significant digits: "0.0123", "−1.50", "12,300". */
export function short(value) {
  const size = Math.abs(value);
  if (size < 1e-12) return "0";
  if (size < 1e-4 || size >= 1e7) return signed(value.toExponential(1));
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return signed(value.toLocaleString("en", { minimumFractionDigits: Math.min(digits, 6), maximumFractionDigits: Math.min(digits, 6) }));
}

const signed = (text) => text.replace("-", "−").replace("e+", "e").replace("e-", "e−");

export const grouped = (count) => count.toLocaleString("en");

export const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;

/** "0.43", "0.0021", "below 0.001". */
export const probability = (pValue) => (pValue < 0.001 ? "below 0.001" : pValue.toFixed(pValue < 0.01 ? 4 : 2));

/** What a p-value says. */
const verdict = (pValue) => (pValue < 0.001 ? "not from p" : pValue < 0.05 ? "doubtful" : "compatible");
