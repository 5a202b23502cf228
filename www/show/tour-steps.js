/**
 * The steps of the guided tour. Each is a view of a lab, with a prediction to make before the view is shown, and a sentence about it. `at` is where
 * the sentence points, in shares of the picture.
 *
 * @typedef {object} TourStep
 * @property {string} link  query and hash
 * @property {string} picture  selector of the picture
 * @property {[number, number]} at
 * @property {string} question
 * @property {string[]} options
 * @property {number} answer  index of the right option
 * @property {string} sentence
 */

/** @type {TourStep[]} */
export const TOUR = [
  {
    link: "?steps=20&count=9&view=clean#images", picture: "#grid", at: [0.5, 0.5],
    question: "A network sees nothing but noise. What is its first estimate of the clean image?",
    options: ["A sharp digit", "A blurred mean of many digits", "Noise"], answer: 1,
    sentence: "From pure noise, the best estimate is the mean of all digits. Drag along the ribbon below: the estimate becomes sharp as the noise decreases.",
  },
  {
    link: "#distributions", picture: "#distributions-picture", at: [0.35, 0.4],
    question: "Uniform random numbers are mapped by the inverse of a distribution function. Where do most of them land?",
    options: ["Where the function is steep", "Where it is flat", "Equally everywhere"], answer: 0,
    sentence: "The distribution function is steep where the density is high, so many uniform numbers are mapped there. This is sampling without a network.",
  },
  {
    link: "?step=forward&time=1#points", picture: "#points-picture", at: [0.5, 0.5],
    question: "Two moons receive more and more Gaussian noise, and shrink at the same time. Which shape is left at the end?",
    options: ["Two blurred moons", "A ring", "One round cloud"], answer: 2,
    sentence: "Only a standard normal cloud is left, whatever the data were. Sampling starts from this cloud and runs backwards. Drag the timeline to see the transition.",
  },
  {
    link: "?step=look&quantity=score&whose=ideal&time=0.2&probe=off#points", picture: "#points-picture", at: [0.5, 0.45],
    question: "The score is the gradient of the log-density of the noisy points. Where do its arrows point?",
    options: ["Away from the data", "Towards the data", "Along the moons"], answer: 1,
    sentence: "The score points towards more likely points. A diffusion model learns it, at every noise level.",
  },
  {
    link: "?step=sample&model=ideal&samplers=ddim,ddpm&probe=off#points", picture: "#points-picture", at: [0.5, 0.5],
    question: "Both samplers start from the same noise. DDIM is deterministic; DDPM adds fresh noise. Do the samples end at the same points?",
    options: ["Yes", "No, but in the same distribution", "No, DDPM ends in noise"], answer: 1,
    sentence: "The paths differ, but the distribution is the same. The paths of DDPM are rough, because each step adds noise.",
  },
  {
    link: "?points=20#memorise", picture: "#memorise-picture", at: [0.25, 0.45],
    question: "The ideal denoiser has the lowest possible loss. With 20 training points, what are its samples?",
    options: ["New points on the moons", "Copies of the 20 points", "Noise"], answer: 1,
    sentence: "A perfect fit memorises: every sample on the left is a training point. The network on the right cannot fit perfectly, and that is why it generalises.",
  },
  {
    link: "?model=gan&preset=mode-collapse#family", picture: "#family-picture", at: [0.5, 0.5],
    question: "A GAN trains on eight clusters, with settings that are known to be bad. How many clusters will its samples cover?",
    options: ["All eight", "A few, not always the same ones", "None at any time"], answer: 1,
    sentence: "This is mode collapse. A GAN has no density, and the loss of its generator does not directly penalise missing clusters. A diffusion model trains on a regression loss instead.",
  },
  {
    link: "?data=drawn#points", picture: "#points-picture", at: [0.5, 0.5],
    question: "Can a small network learn your handwriting in about ten seconds?",
    options: ["Yes", "No"], answer: 0,
    sentence: "Try it: write your name here, or type it, and press “Train and watch”.",
  },
];
