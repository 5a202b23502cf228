/** A vector field as arrows. */

const HEAD = 3.5; // pixels
/** Length of the median arrow relative to the longest. */
const MEDIAN = 0.5;

/**
 * Lengths of arrows: proportional for short vectors and bounded by `longest` for long ones, because fields vary
 * by orders of magnitude.
 * @param {Float32Array} vectors  `[count, 2]`
 * @returns {Float32Array}  length in pixels
 */
export function lengthsOf(vectors, longest) {
  const norms = Float32Array.from({ length: vectors.length / 2 }, (_, index) => Math.hypot(vectors[2 * index], vectors[2 * index + 1]));
  const ordered = norms.filter(Number.isFinite).sort();
  const median = ordered[Math.floor(ordered.length / 2)] || 1;
  return norms.map((norm) => (longest * norm) / (norm + median * (1 / MEDIAN - 1)));
}

/**
 * Draws an arrow from each point, in one path.
 * @param {CanvasRenderingContext2D} context  with its colours set
 * @param {import("./plane.js").Plane} plane
 * @param {{ points: Float32Array, vectors: Float32Array }} field  both `[count, 2]`
 * @param {number} longest  pixels
 */
export function drawArrows(context, plane, { points, vectors }, longest) {
  const lengths = lengthsOf(vectors, longest);
  context.beginPath();
  for (let index = 0; index < lengths.length; index++) {
    const norm = Math.hypot(vectors[2 * index], vectors[2 * index + 1]);
    if (!(norm > 0) || !Number.isFinite(norm)) continue;
    const [x, y] = [plane.atX(points[2 * index]), plane.atY(points[2 * index + 1])];
    // On a canvas, y points downwards.
    const [dx, dy] = [vectors[2 * index] / norm, -vectors[2 * index + 1] / norm];
    const length = lengths[index];
    arrow(context, { x: x - (dx * length) / 2, y: y - (dy * length) / 2 }, [dx, dy], length);
  }
  context.stroke();
}

function arrow(context, { x, y }, [dx, dy], length) {
  const head = Math.min(HEAD, length / 2);
  const [tipX, tipY] = [x + dx * length, y + dy * length];
  context.moveTo(x, y);
  context.lineTo(tipX, tipY);
  context.moveTo(tipX - head * (dx - dy), tipY - head * (dy + dx));
  context.lineTo(tipX, tipY);
  context.lineTo(tipX - head * (dx + dy), tipY - head * (dy - dx));
}
