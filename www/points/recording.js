/** Recorded positions of one sampling run, subsampled to limit the size of long runs. */

/** A replay of some seconds cannot resolve more frames than this. */
const MAX_FRAMES = 100;

export class Recording {
  /** Each `{ step, time, points }`: x_t after `step` evaluations and its timestep, or null at the clean end. */
  frames = [];
  steps = 1;
  isComplete = false;
  #between = new Float32Array(0);

  /**
   * Runs a sampling to its end and records it.
   * @param sampling  the result of `model.sample`
   * @param {() => void} onFrame  called after each recorded frame
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
      // Higher-order solvers need several evaluations per step.
      if (!isLast && isSame(points, this.#last.points)) continue;
      this.frames.push({ step, time: null, points });
      onFrame();
    }
    this.isComplete = true;
  }

  get #last() {
    return this.frames.at(-1);
  }

  /** The frames before and after a fraction of the run, and the position between them; before the run is complete, at most the latest frame. */
  #placeOf(progress) {
    const step = progress * this.#extent;
    let next = this.frames.findIndex((frame) => frame.step >= step);
    if (next < 0) next = this.frames.length - 1;
    const before = Math.max(0, next - 1);
    const span = this.frames[next].step - this.frames[before].step;
    const share = span > 0 ? Math.min(1, (step - this.frames[before].step) / span) : 1;
    return { before, next, share };
  }

  /** An adaptive run may need fewer steps than estimated. */
  get #extent() {
    return this.isComplete ? this.#last.step : this.steps;
  }

  /** The points at a fraction of the run, valid until the next call. */
  at(progress) {
    if (this.frames.length === 0) return this.#between;
    const { before, next, share } = this.#placeOf(progress);
    const [from, to] = [this.frames[before].points, this.frames[next].points];
    if (share === 1) return to;
    if (this.#between.length !== to.length) this.#between = new Float32Array(to.length);
    for (let index = 0; index < to.length; index++) this.#between[index] = from[index] + (to[index] - from[index]) * share;
    return this.#between;
  }

  /** The latest points. */
  get end() {
    return this.#last?.points ?? this.#between;
  }
}

/** Runs a sampling to its end. @returns {Promise<Float32Array>}  the final points */
export async function endOf(sampling) {
  const turns = sampling[Symbol.asyncIterator]();
  while (!(await turns.next()).done);
  return sampling.noisy();
}

function isSame(one, other) {
  return one.every((value, index) => value === other[index]);
}
