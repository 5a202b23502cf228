/** The status and the buttons of training, and the download of the weights. */

import { duration, timeLeft } from "../shell/progress.js";
import { saveFile } from "../shell/save.js";
import { trainerOptions } from "./settings.js";

/** Time over which the speed is averaged. */
const WINDOW = 2000; // milliseconds
const FIGURES_EVERY = 100; // milliseconds
const TIMES = { uniform: "uniform t", "low-variance": "low-variance t", "log-snr": "log-SNR" };
const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
const ACTIVATIONS = { silu: "SiLU", mish: "Mish", gelu: "GELU", relu: "ReLU", tanh: "tanh" };
/** Labels of the training options. */
const CONTROLS = {
  timeSampling: "timestep sampling", learningRate: "learning rate", steps: "training steps", ema: "EMA decay", octaves: "Fourier features of x and y",
  frequencies: "Fourier features of time", weighting: "loss weighting", decay: "learning-rate schedule", prediction: "prediction target", batch: "batch size",
};
/** Number of steps over which the displayed loss is averaged. */
const LATEST = 100;

export class TrainPanel {
  #workspace;
  #progress;
  /** Each `{ at, step }`, of the last `WINDOW` milliseconds. */
  #marks = [];
  #shownAt = 0;

  /** @param {import("../shell/progress.js").Progress} progress */
  constructor(workspace, progress) {
    this.#workspace = workspace;
    this.#progress = progress;
  }

  /** Updates the buttons. */
  showState() {
    const { part, run, settings, training } = this.#workspace;
    const { isRunning } = training;
    const start = part("start");
    const words = this.#workspace.isDrawing ? "Train and watch" : training.canResume(run, settings) ? "Resume" : run?.hasModel ? "Train again" : "Train";
    start.textContent = isRunning ? "Pause" : words;
    const cancel = part("cancel");
    // A disabled button would lose the focus.
    if (!isRunning && document.activeElement === cancel) start.focus();
    cancel.disabled = !isRunning;
    this.#showDiffering(run, settings);
    part("download").disabled = part("reset").disabled = !run?.hasModel || isRunning;
    part("weights-summary").textContent = run?.hasModel ? `${run.parameterCount.toLocaleString("en")} parameters` : "none yet";
  }

  /** Shows which settings differ from those of the current network. */
  #showDiffering(run, settings) {
    const differing = run?.hasModel ? run.differing({ ...trainerOptions(settings), device: settings.device }) : [];
    const names = differing.map((name) => CONTROLS[name] ?? name);
    const note = this.#workspace.part("next");
    note.hidden = names.length === 0;
    note.textContent = names.length === 0 ? "" : `Applies to the next training: ${names.join(", ")}. The current network was trained with other values.`;
  }

  /** Summarises the settings in the headings of the collapsed sections. */
  describe({ width, depth, activation, frequencies, octaves, weighting, timeSampling, batch, ema, eta, order, spacing }) {
    const { part } = this.#workspace;
    const features = [octaves > 0 && counted(octaves, "octave", "octaves"), frequencies > 0 && counted(frequencies, "frequency", "frequencies")];
    part("network-summary").textContent = [`${depth} × ${width}`, ACTIVATIONS[activation], ...features.filter(Boolean)].join(", ");
    part("objective-summary").textContent = `${weighting}, ${TIMES[timeSampling]}`;
    const options = [eta > 0 && `η ${eta}`, spacing !== "default" && spacing, order !== "default" && `order ${order}`].filter(Boolean);
    part("options-summary").textContent = options.join(", ") || "default";
    part("optimiser-summary").textContent = `batch ${batch}, EMA ${ema}`;
  }

  begin() {
    this.#marks = [];
    this.#progress.begin("Creating the network…");
  }

  /** Shows the progress of the training. */
  slice(run) {
    const now = performance.now();
    this.#marks.push({ at: now, step: run.step });
    while (now - this.#marks[0].at > WINDOW) this.#marks.shift();
    if (now - this.#shownAt < FIGURES_EVERY) return;
    this.#shownAt = now;
    const stepsPerSecond = this.#stepsPerSecond(now, run.step);
    const left = stepsPerSecond > 0 ? timeLeft((1000 * (run.steps - run.step)) / stepsPerSecond, now - this.#marks[0].at) : [];
    const speed = stepsPerSecond > 0 ? [`${Math.round(stepsPerSecond)} steps/s`] : [];
    this.#progress.show(run.step, run.steps, [`Step ${run.step} of ${run.steps}`, ...speed, `loss ${lossOf(run)}`, ...left].join(" · "));
    if (this.#workspace.isShown("train")) this.#workspace.lossCurve.show(run);
  }

  /** Recent speed in steps per second. */
  #stepsPerSecond(now, step) {
    const first = this.#marks[0];
    return now > first.at ? (1000 * (step - first.step)) / (now - first.at) : 0;
  }

  /** Shows how the training ended, or the state of the network. */
  end(run) {
    this.#progress.end(this.#sentenceOf(run));
    this.showState();
    if (!this.#workspace.isShown("train")) return;
    this.#workspace.lossCurve.show(run);
    this.#workspace.lossCurve.describe();
  }

  #sentenceOf(run) {
    return [this.#stateOf(run), ...(run?.warnings ?? [])].join(" ");
  }

  #stateOf(run) {
    if (run === null || !run.hasModel) return "No trained network yet.";
    if (run.isRestored) return `Restored after a reload: step ${run.step} of ${run.steps} · loss ${lossOf(run)}`;
    switch (run.state) {
      case "loaded": return `Weights from a file · ${run.parameterCount.toLocaleString("en")} parameters.`;
      case "finished": return `${run.step} steps in ${duration(run.took)} · loss ${lossOf(run)}`;
      case "cancelled": return `Cancelled after step ${run.step}. The network is kept.`;
      case "diverged": return `Stopped. The weights of step ${run.step} are kept. Reduce the learning rate to continue.`;
      default: return `Paused after step ${run.step} of ${run.steps} · loss ${lossOf(run)}`;
    }
  }

  /** Saves the weights as a file. */
  async download(name) {
    const bytes = await this.#workspace.run.use((model) => model.toSafetensors());
    saveFile(new Blob([bytes]), `tweedie-${name}.safetensors`);
  }
}

function lossOf(run) {
  const latest = run.losses.slice(-LATEST);
  return latest.length === 0 ? "–" : (latest.reduce((sum, loss) => sum + loss, 0) / latest.length).toPrecision(3);
}
