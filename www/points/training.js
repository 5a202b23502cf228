/** Trains networks, one at a time, even while other labs are shown, and stores the last one in the browser. */

import { Activity } from "../shell/activity.js";
import { PlacedError } from "../shell/problems.js";
import { Run } from "./run.js";
import { trainerOptions } from "./settings.js";

/** Minimum intervals between two stored states, and between two updates of the view. */
const KEEP_EVERY = 3000; // milliseconds
const SHOW_EVERY = 150;
/** Maximum time for updating the view, as a fraction of the training time. */
const SHOWING_SHARE = 0.35;
/** Callbacks while no lab is attached. */
const NO_CALLBACKS = { busy() {}, slice() {}, model: async () => {}, device() {}, error() {} };

export class Training {
  #tweedie;
  #store;
  #on = NO_CALLBACKS;
  #runs = new Map();
  #active = null;
  /** State of the run if it stops before its end. */
  #intent = "paused";
  /** Whether a training is running or about to start. */
  isRunning = false;
  #activity = new Activity((busy) => {
    this.isRunning = busy;
    this.#on.busy();
  });

  /**
   * @param tweedie  the package
   * @param {import("./store.js").Store} store
   */
  constructor(tweedie, store) {
    this.#tweedie = tweedie;
    this.#store = store;
  }

  /**
   * Sets the callbacks.
   * @param {object} on
   * @param {() => void} on.busy  called when `isRunning` has changed
   * @param {(run: Run) => void} on.slice  called after some steps
   * @param {(run: Run) => Promise<void>} on.model  called and awaited when there is a newer network to show
   * @param {(device: object) => void} on.device  called with the device of a new network
   * @param {(error: Error, run: Run | null) => void} on.error
   */
  tell(on) {
    this.#on = on;
  }

  /** The run of that key, or null. */
  runOf(key) {
    return this.#runs.get(key) ?? null;
  }

  /** Whether a run is paused and the settings still match it, or has diverged and only the learning rate was reduced. */
  canResume(run, settings) {
    return run !== null && run.device === settings.device && run.canContinue(trainerOptions(settings));
  }

  /** The running training, or null. */
  get active() {
    return this.#active;
  }

  /**
   * Trains a new network, or resumes the current one if `canResume`.
   * @param {string} key  key of data and schedule
   * @param {object} data  a PointData of the package
   */
  async start(key, data, settings) {
    await this.#activity.run(async (signal) => {
      this.#intent = "paused";
      let run = this.runOf(key);
      try {
        if (!this.canResume(run, settings)) run = await this.#begin(key, data, settings);
        else if (run.state === "diverged") await run.slowDown(settings.learningRate);
        this.#active = run;
        await this.#train(run, signal);
      } catch (error) {
        this.#on.error(error, run);
      } finally {
        this.#active = null;
      }
    });
  }

  pause() {
    this.#intent = "paused";
    this.#activity.cancel();
  }

  /** Ends the training; the network is kept. */
  cancel() {
    this.#intent = "cancelled";
    this.#activity.cancel();
  }

  /** Deletes a run and its network. */
  async forget(key) {
    if (this.#active?.key === key) {
      this.cancel();
      // Waits until it has ended.
      await this.#activity.run(async () => {});
    }
    this.#runs.get(key)?.free();
    this.#runs.delete(key);
    if (this.#store.kept.run?.key === key) await this.#store.keep({ run: undefined });
  }

  /**
   * Frees the runs whose keys are obsolete, except a running one.
   * @param {(key: string) => boolean} isGone
   */
  release(isGone) {
    for (const [key, run] of this.#runs) {
      if (!isGone(key) || run === this.#active) continue;
      run.free();
      this.#runs.delete(key);
    }
    const { run } = this.#store.kept;
    if (run !== undefined && isGone(run.key) && run.key !== this.#active?.key) this.#store.keep({ run: undefined });
  }

  /** Drops everything that was lost with the worker. */
  lose() {
    this.#runs.clear();
  }

  /** Uses a network from a file. */
  async take(key, model) {
    await this.forget(key);
    const run = new Run(key, null, { state: "loaded" });
    run.setModel(model);
    this.#runs.set(key, run);
    return run;
  }

  /**
   * Restores the training of this tab after a reload, on the same device.
   * @throws {PlacedError} at "device" if that device no longer exists; the training is then restored on the CPU
   */
  async restore() {
    const kept = this.#store.kept.run;
    if (kept === undefined) return;
    try {
      await this.#restoreOn(kept.device ?? "cpu", kept);
    } catch (error) {
      if (error.place !== "device") throw error;
      await this.#restoreOn("cpu", kept);
      throw error;
    }
  }

  async #restoreOn(kind, kept) {
    const device = await this.#open(kind);
    const trainer = await this.#tweedie.Trainer.restore(kept.state, { device });
    const run = new Run(kept.key, trainer, { state: kept.end, device: kind });
    run.isRestored = true;
    run.took = kept.took;
    run.restoreLosses(kept.losses);
    run.setModel(await trainer.model());
    this.#runs.set(kept.key, run);
  }

  async #begin(key, data, settings) {
    const device = await this.#open(settings.device);
    const trainer = await this.#tweedie.Trainer.create(data, { ...trainerOptions(settings), device });
    this.#runs.get(key)?.free();
    const run = new Run(key, trainer, { device: settings.device });
    this.#runs.set(key, run);
    return run;
  }

  async #open(kind) {
    try {
      const device = await this.#tweedie.openDevice(kind);
      this.#on.device(device);
      return device;
    } catch (error) {
      throw new PlacedError("device", error);
    }
  }

  async #train(run, signal) {
    const tookBefore = run.took;
    const began = performance.now();
    let keptAt = began;
    let shownUntil = -Infinity;
    let showing = 0;
    try {
      for await (const progress of run.trainer) {
        run.take(progress);
        run.took = tookBefore + performance.now() - began;
        this.#on.slice(run);
        if (signal.aborted) break;
        const now = performance.now();
        if (now - keptAt > KEEP_EVERY) {
          await this.#keep(run, "paused");
          keptAt = now;
        }
        if (now - shownUntil < Math.max(SHOW_EVERY, showing / SHOWING_SHARE)) continue;
        await this.#show(run);
        shownUntil = performance.now();
        showing = shownUntil - now;
      }
    } catch (error) {
      if (error.code !== "diverged") throw error;
      run.recordDivergence();
      this.#on.error(new PlacedError("learningRate", error), run);
    }
    if (run.state !== "diverged") run.state = run.step >= run.steps ? "finished" : signal.aborted ? this.#intent : "paused";
    await this.#show(run);
    await this.#keep(run, run.state);
  }

  async #show(run) {
    run.setModel(await run.trainer.model());
    await this.#on.model(run);
  }

  /** Stores the state of a run in the browser. */
  async #keep(run, end) {
    if (run.trainer === null) return;
    const state = await run.trainer.save();
    await this.#store.keep({ run: { key: run.key, device: run.device, state, losses: run.losses.slice(), took: run.took, end } });
  }
}
