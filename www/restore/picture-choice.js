/** The controls that choose the picture. */

import { html } from "../shell/element.js";
import { Camera } from "./camera.js";
import { drawSharp } from "./pixels.js";
import { Picture } from "./picture.js";

const THUMBNAIL = 112; // pixels
const TESTS = {
  mnist: "From the test set of MNIST, which the model was not trained on.",
  tiles: "From the tiles that the model was trained on.",
};
const NAMES = {
  sample: "The model draws the picture itself.",
  file: "A picture of your own, cropped and scaled to the model’s size. It does not leave this browser.",
  camera: "A frame of your camera, cropped and scaled to the model’s size. It does not leave this browser.",
};

export class PictureChoice {
  #part;
  #easel;
  #problems;
  #onTaken;
  #camera;
  #tests = "";
  picture = new Picture();

  /**
   * @param {HTMLElement} root
   * @param {string} prefix
   * @param {{ easel: import("./easel.js").Easel, problems: object, onTaken: (kind: "file" | "camera") => void }} lab
   */
  constructor(root, prefix, { easel, problems, onTaken }) {
    this.#part = (id) => root.querySelector(`#${prefix}${id}`);
    this.#easel = easel;
    this.#problems = problems;
    this.#onTaken = onTaken;
    this.#camera = new Camera((frame) => easel.showFrame(frame));
    this.#part("choose").addEventListener("click", () => this.#part("file").click());
    this.#part("file").addEventListener("change", ({ target }) => target.files.length > 0 && this.#take(target.files[0]));
    this.#part("snap").addEventListener("click", () => this.#snap());
    this.#acceptDrops(this.#part("stage"));
  }

  /** Whether the picture is not in a link. */
  isOwn = ({ view, picture }) => view === "restore" && ["file", "camera"].includes(picture);

  /** Whether the picture of the settings has yet to be taken. */
  isMissing = (settings) => this.isOwn(settings) && !this.picture.isThere;

  /** Opens the dialog or the camera of a source that was chosen. */
  ask({ picture }) {
    if (picture !== "camera") this.closeCamera();
    if (picture === "file" && !this.picture.isThere) this.#part("file").click();
    if (picture === "camera" && !this.#camera.isOpen && !this.picture.isThere) this.#snap();
  }

  closeCamera() {
    this.#camera.close();
    this.#part("snap").textContent = "Open the camera";
  }

  /** Offers the test pictures of a model; a model without any is given a sample. */
  async suit(pipeline, settings) {
    const count = Picture.testsOf(settings.model);
    if (settings.picture === "test" && count === 0) settings.picture = "sample";
    if (settings.test >= count) settings.test = 0;
    if (this.#tests === settings.model) return;
    this.#tests = settings.model;
    const pictures = await this.picture.tests(settings.model);
    this.#part("tests").replaceChildren(...pictures.map((image, index) => {
      const radio = html("input", { type: "radio", name: "test", value: index, form: "restore-settings", "aria-label": `Test picture ${index + 1}` });
      const canvas = html("canvas", { width: THUMBNAIL, height: THUMBNAIL, "aria-hidden": "true" });
      drawSharp(canvas.getContext("2d"), image, { width: THUMBNAIL, height: THUMBNAIL });
      return html("label", {}, radio, canvas);
    }));
  }

  arrange({ picture, test, model }) {
    const hasTests = Picture.testsOf(model) > 0;
    this.#part("tests").hidden = !hasTests;
    this.#part("settings").querySelector('input[name="picture"][value="test"]').closest("label").hidden = !hasTests;
    for (const input of this.#part("tests").querySelectorAll("input")) input.checked = picture === "test" && Number(input.value) === test;
    this.#part("picture-name").textContent = picture === "test" ? (TESTS[model] ?? "") : NAMES[picture];
  }

  async #take(file) {
    try {
      await this.picture.take(file);
      this.#onTaken("file");
    } catch (error) {
      this.#problems.showError(error);
    }
  }

  /** Opens the camera, or takes its frame. */
  async #snap() {
    if (this.#camera.isOpen) {
      this.picture.takeFrame(this.#camera.take(), "a frame of the camera");
      this.closeCamera();
      return this.#onTaken("camera");
    }
    this.#problems.clear("picture");
    try {
      await this.#camera.open();
      this.#part("snap").textContent = "Take the picture";
    } catch (error) {
      this.#problems.show("picture", error.message);
    }
  }

  #acceptDrops(stage) {
    stage.addEventListener("dragover", (event) => event.preventDefault());
    stage.addEventListener("drop", (event) => {
      const [file] = event.dataTransfer.files;
      if (file?.type.startsWith("image/") !== true) return;
      event.preventDefault();
      this.#take(file);
    });
  }
}
