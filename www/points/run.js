/** One training of a network: how far it is, its losses, and the network as it is. */

export class Run {
  /** Every loss so far. */
  #losses = new Float32Array(1024);
  /** `{ model, users, isOld }` of the latest network, or null. */
  #latest = null;
  /** Milliseconds that it has taken, without its pauses. */
  took = 0;
  /** Whether it was brought back after a reload, and has not gone on since. */
  isRestored = false;

  /**
   * @param {string} key  of the data and schedule that it belongs to
   * @param {object | null} trainer  null for weights that came from a file
   * @param {object} [how]
   * @param {"paused" | "finished" | "cancelled" | "diverged" | "loaded"} [how.state]
   * @param {"cpu" | "webgpu"} [how.device]  the kind of device that computes
   */
  constructor(key, trainer, { state = "paused", device = "cpu" } = {}) {
    Object.assign(this, { key, trainer, state, device });
    this.step = trainer?.completedSteps ?? 0;
  }

  get steps() {
    return this.trainer?.options.steps ?? 0;
  }

  /** The loss of the ideal denoiser, where it is known. */
  get idealLoss() {
    return this.trainer?.idealLoss ?? null;
  }

  get parameterCount() {
    return this.trainer?.parameterCount ?? this.#latest?.model.parameterCount ?? 0;
  }

  /** What the package says of its noise schedule. */
  get warnings() {
    return this.trainer?.warnings ?? this.#latest?.model.warnings ?? [];
  }

  /**
   * Whether it can go on with these options of `Trainer.create`, which are those that it was begun with; after it has diverged, but for
   * a smaller learning rate.
   */
  canGoOn({ learningRate, ...others }) {
    if (this.trainer === null || this.step >= this.steps) return false;
    if (this.differing(others).length > 0) return false;
    const own = this.trainer.options;
    const isSameRate = isSame(own.learningRate, learningRate);
    return this.state === "diverged" ? !isSameRate && learningRate < own.learningRate : this.state === "paused" && isSameRate;
  }

  /** The options of `Trainer.create` that differ from those it was begun with: they count for the next training only. */
  differing(options) {
    if (this.trainer === null) return [];
    const own = this.trainer.options;
    return Object.entries(options).filter(([name, value]) => typeof own[name] !== "object" && !isSame(own[name], value)).map(([name]) => name);
  }

  /** The losses of all steps so far. */
  get losses() {
    return this.#losses.subarray(0, this.step);
  }

  /** Takes over the losses of a run that was saved. */
  restoreLosses(losses) {
    this.#grow(this.step);
    this.#losses.set(losses.subarray(0, this.step));
  }

  /** Takes one slice of progress. */
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

  /** Whether there is a network by now. */
  get hasModel() {
    return this.#latest !== null;
  }

  /** Runs `task` with the latest network, which is not freed until the task is over. */
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

  /** Takes a newer network in place of the one before. */
  setModel(model) {
    const before = this.#latest;
    this.#latest = model === null ? null : { model, users: 0, isOld: false };
    if (before === null) return;
    before.isOld = true;
    freeIfUnused(before);
  }

  /** The training has diverged, and its trainer has gone back to its last good weights. */
  goBack() {
    this.step = this.trainer.completedSteps;
    this.state = "diverged";
  }

  /** Goes on from the last good weights with another learning rate. */
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

/** Numbers may have been rounded to 32 bits on their way. */
function isSame(one, other) {
  return typeof other === "number" ? Math.abs(one - other) <= 1e-6 * Math.abs(other) : one === other;
}

function freeIfUnused({ model, users, isOld }) {
  if (isOld && users === 0) model.free();
}
