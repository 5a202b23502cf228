/** Samples of a network at several steps of its training, thinned so that long trainings stay small. */

const MAX_SNAPSHOTS = 96;

export class Snapshots {
  #run = null;
  /** Each `{ step, points }`, in the order of the training. */
  #snapshots = [];
  /** Every `stride`-th snapshot is kept. */
  #stride = 1;
  #count = 0;
  /** The latest snapshot, kept or not. */
  #latest = null;

  /** Adds the samples of a run at its current step. */
  add(run, points) {
    const { step } = run;
    if (run !== this.#run || step < (this.#latest?.step ?? 0)) this.#clear(run);
    if (step === this.#latest?.step) return;
    this.#latest = { step, points };
    if (this.#count++ % this.#stride === 0) this.#snapshots.push(this.#latest);
    if (this.#snapshots.length <= MAX_SNAPSHOTS) return;
    this.#snapshots = this.#snapshots.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** Whether there is more than one snapshot of this run. */
  isOf(run) {
    return run !== null && run === this.#run && this.#all.length > 1;
  }

  /** The snapshot at a share of the training that was recorded, from 0 to 1. */
  at(share) {
    const all = this.#all;
    return all[Math.round(share * (all.length - 1))];
  }

  get #all() {
    const isKept = this.#snapshots.at(-1) === this.#latest;
    return isKept ? this.#snapshots : [...this.#snapshots, this.#latest];
  }

  #clear(run) {
    this.#run = run;
    this.#snapshots = [];
    this.#stride = 1;
    this.#count = 0;
    this.#latest = null;
  }
}
