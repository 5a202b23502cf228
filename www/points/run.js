/** One training run of a network: its progress, losses and latest network. */

export class Run {
  /** All losses so far. */
  #losses = new Float32Array(1024);
  /** `{ model, users, isOld }` of the latest network, or null. */
  #latest = null;
  /** Run time in milliseconds, without pauses. */
  took = 0;
  /** Whether it was restored after a reload and has not continued since. */
  isRestored = false;

  /**
   * @param {string} key  key of its data and schedule
   * @param {object | null} trainer  null for weights from a file
   * @param {object} [how]
   * @param {"paused" | "finished" | "cancelled" | "diverged" | "loaded"} [how.state]
   * @param {"cpu" | "webgpu"} [how.device]  kind of its device
   */
  constructor(key, trainer, { state = "paused", device = "cpu" } = {}) {
    Object.assign(this, { key, trainer, state, device });
    this.step = trainer?.completedSteps ?? 0;
  }

  get steps() {
    return this.trainer?.options.steps ?? 0;
  }

  /** The loss of the ideal denoiser, or null if unknown. */
  get idealLoss() {
    return this.trainer?.idealLoss ?? null;
  }

  get parameterCount() {
    return this.trainer?.parameterCount ?? this.#latest?.model.parameterCount ?? 0;
  }

  /** Warnings of the package about its noise schedule. */
  get warnings() {
    return this.trainer?.warnings ?? this.#latest?.model.warnings ?? [];
  }

  /**
   * Whether it can continue with these options of `Trainer.create`. They must equal its own options, except that after divergence the
   * learning rate must be smaller.
   */
  canContinue({ learningRate, ...others }) {
    if (this.trainer === null || this.step >= this.steps) return false;
    if (this.differing(others).length > 0) return false;
    const own = this.trainer.options;
    const isSameRate = isSame(own.learningRate, learningRate);
    return this.state === "diverged" ? !isSameRate && learningRate < own.learningRate : this.state === "paused" && isSameRate;
  }

  /** Names of the options of `Trainer.create`, and perhaps the kind of device, that differ from its own and so only apply to the next training. */
  differing(options) {
    if (this.trainer === null) return [];
    const own = { ...this.trainer.options, device: this.device };
    return Object.entries(options).filter(([name, value]) => typeof own[name] !== "object" && !isSame(own[name], value)).map(([name]) => name);
  }

  /** The losses of all steps so far. */
  get losses() {
    return this.#losses.subarray(0, this.step);
  }

  /** Restores the losses of a saved run. */
  restoreLosses(losses) {
    this.#grow(this.step);
    this.#losses.set(losses.subarray(0, this.step));
  }

  /** Adds one slice of progress. */
  take({ losses }) {
    this.isRestored = false;
    this.#grow(this.step + losses.length);
    this.#losses.set(losses, this.step);
    this.step += losses.length;
  }

  /** The latest network, or null. */
  get model() {
    return this.#latest?.model ?? null;
  }

  /** Whether there is a network. */
  get hasModel() {
    return this.#latest !== null;
  }

  /** Runs `task` with the latest network, which is not freed before the task ends. */
  async use(task) {
    const held = this.#latest;
    held.users++;
    try {
      return await task(held.model);
    } finally {
      held.users--;
      freeIfUnused(held);
    }
  }

  /** Replaces the network with a newer one. */
  setModel(model) {
    const before = this.#latest;
    this.#latest = model === null ? null : { model, users: 0, isOld: false };
    if (before === null) return;
    before.isOld = true;
    freeIfUnused(before);
  }

  /** Records that the training has diverged; the trainer has restored its last good weights. */
  recordDivergence() {
    this.step = this.trainer.completedSteps;
    this.state = "diverged";
  }

  /** Continues from the last good weights with another learning rate. */
  async slowDown(learningRate) {
    await this.trainer.setLearningRate(learningRate);
    this.state = "paused";
  }

  free() {
    this.setModel(null);
    this.trainer?.free();
    this.trainer = null;
  }

  #grow(size) {
    if (size <= this.#losses.length) return;
    const larger = new Float32Array(Math.max(size, 2 * this.#losses.length));
    larger.set(this.#losses);
    this.#losses = larger;
  }
}

/** The package may have rounded numbers to 32 bits. */
function isSame(one, other) {
  return typeof other === "number" ? Math.abs(one - other) <= 1e-6 * Math.abs(other) : one === other;
}

function freeIfUnused({ model, users, isOld }) {
  if (isOld && users === 0) model.free();
}
