/** What can be compared: the checkpoint of the labs of pictures, and the models of points in this tab. */

import { Dataset } from "../points/dataset.js";
import { showDevice } from "../shell/device-badge.js";
import { sizeOf } from "../shell/models.js";
import { PlacedError } from "../shell/problems.js";
import { Pictures } from "./pictures.js";
import { Scatter } from "./scatter.js";
import { NO_CLASS } from "./settings.js";

/**
 * @typedef {object} Compared
 * @property {unknown} identity  another one means other results
 * @property {object} model  what samples, with those facts of a pipeline that samplers depend on
 * @property {(settings: object) => object} optionsOf  what every sampling is told
 * @property {(settings: object) => Pictures | Scatter} lookOf  how cells show samples
 * @property {string} words  what it is
 */

/** The checkpoint that the labs of pictures share. */
export class PictureSource {
  #models;

  /** @param {import("../shell/models.js").Models} models */
  constructor(models) {
    this.#models = models;
  }

  /** Makes the settings those of the labs that choose the model; returns the identity of what there is, or null. */
  follow(settings) {
    Object.assign(settings, this.#models.chosen);
    return this.#models.chosen === null ? null : this.#models.pipeline;
  }

  /**
   * Runs a task with it, as `follow` left the settings.
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

  /** Lets go of what was lost with the worker. */
  lose() {
    this.#models.forget();
  }
}

/** What all samplings of pictures are told. */
export function pictureOptions({ seed, count, class: chosen }, model) {
  const options = { seed, batch: Number(count) };
  if (model.classCount > 0) options.classLabels = chosen === NO_CLASS ? model.nullClassLabel : Number(chosen);
  return options;
}

/** A model of points: the network that was trained in this tab, or the ideal denoiser. */
export class PointSource {
  #tweedie;
  #models;
  #kind;
  /** What data sets are called, by name. */
  #titles = new Map([["drawn", "the drawing"], ["csv", "the CSV"]]);
  /** Of its own, since the lab of points may go on to other data while a comparison waits. */
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

  /** As that of pictures. */
  follow(settings) {
    Object.assign(settings, this.#models.chosen);
    this.#dataset.restoreOwn(this.#models.dataset.own);
    const key = this.#dataset.keyOf(settings);
    return this.#kind === "ideal" ? `${key} ${settings.ideal}` : this.#runOf(key)?.model ?? null;
  }

  /** As that of pictures. @throws {PlacedError} beside "source" where there are no such data, or no network of them */
  async use(settings, { progress }, task) {
    progress.begin("Preparing the points…");
    // What cannot be restored is said in the lab that it belongs to.
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

  /** As that of pictures. */
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

  /** Runs a task with the model, which is not freed meanwhile, the kind of its device, and what it is. */
  async #withModel(settings, task) {
    const dataset = this.#dataset;
    const title = this.#titles.get(settings.data);
    const points = `${dataset.data.count} points of ${title}`;
    if (this.#kind === "ideal") {
      const known = dataset.hasDistribution && settings.ideal === "distribution" ? `the distribution of ${title}` : points;
      return task(await dataset.ideal(settings), "cpu", `The ideal denoiser of ${known}`);
    }
    const run = this.#runOf(dataset.keyOf(settings));
    if (!run?.hasModel) throw new PlacedError("source", new Error(`No network is trained on ${title} with the ${settings.schedule} schedule in this tab yet: train one under Diffusion in 2-D`));
    return run.use((model) => task(model, run.device, `A network ${run.state === "loaded" ? "from a file" : `after ${run.step} steps`}, of ${points}`));
  }
}

/** What all samplings of points are told. */
export const pointOptions = ({ seed, cloud }) => ({ seed, count: Number(cloud) });
