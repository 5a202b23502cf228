/** The recorded frames of one sampling, thinned so that long runs and large images fit a fixed budget. */

/** Bytes of pixels that one trajectory may hold, both views together. */
const BUDGET = 128 * 2 ** 20;
/** More frames than this cannot be told apart on the slider. */
const MAX_FRAMES = 250;

export class Trajectory {
  /**
   * @param {{ steps: number, batch: number }} sampling  what `pipeline.sample` returned, its facts known
   * @param {[number, number]} size  height and width of a sample
   * @param {Uint8ClampedArray} noise  the pixels it starts from
   */
  constructor({ steps, batch }, [height, width], noise) {
    Object.assign(this, { steps, width, height });
    const bytesPerFrame = 2 * 4 * batch * width * height; // noisy and clean, RGBA
    const affordable = Math.min(MAX_FRAMES, Math.max(2, Math.floor(BUDGET / bytesPerFrame)));
    /** Every `stride`-th step is kept, and the last. */
    this.stride = Math.ceil(steps / affordable);
    /** Each `{ step, timestep, noisy, clean }`: x_t after `step` steps, and what the network made of it. */
    this.frames = [{ step: 0, timestep: null, noisy: noise, clean: null }];
  }

  /** Whether x_t is kept after so many steps. */
  keeps(step) {
    return step % this.stride === 0 || step === this.steps;
  }

  get last() {
    return this.frames.at(-1);
  }

  /**
   * Runs a sampling to its end and records it. A step that starts from a kept x_t also tells its timestep and
   * the prediction of x_0; the last frame has none of its own and shows the latest.
   * @param sampling  what `pipeline.sample` returned
   * @param {(progress: { step: number, steps: number, timestep: number }) => void | Promise<void>} onStep  called and awaited after each step
   */
  async record(sampling, onStep) {
    for await (const progress of sampling) {
      const { step, steps, timestep } = progress;
      this.steps = steps; // the adaptive solver only estimates them
      const source = this.last;
      if (source.step === step - 1) Object.assign(source, { timestep, clean: await sampling.images("clean") });
      if (this.keeps(step)) {
        const noisy = await sampling.images("noisy");
        this.frames.push({ step, timestep: null, noisy, clean: this.latestClean() });
      }
      await onStep(progress);
    }
    if (this.last.step < this.steps) {
      const noisy = await sampling.images("noisy");
      this.frames.push({ step: this.steps, timestep: null, noisy, clean: this.latestClean() });
    }
  }

  latestClean() {
    return this.frames.findLast((frame) => frame.clean !== null)?.clean ?? null;
  }

  /** Pixels of a frame in the chosen view; before the first step there is no prediction yet, only x_t. */
  pixels(index, view) {
    const frame = this.frames[index];
    return frame[view] ?? frame.noisy;
  }

  /**
   * The timestep at every step from 0 to `steps`, or null before the first is known. Between those that were told,
   * and down to the clean end at −1, they are taken to be evenly spaced: only the picture of the ribbon rests on it.
   */
  timesteps() {
    const told = this.frames.filter((frame) => frame.timestep !== null);
    if (told.length === 0) return null;
    const knots = [...told, { step: this.steps, timestep: -1 }];
    return Array.from({ length: this.steps + 1 }, (_, step) => {
      const next = Math.max(1, knots.findIndex((knot) => knot.step >= step));
      const [from, to] = [knots[next - 1], knots[next]];
      return from.timestep + ((to.timestep - from.timestep) * (step - from.step)) / (to.step - from.step);
    });
  }
}
