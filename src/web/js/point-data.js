import { invalidOption } from "./errors.js";
import { checkArray, plainOptions } from "./plain.js";

/**
 * The class `PointData`, over whatever computes.
 * @param {(name: string, ...values: unknown[]) => Promise<any>} call a function of the WebAssembly module
 */
export function pointDataOver(call) {
  /** A set of points, standardised: plain data. */
  return class PointData {
    constructor({ name, points, mean, scale, mixture, notes = [] }) {
      Object.assign(this, { name, count: points.length / 2, points, mean, scale, mixture, notes });
      Object.freeze(this);
    }

    /** Draws a data set by its name. */
    static async named(name, options) {
      if (typeof name !== "string") throw invalidOption("name", "a string", name);
      return new PointData(await call("drawPointData", name, plainOptions(options)));
    }

    /** Takes points as they were drawn by hand. */
    static async from(points) {
      return new PointData(await call("pointDataFrom", checkNumbers("points", points)));
    }

    /** Reads two numbers of each line. */
    static async fromCsv(text) {
      if (typeof text !== "string") throw invalidOption("text", "a string", text);
      return new PointData(await call("pointDataFromCsv", text));
    }

    /** Divides the points at random in two. */
    async split(options) {
      const parts = await call("splitPoints", this.points, plainOptions(options));
      return parts.map((points) => new PointData({ ...this, points }));
    }

    /** Maps points of a model of this data back to the units that the data were given in. */
    restore(points) {
      const { mean, scale } = this;
      return checkNumbers("points", points).map((value, index) => mean[index % 2] + scale * value);
    }
  };
}

/** The numbers of a typed array. */
export function checkNumbers(name, values) {
  return checkArray(name, values, Float32Array);
}
