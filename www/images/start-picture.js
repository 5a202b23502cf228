/** Image to image: the start image of a run, from the last run, a file or a drawing. */

import { sizeOf } from "../shell/models.js";
import { PlacedError } from "../shell/problems.js";
import { DrawingPad } from "./drawing-pad.js";
import { Picker } from "./picker.js";
import { batchOf, imageOf, pixelsAt, pixelsOf, valuesOf } from "./picture.js";

/** Length of the longer edge of the preview, in pixels. */
const SHOWN_EDGE = 224;

export class StartPicture {
  #canvas;
  #name;
  #picker;
  /** The colour of the pen. */
  #ink;
  /** The images to choose from, as `{ pixels, width, height }`, or null. */
  #drawn = null;
  /** The start image, as anything that a canvas can draw, or null. */
  #image = null;
  /** Increases with every new start image, to tell them apart. */
  revision = 0;

  constructor(root) {
    const part = (id) => root.querySelector(`#${id}`);
    this.#canvas = part("start-canvas");
    this.#name = part("start-name");
    this.#picker = new Picker(part("start-picker"), "startPicture");
    this.#ink = part("start-ink");
    part("start-picker").addEventListener("input", () => this.#takeDrawn(this.#picker.chosen));
    part("start-blank").addEventListener("click", () => this.#takeBlank());
    new DrawingPad(this.#canvas, { cursor: part("start-cursor"), ink: () => (this.#isGrey ? "white" : this.#ink.value), onDrawn: () => this.#takePad() });
  }

  get isThere() {
    return this.#image !== null;
  }

  /** Offers the images of the last run, and keeps the current start image. */
  offer(drawn) {
    this.#drawn = drawn;
    this.#ink.hidden = this.#isGrey;
    this.#picker.offer(drawn, null);
  }

  /** Selects the first generated image, if there is no start image yet. */
  suggest() {
    if (this.#image !== null || this.#drawn === null) return;
    this.#picker.offer(this.#drawn, 1);
    this.#takeDrawn(1);
  }

  /**
   * Uses an image file.
   * @throws {PlacedError} at "startPicture", if the file is not a readable image
   */
  async take(file) {
    try {
      this.#image = await createImageBitmap(file);
    } catch (error) {
      throw new PlacedError("startPicture", new Error(`The file ${file.name} is not a readable image.`, { cause: error }));
    }
    this.#unpick();
    this.#show(file.name);
  }

  /** The option `start` of `pipeline.sample`: one copy of the image per sample. */
  async optionFor(pipeline, { count, strength }) {
    if (this.#image === null) throw new PlacedError("startPicture", new Error("Choose an image. A link cannot contain one."));
    try {
      const values = valuesOf(await pixelsOf(this.#image, sizeOf(pipeline)), pipeline.channels);
      return { images: batchOf(Array.from({ length: count }, () => values)), strength };
    } catch (error) {
      throw new PlacedError("startPicture", error);
    }
  }

  /** The shipped digits are white on black. */
  get #isGrey() {
    return this.#drawn?.pipeline.channels === 1;
  }

  /** Uses an empty image to draw on. */
  #takeBlank() {
    const [width, height] = this.#drawn === null ? [1, 1] : [this.#drawn.width, this.#drawn.height];
    const blank = new OffscreenCanvas(width, height);
    const context = blank.getContext("2d");
    context.fillStyle = this.#isGrey ? "black" : "white";
    context.fillRect(0, 0, width, height);
    this.#image = blank;
    this.#unpick();
    this.#show("Empty: draw on it");
    this.#edited();
  }

  /** Uses what is on the canvas. */
  #takePad() {
    const { width, height } = this.#canvas;
    const drawing = new OffscreenCanvas(width, height);
    drawing.getContext("2d").drawImage(this.#canvas, 0, 0);
    this.#image = drawing;
    this.#unpick();
    this.#show("Your drawing");
    this.#edited();
  }

  /** No image of the last run is the start image any more. */
  #unpick() {
    if (this.#drawn !== null) this.#picker.offer(this.#drawn, null);
  }

  /** Tells the lab, as a control of its form. */
  #edited() {
    this.#ink.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #takeDrawn(number) {
    const { width, height } = this.#drawn;
    this.#image = imageOf(pixelsAt(this.#drawn, number - 1), width, height);
    this.#show(`Image ${number} of the last run`);
  }

  #show(name) {
    this.revision++;
    const { width, height } = this.#image;
    const scale = SHOWN_EDGE / Math.max(width, height);
    Object.assign(this.#canvas, { width: Math.round(scale * width), height: Math.round(scale * height), hidden: false });
    const context = this.#canvas.getContext("2d");
    // Enlarged pixels stay sharp.
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(this.#image, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.setAttribute("aria-label", `Start image: ${name}. A pad to draw on.`);
    this.#name.textContent = name;
  }
}
