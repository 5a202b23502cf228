/** What can be done with the pictures that a run has drawn: ask how likely they are, go between two of them, start from one. */

import { Between } from "./between.js";
import { Likelihood } from "./likelihood.js";
import { StartPicture } from "./start-picture.js";

export class ResultTools {
  #lab;
  #progress;
  #likelihood;
  #between;
  /** The picture that a run starts from. */
  startPicture;

  /**
   * @param {import("../shell/lab.js").Lab} lab
   * @param {import("../shell/progress.js").Progress} progress
   */
  constructor(lab, progress) {
    this.#lab = lab;
    this.#progress = progress;
    this.#likelihood = new Likelihood(lab.section);
    this.#between = new Between(lab.section);
    this.startPicture = new StartPicture(lab.section);
  }

  /** Takes what was drawn, or null: then there is nothing to be done with what was drawn before. */
  offer(drawn, settings) {
    this.#likelihood.offer(drawn);
    this.#between.offer(drawn, settings);
    if (drawn !== null) this.startPicture.offer(drawn);
  }

  /** Takes the choice of a picture into `settings`, if that is what was edited; results of other settings go. */
  read(settings, edited) {
    this.#likelihood.read(edited);
    this.#between.read(settings, edited);
  }

  /** Says what the settings mean. */
  describe(settings) {
    this.#likelihood.describe(settings);
    this.#between.describe(settings);
  }

  /** Asks the model how likely it finds what it drew. */
  async computeLikelihood(settings, signal) {
    this.#progress.begin("Asking the model…");
    await this.#likelihood.run(settings, signal, this.#stepper(signal));
    this.#progress.finished();
  }

  /** Computes the pictures between two. */
  async goBetween(settings, slerp, signal) {
    const onPhase = (sentence) => {
      this.#progress.begin(sentence);
      return this.#stepper(signal);
    };
    await this.#between.run(settings, { slerp, signal, onPhase });
    this.#progress.finished();
  }

  /** What is called and awaited after each step. */
  #stepper(signal) {
    const showStep = this.#progress.stepper();
    return async (progress) => {
      showStep(progress);
      this.#progress.discount(await this.#lab.turn(signal));
    };
  }
}
