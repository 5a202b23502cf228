/** The recorded positions of one run of a sampler, thinned so that long runs stay small. */

/** More frames than this cannot be told apart in a replay of some seconds. */
const MAX_FRAMES = 100;

export class Recording {
  /** Each `{ step, time, points }`: x_t after so many evaluations, and the timestep that it was evaluated at; null at the clean end. */
  frames = [];
  steps = 1;
  isComplete = false;
  #between = new Float32Array(0);

  /**
   * Runs a sampling to its end and records it.
   * @param sampling  what `model.sample` returned
   * @param {() => void} onFrame  called after each frame that is kept
   */
  async record(sampling, onFrame) {
    this.frames = [{ step: 0, time: null, points: await sampling.noisy() }];
    this.steps = Math.max(1, sampling.steps);
    onFrame();
    for await (const { step, steps, timestep } of sampling) {
      this.steps = steps;
      this.#last.time ??= timestep;
      const isLast = step === steps;
      if (!isLast && step % Math.ceil(steps / MAX_FRAMES) !== 0) continue;
      const points = await sampling.noisy();
      // Solvers of higher order ask several times before they move.
      if (!isLast && isSame(points, this.#last.points)) continue;
      this.frames.push({ step, time: null, points });
      onFrame();
    }
    this.isComplete = true;
  }

  get #last() {
    return this.frames.at(-1);
  }

  /** Between which frames a part of the whole run from 0 to 1 lies, and how far; before it is complete, at most at the latest frame. */
  #placeOf(progress) {
    const step = progress * this.#extent;
    let next = this.frames.findIndex((frame) => frame.step >= step);
    if (next < 0) next = this.frames.length - 1;
    const before = Math.max(0, next - 1);
    const span = this.frames[next].step - this.frames[before].step;
    const share = span > 0 ? Math.min(1, (step - this.frames[before].step) / span) : 1;
    return { before, next, share };
  }

  /** An adaptive run may have fewer steps in the end than it was taken for. */
  get #extent() {
    return this.isComplete ? this.#last.step : this.steps;
  }

  /** The points at a part of the run from 0 to 1, valid until the next call. */
  at(progress) {
    if (this.frames.length === 0) return this.#between;
    const { before, next, share } = this.#placeOf(progress);
    const [from, to] = [this.frames[before].points, this.frames[next].points];
    if (share === 1) return to;
    if (this.#between.length !== to.length) this.#between = new Float32Array(to.length);
    for (let index = 0; index < to.length; index++) this.#between[index] = from[index] + (to[index] - from[index]) * share;
    return this.#between;
  }

  /** Where the run ends, or has come to. */
  get end() {
    return this.#last?.points ?? this.#between;
  }
}

/** Runs a sampling to its end. @returns {Promise<Float32Array>}  the points there */
export async function endOf(sampling) {
  const turns = sampling[Symbol.asyncIterator]();
  while (!(await turns.next()).done);
  return sampling.noisy();
}

function isSame(one, other) {
  return one.every((value, index) => value === other[index]);
}
