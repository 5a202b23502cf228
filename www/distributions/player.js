/** Shows a run in time: plays, pauses, goes on by one step, begins again. */

import { Tempo } from "./tempo.js";

/** A single step, asked for, takes so many seconds. */
const STEP = 1.3;
/** After a longer break between two frames, time stood still. */
const MAX_FRAME = 0.1; // seconds

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  #picture;
  #isShown;
  #onChange;
  #tempo = new Tempo();
  #run = null;
  #done = 0;
  /** The step at which it pauses by itself, if it was asked for one. */
  #goal = null;
  #playing = false;
  #frame = null;
  #lastFrame = null;

  /**
   * @param {import("./picture.js").Picture} picture
   * @param {{ isShown: () => boolean, onChange: () => void }} lab  `onChange` is called after whatever is shown has changed
   */
  constructor(picture, { isShown, onChange }) {
    this.#picture = picture;
    this.#isShown = isShown;
    this.#onChange = onChange;
  }

  get playing() {
    return this.#playing;
  }

  /** @type {"moving" | "resting"} */
  get state() {
    return this.#playing ? "moving" : "resting";
  }

  get ended() {
    return this.#run !== null && this.#done >= this.#run.length;
  }

  /** Whole steps that are done. */
  get steps() {
    return Math.floor(this.#done);
  }

  set speed(speed) {
    this.#tempo.speed = speed;
  }

  /**
   * Takes a new run, and plays it unless less motion is preferred.
   * @param {import("./run.js").Run} run
   * @param {"slowly" | "onward"} beginning  slowly from the start, or at the pace that was reached
   */
  show(run, beginning) {
    this.#run = run;
    this.#done = 0;
    this.#goal = null;
    if (beginning === "slowly") this.#tempo.reset();
    else this.#tempo.carry(run.length);
    this.#picture.showRun(run);
    if (calm.matches) this.#stand();
    else this.play();
  }

  /** All samples of the run are there. */
  completed() {
    if (calm.matches && !this.#playing && this.#goal === null) this.#stand();
  }

  /** The picture shows no run any more. */
  clear() {
    this.#run = null;
    this.#done = 0;
    this.#goal = null;
    this.#playing = false;
  }

  play() {
    if (this.#run === null) return;
    if (this.ended) this.#rewind();
    this.#goal = null;
    this.#playing = true;
    this.resume();
    this.#onChange();
  }

  pause() {
    this.#playing = false;
    this.#goal = null;
    this.#onChange();
  }

  /** Shows the next sample or proposal, and pauses. */
  step() {
    if (this.#run === null) return;
    if (this.ended) this.#rewind();
    this.#playing = false;
    this.#goal = Math.floor(this.#done) + 1;
    if (calm.matches) this.#advanceTo(this.#goal, STEP);
    this.resume();
    this.#onChange();
  }

  restart() {
    if (this.#run === null) return;
    this.#rewind();
    this.play();
  }

  /** Goes on after the lab was out of sight. */
  resume() {
    this.#lastFrame = null;
    this.#frame ??= requestAnimationFrame((now) => this.#tick(now));
  }

  #rewind() {
    this.#done = 0;
    this.#tempo.reset();
    this.#picture.showRun(this.#run);
  }

  #stand() {
    this.#done = this.#run.available;
    this.#playing = false;
    this.#picture.stand(this.#done);
    this.#onChange();
  }

  #tick(now) {
    this.#frame = null;
    if (this.#run === null || !this.#isShown() || (!this.#playing && this.#goal === null)) return;
    const seconds = Math.min(MAX_FRAME, (now - (this.#lastFrame ?? now)) / 1000);
    this.#lastFrame = now;
    if (this.#goal === null) this.#advanceTo(Math.min(this.#tempo.after(this.#done, seconds, this.#run.length), this.#run.available), seconds);
    else this.#advanceTo(Math.min(this.#done + seconds / STEP, this.#goal), seconds);
    if (this.#done === this.#goal) this.#goal = null;
    if (this.ended) this.#playing = false;
    this.#frame ??= requestAnimationFrame((next) => this.#tick(next));
    this.#onChange();
  }

  #advanceTo(done, seconds) {
    this.#done = done;
    this.#picture.advance(done, seconds, this.#goal !== null || this.#tempo.isFollowed);
  }
}
