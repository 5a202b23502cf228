import { invalidOption } from "./errors.js";
import { blobOf, drawGrid, imageDataOf, pictureAt } from "./pictures.js";

/** Properties of every run. */
export const RUN_FACTS = ["steps", "completedSteps", "batch"];

/** The method by which a run reads what it has computed: `await run[READ](name, ...values)`. */
export const READ = Symbol("read");

/** The property of a run of a pipeline with the height and width of its images. */
export const SIDES = Symbol("sides");

/**
 * Creates the classes of runs from one entry's `Run`.
 * @param {Function} Run implements steps, `free` and the method `READ`; `what` is the name of the class in messages
 */
export function kindsOf(Run) {
  /** A sampling run. */
  class Sampling extends Run {
    static what = "sampling";

    async noisy() {
      return this[READ]("noisy");
    }

    async clean() {
      return this[READ]("clean");
    }

    async images(which = "noisy") {
      if (which !== "noisy" && which !== "clean") throw invalidOption("images", "noisy or clean", which);
      return this[READ]("images", which);
    }

    async imageData(index = 0, { which } = {}) {
      return imageDataOf(pictureAt(await this.images(which), this[SIDES], index), this[SIDES]);
    }

    async blob(index = 0, { which, type, quality } = {}) {
      return blobOf(await this.imageData(index, { which }), { type, quality });
    }

    async draw(canvas, { which, index, columns } = {}) {
      const pixels = await this.images(which);
      const [height, width] = this[SIDES];
      if (index === undefined) return drawGrid(canvas, pixels, [height, width], columns);
      return drawGrid(canvas, pictureAt(pixels, [height, width], index), [height, width], 1);
    }
  }

  /** A sampling run from the posterior of an observation. */
  class Restoration extends Sampling {
    static what = "restoration";

    async residual() {
      return this[READ]("residual");
    }

    async mean() {
      return this[READ]("mean");
    }

    async std() {
      return this[READ]("std");
    }
  }

  /** The log-likelihood of images. */
  class Likelihood extends Run {
    static what = "likelihood";

    async nats() {
      return this[READ]("nats");
    }

    async bitsPerDimension() {
      return this[READ]("bitsPerDimension");
    }
  }

  /** The variational bound of images, term by term. */
  class VariationalBound extends Run {
    static what = "bound";

    async prior() {
      return this[READ]("prior");
    }

    async terms() {
      return this[READ]("terms");
    }

    async decoder() {
      return this[READ]("decoder");
    }

    async timesteps() {
      return this[READ]("timesteps");
    }

    async bitsPerDimension() {
      return this[READ]("bitsPerDimension");
    }
  }

  /** A sampling run on points. */
  class PointSampling extends Run {
    static what = "sampling";

    get count() {
      return this.batch;
    }

    async noisy() {
      return this[READ]("noisy");
    }

    async clean() {
      return this[READ]("clean");
    }
  }

  /** The log-density of points along the flow. */
  class PointDensity extends Run {
    static what = "density";

    async nats() {
      return this[READ]("nats");
    }
  }

  if (Symbol.dispose) Run.prototype[Symbol.dispose] = Run.prototype.free;
  return { Sampling, Restoration, Likelihood, VariationalBound, PointSampling, PointDensity };
}
