/** What the lab is about: the data, and the models of it. */

import { PlacedError } from "../shell/problems.js";
import { Curves } from "./curves.js";
import { OWN } from "./settings.js";

/** Of the points, for measuring what they have not been trained on. */
const HELD_OUT = 0.2;

export class Dataset {
  #tweedie;
  #key = null;
  #taking = Promise.resolve();
  /** Curves by schedule. */
  #curves = new Map();
  /** Ideal models of the data by schedule and by what they know. */
  #ideals = new Map();
  /** Points that were drawn by hand, and the text of a CSV; `revision` tells one from the next. */
  #own = { drawn: { points: null, revision: 0 }, csv: { text: null, revision: 0 } };

  /** All of the points, those to train on, and those held out; null before `take`. */
  whole = null;
  data = null;
  heldOut = null;

  /** @param tweedie  the package */
  constructor(tweedie) {
    this.#tweedie = tweedie;
  }

  /** Names the data and the schedule: a network belongs to both. */
  keyOf(settings) {
    const { data, points, dataSeed, schedule } = settings;
    return `${OWN.includes(data) ? `${data} ${this.#own[data].revision}` : `${data} ${points} ${dataSeed}`} ${schedule}`;
  }

  /** Whether a key is that of a drawing or CSV that has been changed since, so that it will not come back. */
  isSuperseded(key) {
    const [data, revision] = key.split(" ");
    return OWN.includes(data) && Number(revision) !== this.#own[data].revision;
  }

  /** Takes points that were drawn, `[count, 2]`. */
  offerDrawn(points) {
    this.#own.drawn = { points, revision: this.#own.drawn.revision + 1 };
  }

  /** Takes the text of a CSV. */
  offerCsv(text) {
    this.#own.csv = { text, revision: this.#own.csv.revision + 1 };
  }

  /** What was drawn or pasted, as `restoreOwn` takes it. */
  get own() {
    return { drawn: this.#own.drawn, csv: this.#own.csv };
  }

  restoreOwn(own) {
    this.#own = own;
  }

  /**
   * Makes the data that the settings name those of the lab.
   * @returns {Promise<boolean>}  whether they are other ones
   * @throws {PlacedError} beside "data", "points" or "csv"; the data before stay
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

  /** Whether there is no drawing at all. */
  get isUndrawn() {
    const { points } = this.#own.drawn;
    return points === null || points.length === 0;
  }

  #drawn() {
    const { points } = this.#own.drawn;
    if (this.isUndrawn) throw new Error("Nothing is drawn yet: paint on the picture; a link cannot carry a drawing.");
    if (points.length === 2) throw new Error("A single point has no spread: paint some more.");
    return points;
  }

  /** Lets go of everything that was lost with the worker. */
  forget() {
    this.#key = null;
    this.#ideals.clear();
    this.#curves.clear();
  }

  #csv() {
    const { text } = this.#own.csv;
    if (text === null || text.trim() === "") throw new Error("Nothing is pasted yet: two numbers to a line; a link cannot carry them.");
    return text;
  }

  /** Whether the distribution of the data is known, and not only points of it. */
  get hasDistribution() {
    return this.data !== null && this.data.mixture !== null;
  }

  /** The ideal model of the data. */
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
