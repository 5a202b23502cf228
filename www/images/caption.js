/** What one sees in the picture, in a sentence or two, as far as the run has come. */

/** From this on, nothing but noise can be seen. */
const PURE = 0.95;
const T = "<i>x<sub>t</sub></i>";
const ESTIMATE = "<i>x̂</i><sub>0</sub>";

/** By the view, from much noise to little; each holds from its share of noise, `sigma`, on. */
const CAPTIONS = {
  noisy: [
    [PURE, `${T} is still mostly noise. The network estimates the clean picture behind it, and the sampler moves a little towards that estimate.`],
    [0.6, `Large forms emerge first: each step removes part of the noise that the network estimates in ${T}.`],
    [0, `Only details still change: little noise is left in ${T}.`],
  ],
  clean: [
    [PURE, `${ESTIMATE}, the clean picture that the network estimates by Tweedie’s formula: under so much noise an average of many, hence blurred.`],
    [0.6, `The estimate ${ESTIMATE} sharpens as noise is removed: fewer pictures remain possible.`],
    [0, `The estimate ${ESTIMATE} hardly changes any more.`],
  ],
};
const BEGIN = {
  noisy: "Pure Gaussian noise <i>x<sub>T</sub></i>: every sample starts here. The seed decides which.",
  clean: `The first estimate ${ESTIMATE} of the clean picture, from noise alone.`,
};
const END = "No noise is left: these are the samples. Drag along the ribbon to go back through the steps.";

/**
 * @param {{ view: "noisy" | "clean", step: number, steps: number, sigma: number | undefined }} frame
 *   that is shown; `sigma` once it is known
 */
export function captionOf({ view, step, steps, sigma = 1 }) {
  if (step === steps) return END;
  // A run that starts from a picture has less noise in it.
  if (step === 0 && sigma >= PURE) return BEGIN[view];
  return CAPTIONS[view].find(([least]) => sigma >= least)[1];
}
