/** The row of numbers under the plot: statistics of the samples next to the exact values. */

/** Interval between updates, so that the numbers can be read. */
const EVERY = 120; // milliseconds
/** Interval between announcements for screen readers. */
const ANNOUNCE_EVERY = 5000; // milliseconds

export class Numbers {
  #part;
  #shownAt = -Infinity;
  #announcedAt = -Infinity;

  /** @param {(id: string) => HTMLElement} part  returns an element by the end of its id */
  constructor(part) {
    this.#part = part;
  }

  /** Clears the numbers; the note gives the reason. */
  clear(note = "") {
    for (const name of ["test", "mean", "variance", "speed"]) this.#write(name, "–", "");
    this.#write("samples", "–", note);
    this.#part("acceptance").hidden = true;
    this.#part("test").classList.remove("refuted");
    this.showBasis({ known: 0, testing: null }, 0);
  }

  /** Shows the exact values, before any samples. */
  showExact({ isDiscrete, mean, variance }) {
    this.#part("test").classList.remove("refuted");
    this.#part("test-name").textContent = isDiscrete ? "χ² test" : "Kolmogorov–Smirnov";
    this.#part("test-name").dataset.gloss = isDiscrete ? "chi-squared" : "kolmogorov-smirnov";
    this.#write("test", "–", "needs 2 samples");
    this.#write("mean", "–", mean === null ? "exact: undefined" : `exact ${short(mean)}`);
    this.#write("variance", "–", variance === null ? "exact: undefined" : `exact ${short(variance)}`);
    this.#shownAt = -Infinity;
  }

  /**
   * Shows the progress of a run, and its acceptance rate if it has an envelope.
   * @param {import("./run.js").Run} run
   * @param {number} steps  completed steps
   * @param {object | null} envelope  the envelope from the package
   * @param {"moving" | "resting"} state  "resting" updates immediately
   */
  showProgress(run, steps, envelope, state) {
    if (state === "moving" && performance.now() - this.#shownAt < EVERY) return;
    this.#shownAt = performance.now();
    const isDrawn = run.available === run.length;
    this.#write("samples", grouped(run.samplesAfter(steps)), `of ${grouped(run.count)}${isDrawn ? "" : ", in progress"}`);
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
    this.#write("test", name, `p-value ${probability(pValue)}${freedom}: ${interpretation(pValue)}`);
    this.#part("test").classList.toggle("refuted", pValue < 0.001);
    this.#part("mean-value").textContent = short(mean);
    this.#part("variance-value").textContent = short(variance);
  }

  /**
   * Shows how many samples the test, the mean and the variance are based on, and dims them while they are outdated.
   * @param {{ known: number, testing: number | null }} tested  state of the sample tester
   * @param {number} shown  number of samples in the plot
   */
  showBasis({ known, testing }, shown) {
    const isOld = known > 0 && known < shown;
    for (const name of ["test", "mean", "variance"]) this.#part(`${name}-value`).parentElement.classList.toggle("old", isOld);
    const basis = known === 0 ? "" : `Test, mean and variance use ${isOld ? `the first ${grouped(known)} samples` : `all ${grouped(known)} samples shown`}.`;
    const next = testing !== null && testing > known ? `Updating for ${grouped(testing)}…` : "";
    const sentence = [basis, next].filter(Boolean).join(" ");
    if (this.#part("basis").textContent !== sentence) this.#part("basis").textContent = sentence;
  }

  showSpeed(perSecond) {
    this.#write("speed", perSecond >= 1e6 ? `${short(perSecond / 1e6)} million` : grouped(Math.round(perSecond)), "samples per second");
  }

  /** Announces a sentence to screen readers, at intervals during a run and at its end. */
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

/** Interpretation of a p-value. */
const interpretation = (pValue) => (pValue < 0.001 ? "not from p" : pValue < 0.05 ? "doubtful" : "consistent");
