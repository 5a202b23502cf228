/** Step 1: the data, with points on their way from noise to it; or what is drawn by hand. */

import { axesLayer, dataLayer, samplesLayer } from "./layers.js";
import { Recording } from "./recording.js";
import { levelOf } from "./timeline.js";

const FLOW = { sampler: "ddim", steps: 40 };
/** As many as the ideal denoiser moves while one looks on. */
const COUNT = 1200;
/** It is seen twice, and then stands until someone plays it again. */
const PLAYBACK = { duration: 4000, hold: 1400, rounds: 2 }; // milliseconds

export class DataView {
  #workspace;

  constructor(workspace) {
    this.#workspace = workspace;
  }

  async show(signal) {
    const { settings, dataset, stage, timeline, brush } = this.#workspace;
    if (settings.data === "drawn") return brush.show();
    const recording = new Recording();
    const model = this.#workspace.hasNetwork ? "the trained network" : "the ideal denoiser";
    const { count, points } = dataset.whole;
    const pane = { title: "", still: [axesLayer, dataLayer(points)], moving: [samplesLayer(() => recording.at(timeline.progress))] };
    stage.show([pane], `${this.#workspace.titleOf(settings.data)}: ${count} points, and ${COUNT} more on their way from noise to them by ${model}.`);
    this.#workspace.setLegend(["data", "the points"], ["accent", `noise on its way by ${model}`]);
    timeline.follow(courseToData(await dataset.curves(settings.schedule)), this.#workspace.isCalm ? 0 : 1);
    timeline.playback = PLAYBACK;
    if (!this.#workspace.isCalm) timeline.play(PLAYBACK);
    await this.#workspace.withModel("network", async (model) => {
      const sampling = model.sample({ ...FLOW, count: COUNT, seed: settings.seed, signal });
      try {
        await recording.record(sampling, () => stage.redraw());
      } finally {
        sampling.free();
      }
    });
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
