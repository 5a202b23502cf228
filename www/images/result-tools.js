/** Tools for the images of a finished run: likelihood, interpolation, image to image. */

import { Interpolation } from "./interpolation.js";
import { LatentWalk } from "./latent-walk.js";
import { Likelihood } from "./likelihood.js";
import { StartPicture } from "./start-picture.js";

export class ResultTools {
  #lab;
  #progress;
  #likelihood;
  #interpolation;
  #walk;
  /** The start image of a run. */
  startPicture;

  /**
   * @param {import("../shell/lab.js").Lab} lab
   * @param {import("../shell/progress.js").Progress} progress
   */
  constructor(lab, progress) {
    this.#lab = lab;
    this.#progress = progress;
    this.#likelihood = new Likelihood(lab.section);
    this.#interpolation = new Interpolation(lab.section);
    this.#walk = new LatentWalk(lab.section);
    this.startPicture = new StartPicture(lab.section);
  }

  /** Sets the images that the tools use; null disables the tools. */
  offer(drawn, settings) {
    this.#likelihood.offer(drawn);
    this.#interpolation.offer(drawn, settings);
    this.#walk.offer(drawn);
    if (drawn !== null) this.startPicture.offer(drawn);
  }

  /** Reads the image pickers into `settings` if they were edited, and clears results of other settings. */
  read(settings, edited) {
    this.#likelihood.read(edited);
    this.#interpolation.read(settings, edited);
  }

  /** Shows the hints and formulas of the settings. */
  describe(settings) {
    this.#likelihood.describe(settings);
    this.#interpolation.describe(settings);
  }

  /** Computes the likelihood of the first image. */
  async computeLikelihood(settings, signal) {
    this.#progress.begin("Computing the likelihood…");
    await this.#likelihood.run(settings, signal, this.#stepper(signal));
    this.#progress.finished();
  }

  /** Interpolates between two images. */
  async interpolate(settings, slerp, signal) {
    const onPhase = (sentence) => {
      this.#progress.begin(sentence);
      return this.#stepper(signal);
    };
    await this.#interpolation.run(settings, { slerp, signal, onPhase });
    this.#progress.finished();
  }

  /** Computes the frames of a walk through the latents. */
  async walk(slerp, signal) {
    this.#progress.begin("Encoding the images…");
    const onStep = async (done, whole) => {
      this.#progress.show(done, whole, `Computing the walk · ${Math.floor((100 * done) / whole)} %`);
      await this.#lab.turn(signal);
    };
    await this.#walk.run({ slerp, signal, onStep });
    this.#progress.end("The walk is computed. Drag the slider below it.");
  }

  /** The callback that is awaited after each step. */
  #stepper(signal) {
    const showStep = this.#progress.stepper();
    return async (progress) => {
      showStep(progress);
      this.#progress.discount(await this.#lab.turn(signal));
    };
  }
}
