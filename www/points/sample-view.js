/** Step 4: several samplers side by side, from the same noise. */

import { losesModel } from "../shell/models.js";
import { asSentence } from "../shell/problems.js";
import { courseToData, UNFINISHED } from "./data-view.js";
import { pointRows } from "../share/csv.js";
import { axesLayer, dataLayer, samplesLayer, trailsLayer } from "./layers.js";
import { distanceToNearest } from "./nearest.js";
import { Recording } from "./recording.js";
import { samplingOptions } from "./settings.js";

const PLAYBACK = { duration: 3000 }; // milliseconds
/** Number of trajectories over all panes; stochastic ones overlap sooner. */
const TRAILS = { none: 72, "each-step": 18 };

export class SampleView {
  #workspace;
  /** `{ sampler, recording, refusal }` of each pane. */
  #runs = [];

  constructor(workspace) {
    this.#workspace = workspace;
  }

  async show(signal) {
    const { settings, dataset, timeline, stage, samplers } = this.#workspace;
    const chosen = samplers.filter(({ name }) => settings.samplers.includes(name));
    const ordered = ["none", "each-step"].flatMap((noise) => chosen.filter((sampler) => sampler.noise === noise));
    this.#runs = ordered.map((sampler) => ({ sampler, recording: new Recording(), refusal: null }));
    this.#workspace.setLegend(["data", "training points"], ["accent", `samples of ${this.#workspace.nameOfModel(settings.model)}`]);
    timeline.follow(courseToData(await dataset.curves(settings.schedule)), this.#workspace.isCalm ? 0 : 1);
    timeline.playback = PLAYBACK;
    this.#show();
    // The probe starts at the noise level of the samples.
    this.#workspace.probe.follow(this.#runs.map(() => settings.model), { time: () => this.#workspace.curves.last, progress: () => timeline.progress });
    for (const run of this.#runs) await this.#record(run, signal);
    if (!this.#workspace.isCalm && timeline.progress === 0) timeline.play(PLAYBACK);
    stage.redraw();
  }

  /** Records one sampler; all start from the noise of the seed. */
  async #record(run, signal) {
    try {
      await this.#workspace.withModel(this.#workspace.settings.model, async (model) => {
        const sampling = model.sample({ ...samplingOptions(run.sampler, this.#workspace.settings, this.#workspace.curves), signal });
        try {
          await run.recording.record(sampling, () => this.#workspace.stage.redraw());
        } finally {
          sampling.free();
        }
      });
    } catch (error) {
      if (signal.aborted || losesModel(error)) throw error;
      run.refusal = asSentence(error.message);
      run.recording = new Recording();
    }
    this.#show();
  }

  /** The frames of an animation: from noise to the samples. */
  get film() {
    const isOver = ({ recording, refusal }) => refusal !== null || recording.isComplete;
    if (this.#runs.length === 0 || !this.#runs.every(isOver)) return UNFINISHED;
    return { draw: (share, paint) => this.#workspace.timeline.as(share, paint) };
  }

  /** The samples. */
  get tables() {
    const runs = this.#runs.filter(({ recording }) => recording.isComplete);
    if (runs.length === 0) return UNFINISHED;
    function* rows() {
      for (const { sampler, recording } of runs) yield* pointRows(recording.end, sampler.name);
    }
    return [{ title: "samples", name: "samples", columns: ["sampler", "x", "y"], rows }];
  }

  #show() {
    const { settings, dataset, timeline, stage, probe } = this.#workspace;
    const panes = this.#runs.map(({ sampler, recording, refusal }, index) => {
      const progress = () => timeline.progress;
      const count = Math.max(6, Math.floor(TRAILS[sampler.noise] / this.#runs.length));
      const trails = settings.trails === "on" ? [trailsLayer(recording, progress, count)] : [];
      const moving = [...trails, samplesLayer(() => recording.at(progress())), probe.layer(index)];
      const still = [axesLayer, dataLayer(dataset.data.points)];
      return { title: sampler.title, fact: this.#factOf(recording), note: refusal ?? undefined, still, moving: refusal === null ? moving : [] };
    });
    stage.show(panes, this.#describe());
  }

  #factOf({ isComplete, frames, end }) {
    if (!isComplete) return "";
    const far = distanceToNearest(end, this.#workspace.dataset.data.points);
    return `${frames.at(-1).step} evaluations · nearest ${far.toFixed(3)}`;
  }

  #describe() {
    const { settings } = this.#workspace;
    const parts = this.#runs.map(({ sampler, recording, refusal }) => `${sampler.title}: ${refusal ?? (this.#factOf(recording) || "in progress")}`);
    return `${settings.count} samples of ${this.#workspace.nameOfModel(settings.model)}. ${parts.map(asSentence).join(" ")}`;
  }
}
