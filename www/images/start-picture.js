/** Image to image: the picture that a run starts from, one of those that were drawn or a file. */

import { sizeOf } from "../shell/models.js";
import { PlacedError } from "../shell/problems.js";
import { Picker } from "./picker.js";
import { batchOf, imageOf, pixelsAt, pixelsOf, valuesOf } from "./picture.js";

/** Pixels of the longer edge, as it is shown. */
const SHOWN_EDGE = 224;

export class StartPicture {
  #canvas;
  #name;
  #picker;
  /** The pictures that can be chosen, as `{ pixels, width, height }`, or null. */
  #drawn = null;
  /** What can be drawn, of any size, or null. */
  #image = null;
  /** Counts the pictures that were taken, so that one can be told from the next. */
  revision = 0;

  constructor(root) {
    const part = (id) => root.querySelector(`#${id}`);
    this.#canvas = part("start-canvas");
    this.#name = part("start-name");
    this.#picker = new Picker(part("start-picker"), "startPicture");
    part("start-picker").addEventListener("input", () => this.#takeDrawn(this.#picker.chosen));
  }

  get isThere() {
    return this.#image !== null;
  }

  /** Offers the pictures of the last run; the one that was taken before stays. */
  offer(drawn) {
    this.#drawn = drawn;
    this.#picker.offer(drawn, null);
  }

  /** Takes the first of those that were drawn, where none has been taken. */
  suggest() {
    if (this.#image !== null || this.#drawn === null) return;
    this.#picker.offer(this.#drawn, 1);
    this.#takeDrawn(1);
  }

  /**
   * Takes a file.
   * @throws {PlacedError} beside the picture, where it cannot be read as one
   */
  async take(file) {
    try {
      this.#image = await createImageBitmap(file);
    } catch (error) {
      throw new PlacedError("startPicture", new Error(`The file ${file.name} cannot be read as a picture.`, { cause: error }));
    }
    if (this.#drawn !== null) this.#picker.offer(this.#drawn, null);
    this.#show(file.name);
  }

  /** The option `start` of `pipeline.sample`: the picture once for each sample. */
  async optionFor(pipeline, { count, strength }) {
    if (this.#image === null) throw new PlacedError("startPicture", new Error("Choose a picture; a link cannot carry it."));
    try {
      const values = valuesOf(await pixelsOf(this.#image, sizeOf(pipeline)), pipeline.channels);
      return { images: batchOf(Array.from({ length: count }, () => values)), strength };
    } catch (error) {
      throw new PlacedError("startPicture", error);
    }
  }

  #takeDrawn(number) {
    const { width, height } = this.#drawn;
    this.#image = imageOf(pixelsAt(this.#drawn, number - 1), width, height);
    this.#show(`Picture ${number} of the last run`);
  }

  #show(name) {
    this.revision++;
    const { width, height } = this.#image;
    const scale = SHOWN_EDGE / Math.max(width, height);
    Object.assign(this.#canvas, { width: Math.round(scale * width), height: Math.round(scale * height), hidden: false });
    const context = this.#canvas.getContext("2d");
    // Few pixels stay sharp squares.
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(this.#image, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.setAttribute("aria-label", `The picture it starts from: ${name}.`);
    this.#name.textContent = name;
  }
}
