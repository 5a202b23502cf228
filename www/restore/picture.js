/** The picture that is restored: a test picture that ships with the page, a sample of the model, a file, or a frame of the camera. */

import { pixelsOf, valuesOf } from "../images/picture.js";
import { classesOf, sizeOf } from "../shell/models.js";
import { PlacedError } from "../shell/problems.js";

/** Test pictures of the shipped models: one row of squares in a file. None of the digits was trained on. */
export const TESTS = {
  mnist: { file: "restore/digits.png", side: 28, count: 10, names: (index) => `the digit ${index}` },
  tiles: { file: "restore/tiles.png", side: 16, count: 8, names: (index) => `tile ${index + 1}` },
};
/** Steps of a sample. */
const STEPS = 20;

export class Picture {
  /** Test sheets by model. */
  #sheets = new Map();
  /** The last sample, with its key. */
  #sample = { key: "" };
  /** The file or the frame, as anything that a canvas can draw, or null. */
  #image = null;
  #name = "";
  /** Increases with every file and frame, to tell them apart. */
  revision = 0;

  /** The number of test pictures of a model; 0 if it has none. */
  static testsOf(model) {
    return TESTS[model]?.count ?? 0;
  }

  /** The test pictures of a model, each as a bitmap. */
  async tests(model) {
    const tests = TESTS[model];
    if (tests === undefined) return [];
    if (!this.#sheets.has(model)) this.#sheets.set(model, sheetOf(tests));
    return this.#sheets.get(model);
  }

  /** Whether there is a file or a frame. */
  get isThere() {
    return this.#image !== null;
  }

  /**
   * Takes a file.
   * @throws {PlacedError} at "picture", if it is not a readable image
   */
  async take(file) {
    try {
      this.takeFrame(await createImageBitmap(file), file.name);
    } catch (error) {
      throw new PlacedError("picture", new Error(`The file ${file.name} is not a readable image.`, { cause: error }));
    }
  }

  takeFrame(image, name) {
    this.#image = image;
    this.#name = name;
    this.revision++;
  }

  /** Whether the image is mostly bright, unlike the digits of the shipped model. */
  async isBright(pipeline) {
    const values = valuesOf(await pixelsOf(this.#image, sizeOf(pipeline)), 1);
    return values.reduce((sum, value) => sum + value, 0) > 0;
  }

  /**
   * The picture of the settings as values of the model.
   * @param {object} settings
   * @param {object} pipeline
   * @param {(sampling: object) => Promise<void>} follow  runs a sample to its end
   * @returns {Promise<{ values: Float32Array, name: string }>}  [channels, height, width] in [−1, 1]
   * @throws {PlacedError} at "picture"
   */
  async valuesFor(settings, pipeline, follow) {
    const { values, name } = settings.picture === "sample" ? await this.#sampled(settings, pipeline, follow) : await this.#drawn(settings, pipeline);
    return { name, values: settings.invert === "on" ? values.map((value) => -value) : values };
  }

  async #drawn({ picture, model, test }, pipeline) {
    try {
      const image = picture === "test" ? (await this.tests(model))[test] : this.#image;
      if (image == null) throw new Error(picture === "test" ? `There is no test picture ${test}.` : "Choose a picture. A link cannot contain one.");
      const pixels = await pixelsOf(image, sizeOf(pipeline));
      return { values: valuesOf(pixels, pipeline.channels), name: picture === "test" ? TESTS[model].names(test) : this.#name };
    } catch (error) {
      throw new PlacedError("picture", error);
    }
  }

  async #sampled({ pictureSeed: seed, model }, pipeline, follow) {
    const options = sampleOptions(seed, pipeline);
    const label = options.classLabels;
    const name = `a sample${label === undefined ? "" : ` of ${pipeline.labels?.[label] ?? `class ${label}`}`}`;
    const key = `${model} ${seed}`;
    if (this.#sample.key !== key) {
      const sampling = pipeline.sample(options);
      try {
        await follow(sampling);
        this.#sample = { key, values: await sampling.noisy(), name };
      } finally {
        sampling.free();
      }
    }
    return this.#sample;
  }
}

/** The options of `pipeline.sample` that draw the sample of a seed. */
export function sampleOptions(seed, pipeline) {
  const labels = classesOf(pipeline);
  return { sampler: "ddim", steps: STEPS, clipSample: true, seed, ...(labels.length > 0 && { classLabels: labels[seed % labels.length] }) };
}

async function sheetOf({ file, side, count }) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`The test pictures cannot be loaded (HTTP ${response.status}).`);
  const sheet = await createImageBitmap(await response.blob());
  return Promise.all(Array.from({ length: count }, (_, index) => createImageBitmap(sheet, index * side, 0, side, side)));
}
