/** Runs the sampler and shows each step. */

import { sizeOf } from "../shell/models.js";
import { EACH_CLASS, NO_CLASS } from "./settings.js";
import { Trajectory } from "./trajectory.js";

/** Interval between updates of the grid with reduced motion. */
const CALM_INTERVAL = 1000; // milliseconds

/**
 * Runs a sampling to its end. If it is cancelled or fails, the recorded steps remain visible.
 * @param {object} sampling  the result of `pipeline.sample`
 * @param {object} pipeline
 * @param {object} shown
 * @param {string} shown.description  description for screen readers
 * @param {() => void} shown.onShown  called when the stage shows the new run
 * @param {object} shown.stage
 * @param {object} shown.progress
 * @param {object} shown.lab
 * @param {AbortSignal} shown.signal
 * @returns {Promise<{ pixels: Uint8ClampedArray, width: number, height: number, count: number, steps: number, milliseconds: number } | null>}
 *   the images, steps and run time, or null if it was cancelled
 */
export async function draw(sampling, pipeline, { stage, progress, lab, signal, description, onShown }) {
  const noise = await sampling.images();
  const trajectory = new Trajectory(sampling, sizeOf(pipeline), noise);
  stage.follow(trajectory, pipeline.alphasCumprod, description);
  onShown();
  let took;
  try {
    await trajectory.record(sampling, shownBy(stage, { progress, lab, signal }));
    took = progress.finished();
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end(`Cancelled after step ${trajectory.last.step} of ${trajectory.steps}.`);
  } finally {
    stage.settle();
  }
  const { width, height } = trajectory;
  return signal.aborted ? null : { pixels: trajectory.last.noisy, width, height, count: sampling.batch, ...took };
}

/** The callback that is awaited after each step. */
function shownBy(stage, { progress, lab, signal }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const showStep = progress.stepper();
  let shownAt = -Infinity;
  return async (step) => {
    showStep(step);
    if (!calm || performance.now() - shownAt >= CALM_INTERVAL) {
      shownAt = performance.now();
      stage.showLatest();
    }
    progress.discount(await lab.turn(signal));
  };
}

/** Describes the samples for screen readers. */
export function describe({ count, class: chosen, start, strength }, { labels, classCount }) {
  const samples = count === 1 ? "1 sample" : `${count} samples`;
  const from = start === "picture" ? `, from an image with strength ${strength}` : "";
  if (classCount === 0 || chosen === NO_CLASS) return samples + from;
  return (chosen === EACH_CLASS ? `${samples}, each class in turn` : `${samples} of class ${labels?.[chosen] ?? chosen}`) + from;
}
