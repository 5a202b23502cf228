/** Measurements of trained models, for the table of the lab. */

/** Maximum number of held-out points and of samples that are compared. */
export const MEASURED = 2000;
/** Minimum ratio of actual to expected samples of a covered mode. */
const COVERED = 0.2;
/** Radius, in standard deviations, within which a sample belongs to a mode. */
const REACH = 3;

/** Log-density, in nats, of a mixture of isotropic Gaussians at points `[count, 2]`. */
export function mixtureLogDensity({ means, spreads, weights }, points) {
  const components = spreads.length;
  const shares = weights ?? Array.from({ length: components }, () => 1);
  const total = Array.from(shares).reduce((sum, share) => sum + share, 0);
  const result = new Float64Array(points.length / 2);
  for (let index = 0; index < result.length; index++) {
    const terms = Array.from({ length: components }, (_, k) => {
      const variance = spreads[k] ** 2;
      const distance = (points[2 * index] - means[2 * k]) ** 2 + (points[2 * index + 1] - means[2 * k + 1]) ** 2;
      return Math.log(shares[k] / total) - Math.log(2 * Math.PI * variance) - distance / (2 * variance);
    });
    const largest = Math.max(...terms);
    result[index] = largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
  }
  return result;
}

/**
 * The number of modes of a mixture that the samples cover, and the fraction of samples within three standard deviations
 * of one.
 */
export function modesCovered({ means, spreads }, samples) {
  const modes = spreads.length;
  const counts = new Uint32Array(modes);
  const count = samples.length / 2;
  for (let at = 0; at < samples.length; at += 2) {
    for (let mode = 0; mode < modes; mode++) {
      if (Math.hypot(samples[at] - means[2 * mode], samples[at + 1] - means[2 * mode + 1]) > REACH * spreads[mode]) continue;
      counts[mode] += 1;
      break;
    }
  }
  const near = counts.reduce((sum, own) => sum + own, 0) / count;
  return { covered: counts.filter((own) => own >= (COVERED * count) / modes).length, modes, near };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Measures one trained model.
 * @param tweedie  the package
 * @param {import("./run.js").FamilyRun} run
 * @param heldOut  a `PointData` with points that were not used for training
 * @returns {Promise<object>}  null for quantities that the model cannot compute
 */
export async function measure(tweedie, run, heldOut) {
  const { trainer } = run;
  const began = performance.now();
  const samples = await trainer.sample({ count: Math.min(MEASURED, heldOut.count), seed: 1 });
  const sampling = performance.now() - began;
  const distance = await tweedie.distance(samples, heldOut, { metric: "sliced-wasserstein" });
  const modes = heldOut.mixture === null ? null : modesCovered(heldOut.mixture, samples);
  return {
    distance,
    modes,
    excess: await excessOf(trainer, heldOut),
    bound: trainer.capabilities.bound ? -mean(await trainer.bound(heldOut, { samples: 1 })) : null,
    evaluations: trainer.evaluations,
    millisecondsPerThousand: (sampling * 1000) / (samples.length / 2),
    seconds: run.milliseconds / 1000,
    parameters: trainer.trainableCount,
    latents: trainer.capabilities.latents ? (trainer.options.latents ?? 2) : null,
  };
}

/**
 * Negative log-likelihood of held-out points in nats, and the entropy if the distribution is a known mixture; null
 * without a density.
 */
async function excessOf(trainer, heldOut) {
  if (!trainer.capabilities.logDensity) return null;
  const nll = -mean(await trainer.logDensity(heldOut));
  if (heldOut.mixture === null) return { nll, entropy: null };
  // Estimated on the same points, so that the sampling error cancels.
  return { nll, entropy: -mean(mixtureLogDensity(heldOut.mixture, heldOut.points)) };
}

/** Columns of the table: title, explanation, and the formatted measurement. */
export const COLUMNS = [
  { name: "distance", title: "Distance", hint: "Sliced Wasserstein-2 distance between samples and held-out points; lower is better.", text: ({ distance }) => distance.toFixed(3) },
  { name: "modes", title: "Modes", hint: "Modes with at least a fifth of the samples that they should have.", text: ({ modes }) => (modes === null ? "–" : `${modes.covered} of ${modes.modes}`) },
  { name: "nll", title: "NLL", hint: "Negative log-likelihood of held-out points, in nats; in brackets the excess over the entropy.", text: ({ excess }) => nllText(excess) },
  { name: "bound", title: "Bound", hint: "Upper bound on the negative log-likelihood (−ELBO), in nats.", text: ({ bound }) => (bound === null ? "–" : bound.toFixed(2)) },
  { name: "evaluations", title: "NFE", hint: "Network evaluations in sequence per sample.", text: ({ evaluations }) => String(evaluations) },
  { name: "millisecondsPerThousand", title: "Sampling", hint: "Milliseconds per 1,000 samples on this device.", text: ({ millisecondsPerThousand }) => `${millisecondsPerThousand.toPrecision(2)} ms` },
  { name: "seconds", title: "Training", hint: "Seconds of training on this device.", text: ({ seconds }) => `${seconds.toFixed(1)} s` },
  { name: "latents", title: "Latents", hint: "Dimensions of the latent space.", text: ({ latents }) => (latents === null ? "–" : String(latents)) },
  { name: "parameters", title: "Parameters", hint: "Number of trained weights.", text: ({ parameters }) => parameters.toLocaleString("en") },
];

function nllText(excess) {
  if (excess === null) return "none";
  const { nll, entropy } = excess;
  return entropy === null ? nll.toFixed(2) : `${nll.toFixed(2)} (+${(nll - entropy).toFixed(2)})`.replace("+-", "−");
}

/** Columns of the table as CSV. */
const CSV_COLUMNS = [
  "model", "sliced_wasserstein", "modes_covered", "modes", "nll", "entropy", "negative_bound", "evaluations", "ms_per_1000_samples", "training_seconds", "latent_dimensions", "parameters",
];

/**
 * The measurements for a CSV file: one row per model, with unrounded numbers, and null for what the model does not have.
 * @param {[string, object][]} measured  model and measurements
 * @returns {import("../share/csv.js").Table}
 */
export const measurementsTable = (measured) => ({ title: "measurements", name: "measurements", columns: CSV_COLUMNS, rows: () => measured.map(csvRow) });

function csvRow([model, { distance, modes, excess, bound, evaluations, millisecondsPerThousand, seconds, latents, parameters }]) {
  const cells = [model, distance, modes?.covered, modes?.modes, excess?.nll, excess?.entropy, bound, evaluations, millisecondsPerThousand, seconds, latents, parameters];
  return cells.map((value) => value ?? null);
}
