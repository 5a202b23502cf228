/** The selected data set and its ideal models. */

import { PlacedError } from "../shell/problems.js";
import { Curves } from "./curves.js";
import { OWN } from "./settings.js";

/** Fraction of the points that is held out for evaluation. */
const HELD_OUT = 0.2;

export class Dataset {
  #tweedie;
  #key = null;
  #taking = Promise.resolve();
  /** Curves by schedule. */
  #curves = new Map();
  /** Ideal models by schedule and kind. */
  #ideals = new Map();
  /** Drawn points and the text of a CSV; `revision` increases with each change. */
  #own = { drawn: { points: null, text: null, revision: 0 }, csv: { text: null, revision: 0 } };

  /** All points, the training points and the held-out points; null before `take`. */
  whole = null;
  data = null;
  heldOut = null;

  /** @param tweedie  the package */
  constructor(tweedie) {
    this.#tweedie = tweedie;
  }

  /** A key for data and schedule, to which a network belongs. */
  keyOf(settings) {
    const { data, points, dataSeed, schedule } = settings;
    return `${OWN.includes(data) ? `${data} ${this.#own[data].revision}` : `${data} ${points} ${dataSeed}`} ${schedule}`;
  }

  /** Whether a key belongs to an older version of the drawing or CSV. */
  isSuperseded(key) {
    const [data, revision] = key.split(" ");
    return OWN.includes(data) && Number(revision) !== this.#own[data].revision;
  }

  /**
   * Sets the drawn points, `[count, 2]`.
   * @param {{ strokes: string, word: string } | null} [text]  the drawing that has these points
   */
  offerDrawn(points, text = null) {
    this.#own.drawn = { points, text, revision: this.#own.drawn.revision + 1 };
  }

  /** Sets the text of the CSV. */
  offerCsv(text) {
    this.#own.csv = { text, revision: this.#own.csv.revision + 1 };
  }

  /** The drawing and the CSV, for `restoreOwn`. */
  get own() {
    return { drawn: this.#own.drawn, csv: this.#own.csv };
  }

  restoreOwn(own) {
    this.#own = own;
  }

  /**
   * Loads the data of the settings.
   * @returns {Promise<boolean>}  whether the data have changed
   * @throws {PlacedError} at "data", "points" or "csv"; the previous data are kept
   */
  take(settings) {
    const taken = this.#taking.then(() => this.#take(settings));
    this.#taking = taken.catch(() => {});
    return taken;
  }

  async #take(settings) {
    const key = this.keyOf({ ...settings, schedule: "" });
    if (key === this.#key) return false;
    const whole = await this.#load(settings);
    const [data, heldOut] = await whole.split({ fraction: HELD_OUT });
    for (const model of this.#ideals.values()) (await model.catch(() => null))?.free();
    this.#ideals.clear();
    Object.assign(this, { whole, data, heldOut });
    this.#key = key;
    return true;
  }

  async #load({ data, points: count, dataSeed: seed }) {
    const { PointData } = this.#tweedie;
    const place = data === "csv" ? "csv" : "data";
    try {
      if (data === "drawn") return await PointData.from(this.#drawn());
      if (data === "csv") return await PointData.fromCsv(this.#csv());
      return await PointData.named(data, { count, seed });
    } catch (error) {
      throw new PlacedError(place, error);
    }
  }

  /** Whether the drawing is empty. */
  get isUndrawn() {
    const { points } = this.#own.drawn;
    return points === null || points.length === 0;
  }

  #drawn() {
    const { points } = this.#own.drawn;
    if (this.isUndrawn) throw new Error("The drawing is empty. Draw in the plot, or type a word.");
    if (points.length === 2) throw new Error("A single point has no variance. Paint more points.");
    return points;
  }

  /** Drops everything that was lost with the worker. */
  forget() {
    this.#key = null;
    this.#ideals.clear();
    this.#curves.clear();
  }

  #csv() {
    const { text } = this.#own.csv;
    if (text === null || text.trim() === "") throw new Error("Paste points, two numbers per line. (A link does not contain them.)");
    return text;
  }

  /** Whether the distribution of the data is known. */
  get hasDistribution() {
    return this.data !== null && this.data.mixture !== null;
  }

  /** The ideal denoiser of the data. */
  ideal({ schedule, ideal }) {
    const of = this.hasDistribution ? ideal : "points";
    const key = `${schedule} ${of}`;
    if (!this.#ideals.has(key)) {
      const model = this.#tweedie.PointModel.ideal(this.data, { schedule, of });
      this.#ideals.set(key, model);
      model.catch(() => this.#ideals.delete(key));
    }
    return this.#ideals.get(key);
  }

  /** @returns {Promise<Curves>} */
  curves(schedule) {
    if (!this.#curves.has(schedule)) {
      const curves = this.#tweedie.scheduleCurves(schedule).then((curves) => new Curves(curves));
      this.#curves.set(schedule, curves);
      curves.catch(() => this.#curves.delete(schedule));
    }
    return this.#curves.get(schedule);
  }
}
