/** Sources of a comparison: the current checkpoint, or the point models of this tab. */

import { Dataset } from "../points/dataset.js";
import { showDevice } from "../shell/device-badge.js";
import { sizeOf } from "../shell/models.js";
import { PlacedError } from "../shell/problems.js";
import { Pictures } from "./pictures.js";
import { Scatter } from "./scatter.js";
import { NO_CLASS } from "./settings.js";

/**
 * @typedef {object} Compared
 * @property {unknown} identity  changes when the results become invalid
 * @property {object} model  has `sample` and the properties of a pipeline that samplers depend on
 * @property {(settings: object) => object} optionsOf  options of every run
 * @property {(settings: object) => Pictures | Scatter} lookOf  draws the samples of a cell
 * @property {string} words  description
 */

/** The checkpoint that this lab shares with the images lab. */
export class PictureSource {
  #models;

  /** @param {import("../shell/models.js").Models} models */
  constructor(models) {
    this.#models = models;
  }

  /** Copies the model that was chosen in other labs to `settings`. Returns its identity, or null. */
  follow(settings) {
    Object.assign(settings, this.#models.chosen);
    return this.#models.chosen === null ? null : this.#models.pipeline;
  }

  /**
   * Runs a task with the model of `settings`, after `follow`.
   * @param {object} settings
   * @param {{ signal: AbortSignal, progress: import("../shell/progress.js").Progress }} control
   * @param {(compared: Compared) => Promise<void>} task
   */
  async use(settings, control, task) {
    const { pipeline } = await this.#models.obtain(settings, control);
    await task({
      identity: pipeline,
      model: pipeline,
      optionsOf: (settings) => pictureOptions(settings, pipeline),
      lookOf: ({ count }) => new Pictures(Number(count), sizeOf(pipeline)),
      words: `The checkpoint “${settings.model}”.`,
    });
  }

  /** Drops everything that was lost with the worker. */
  lose() {
    this.#models.forget();
  }
}

/** Options of every run with images. */
export function pictureOptions({ seed, count, class: chosen }, model) {
  const options = { seed, batch: Number(count) };
  if (model.classCount > 0) options.classLabels = chosen === NO_CLASS ? model.nullClassLabel : Number(chosen);
  return options;
}

/** A point model: the network trained in this tab, or the ideal denoiser. */
export class PointSource {
  #tweedie;
  #models;
  #kind;
  /** Titles of the data sets, by name. */
  #titles = new Map([["drawn", "the drawing"], ["csv", "the CSV"]]);
  /** A separate data set, because the points lab may switch to other data while a comparison waits. */
  #dataset;

  /**
   * @param tweedie  the package
   * @param {import("../points/models.js").PointModels} models
   * @param {"network" | "ideal"} kind
   */
  constructor(tweedie, models, kind) {
    this.#tweedie = tweedie;
    this.#models = models;
    this.#kind = kind;
    this.#dataset = new Dataset(tweedie);
  }

  /** See `PictureSource`. */
  follow(settings) {
    Object.assign(settings, this.#models.chosen);
    this.#dataset.restoreOwn(this.#models.dataset.own);
    const key = this.#dataset.keyOf(settings);
    return this.#kind === "ideal" ? `${key} ${settings.ideal}` : this.#runOf(key)?.model ?? null;
  }

  /** See `PictureSource`. @throws {PlacedError} at "source" if the data or the network do not exist */
  async use(settings, { progress }, task) {
    progress.begin("Preparing the points…");
    // The points lab reports what cannot be restored.
    await this.#models.restore().catch(() => {});
    const identity = this.follow(settings);
    await this.#take(settings);
    const { alphasCumprod } = await this.#dataset.curves(settings.schedule);
    const { points } = this.#dataset.data;
    await this.#withModel(settings, async (model, device, words) => {
      showDevice(await this.#tweedie.openDevice(device));
      await task({
        identity,
        model: { sample: (options) => model.sample(options), alphasCumprod, classCount: 0 },
        optionsOf: pointOptions,
        lookOf: () => new Scatter(points),
        words: `${words}, ${settings.schedule} schedule.`,
      });
    });
  }

  /** See `PictureSource`. */
  lose() {
    this.#dataset.forget();
    this.#models.lose();
  }

  #runOf(key) {
    return this.#models.training?.runOf(key) ?? null;
  }

  async #take(settings) {
    try {
      for (const { name, title } of await this.#tweedie.datasets()) this.#titles.set(name, title);
      await this.#dataset.take(settings);
    } catch (error) {
      throw new PlacedError("source", error);
    }
  }

  /** Runs a task with the model, the kind of its device and a description. The model is not freed during the task. */
  async #withModel(settings, task) {
    const dataset = this.#dataset;
    const title = this.#titles.get(settings.data);
    const points = `${dataset.data.count} points of ${title}`;
    if (this.#kind === "ideal") {
      const known = dataset.hasDistribution && settings.ideal === "distribution" ? `the distribution of ${title}` : points;
      return task(await dataset.ideal(settings), "cpu", `The ideal denoiser of ${known}`);
    }
    const run = this.#runOf(dataset.keyOf(settings));
    if (!run?.hasModel) throw new PlacedError("source", new Error(`This tab has no network trained on ${title} with the ${settings.schedule} schedule. Train one in Diffusion in 2-D`));
    return run.use((model) => task(model, run.device, `A network ${run.state === "loaded" ? "from a file" : `after ${run.step} training steps`}, trained on ${points}`));
  }
}

/** Options of every run with points. */
export const pointOptions = ({ seed, cloud }) => ({ seed, count: Number(cloud) });
