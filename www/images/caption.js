/** Captions that describe the image at the current step. */

/** Above this sigma, only noise is visible. */
const PURE = 0.95;
const T = "<i>x<sub>t</sub></i>";
const ESTIMATE = "<i>x̂</i><sub>0</sub>";

/** Captions by view, from high to low noise; each one applies from its `sigma` upwards. */
const CAPTIONS = {
  noisy: [
    [PURE, `${T} is still mostly noise. The network estimates the clean image, and the sampler moves towards that estimate.`],
    [0.6, `Large shapes emerge first. Each step removes part of the noise that the network predicts in ${T}.`],
    [0, `Only details still change, because little noise is left in ${T}.`],
  ],
  clean: [
    [PURE, `${ESTIMATE} is the estimate of the clean image, by Tweedie’s formula. At this noise level many images are possible, and their mean is blurred.`],
    [0.6, `The estimate ${ESTIMATE} sharpens as noise is removed, because fewer clean images remain possible.`],
    [0, `The estimate ${ESTIMATE} barely changes now.`],
  ],
};
const BEGIN = {
  noisy: "Every sample starts as pure Gaussian noise, <i>x<sub>T</sub></i>. The seed determines the noise.",
  clean: `The first estimate ${ESTIMATE} of the clean image, from pure noise.`,
};
const END = "No noise is left: these are the samples. Drag along the timeline to revisit the steps.";

/**
 * @param {{ view: "noisy" | "clean", step: number, steps: number, sigma: number | undefined }} frame
 *   the frame shown; `sigma` may be unknown
 */
export function captionOf({ view, step, steps, sigma = 1 }) {
  if (step === steps) return END;
  // A run that starts from an image has less noise.
  if (step === 0 && sigma >= PURE) return BEGIN[view];
  return CAPTIONS[view].find(([least]) => sigma >= least)[1];
}
