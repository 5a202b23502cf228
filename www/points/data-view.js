/** Step 1: the data, with points that move from noise to it; or the drawing. */

import { axesLayer, dataLayer, samplesLayer } from "./layers.js";
import { Recording } from "./recording.js";
import { levelOf } from "./timeline.js";

const FLOW = { sampler: "ddim", steps: 40 };
/** Number of moving points; more would be too slow with the ideal denoiser. */
const COUNT = 1200;
/** The animation runs twice and then stops. */
const PLAYBACK = { duration: 4000, hold: 1400, rounds: 2 }; // milliseconds

/** Says why a run cannot be saved as an animation yet. */
export const UNFINISHED = "Available when the run has ended.";

export class DataView {
  #workspace;
  #recording = new Recording();

  constructor(workspace) {
    this.#workspace = workspace;
  }

  async show(signal) {
    const { settings, dataset, stage, timeline, brush } = this.#workspace;
    if (settings.data === "drawn") return brush.show();
    const recording = (this.#recording = new Recording());
    const model = this.#workspace.hasNetwork ? "the trained network" : "the ideal denoiser";
    const { count, points } = dataset.whole;
    const pane = { title: "", still: [axesLayer, dataLayer(points)], moving: [samplesLayer(() => recording.at(timeline.progress))] };
    stage.show([pane], `${this.#workspace.titleOf(settings.data)}: ${count} points, and ${COUNT} samples that ${model} moves from noise to the data.`);
    this.#workspace.setLegend(["data", "data"], ["accent", `samples of ${model}, from noise to data`]);
    timeline.follow(courseToData(await dataset.curves(settings.schedule)), this.#workspace.isCalm ? 0 : 1);
    timeline.playback = PLAYBACK;
    if (!this.#workspace.isCalm) timeline.play(PLAYBACK);
    await this.#record(recording, signal, () => stage.redraw());
  }

  async #record(recording, signal, onFrame) {
    await this.#workspace.withModel("network", async (model) => {
      const sampling = model.sample({ ...FLOW, count: COUNT, seed: this.#workspace.settings.seed, signal });
      try {
        await recording.record(sampling, onFrame);
      } finally {
        sampling.free();
      }
    });
  }

  /** The frames of an animation: from noise to the points. */
  get film() {
    const { settings, dataset, stage, timeline } = this.#workspace;
    if (settings.data !== "drawn") return this.#recording.isComplete ? { draw: (share, paint) => timeline.as(share, paint) } : UNFINISHED;
    if (dataset.isUndrawn) return "Available when something is drawn.";
    const compute = async (signal) => {
      const recording = new Recording();
      await this.#record(recording, signal, () => {});
      const pane = (share) => ({ title: "", still: [axesLayer, dataLayer(dataset.whole.points)], moving: [samplesLayer(() => recording.at(share))] });
      return { draw: (share, paint) => stage.as([pane(share)], paint) };
    };
    return { compute };
  }
}

/** The course of a timeline that plays from noise to data. */
export function courseToData(curves) {
  const levelAt = (position) => curves.levelAt(curves.last * position);
  return {
    direction: "to-data",
    signal: (position) => (position === 0 ? 1 : levelAt(position).alpha ** 2),
    level: (position) => levelOf(position === 0 ? { time: null, alpha: 1, sigma: 0 } : levelAt(position)),
  };
}
