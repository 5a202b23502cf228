/** Tables of points and of fields, for CSV files. */

import { pointRows } from "./csv.js";

/** A table of points, `[count, 2]`. */
export const pointsTable = (title, points) => ({ title, name: title, columns: ["x", "y"], rows: () => pointRows(points) });

/** The columns of the values of a field. */
const COLUMNS = { velocity: ["vx", "vy"], score: ["sx", "sy"], clean: ["x0", "y0"], density: ["log_density"] };

/**
 * A field of one or several models.
 * @param {"velocity" | "score" | "clean" | "density"} quantity
 * @param {{ model: string, points: Float32Array, values: Float32Array }[]} fields  one or two values per point
 */
export function fieldTable(quantity, fields) {
  const columns = COLUMNS[quantity];
  function* rows() {
    for (const { model, points, values } of fields) {
      for (let index = 0; index < points.length / 2; index++) {
        yield [model, points[2 * index], points[2 * index + 1], ...values.subarray(columns.length * index, columns.length * (index + 1))];
      }
    }
  }
  return { title: quantity, name: quantity, columns: ["model", "x", "y", ...columns], rows };
}
