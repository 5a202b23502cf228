import { invalidOption } from "./errors.js";
import { checkArray, plainOptions } from "./plain.js";
import { textOf } from "./text.js";

/**
 * Creates the class `PointData` for one of the entries.
 * @param {(name: string, ...values: unknown[]) => Promise<any>} call a function of the WebAssembly module
 */
export function pointDataOver(call) {
  /** A set of standardised points, as plain data. */
  return class PointData {
    constructor({ name, points, mean, scale, mixture, notes = [] }) {
      Object.assign(this, { name, count: points.length / 2, points, mean, scale, mixture, notes });
      Object.freeze(this);
    }

    /** Draws points of a built-in data set. */
    static async named(name, options) {
      if (typeof name !== "string") throw invalidOption("name", "a string", name);
      return new PointData(await call("drawPointData", name, plainOptions(options)));
    }

    /** Uses given points. */
    static async from(points) {
      return new PointData(await call("pointDataFrom", checkNumbers("points", points)));
    }

    /** Parses a CSV with two numbers per line, given as text or as the contents of a file. */
    static async fromCsv(csv) {
      return new PointData(await call("pointDataFromCsv", await textOf("csv", csv)));
    }

    /** Splits the points at random in two sets. */
    async split(options) {
      const parts = await call("splitPoints", this.points, plainOptions(options));
      return parts.map((points) => new PointData({ ...this, points }));
    }

    /** Maps points of a model of these data back to the original units. */
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
