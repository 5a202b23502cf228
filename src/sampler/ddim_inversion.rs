//! DDIM run backwards: from a clean sample to the noise that DDIM would make it of.

use super::ddim::{self, NoiseEstimate};
use super::{Combination, Evaluation, Step};
use crate::diffusion::{NoiseLevel, Prediction};
use crate::{Error, Result};

/// The steps of a DDIM run, each taken the other way, the last one first (Song, Meng & Ermon 2021, section 4.3 and eq. 14). They take an image to a latent;
/// DDIM with `eta = 0` along `steps` takes that back, the closer the more steps there are.
///
/// DDIM's step is Euler's, with the slope at its noisier end. Inverted, the sample at that end is what is looked for, so the network is shown the cleaner
/// one in its place, but told the noisier level: diffusers' `DDIMInverseScheduler`. Where the sample is clean, there is no noise in it to be estimated, and the
/// network's output is taken for the noise; so it is the clean sample that the clipping of `x0_hat` does not touch.
///
/// # Errors
/// [`Error::InvalidOption`] where the run ends clean and the network predicts no noise but the clean sample.
pub fn evaluations(steps: &[Step], prediction: Prediction) -> Result<Vec<Evaluation>> {
    let evaluation = |step: &Step| {
        let Step { from, to } = *step;
        if to.sigma == 0.0 {
            let noise = noise_in_clean(from, prediction)?;
            let next = from.alpha * Combination::SAMPLE + from.sigma * noise;
            return Ok(Evaluation::new(from, next));
        }
        let shown = NoiseLevel {
            time: from.time,
            ..to
        };
        let inverted = Step {
            from: shown,
            to: from,
        };
        let next = ddim::update(inverted, 0.0, NoiseEstimate::FromModel);
        Ok(Evaluation::new(shown, next))
    };
    steps.iter().rev().map(evaluation).collect()
}

/// The noise that an output means at no noise, where the estimate was made as if the sample were at `level`: with
/// `x0_hat = a·x + b·output` there, the output is `(x0_hat − a·x)/b`.
fn noise_in_clean(level: NoiseLevel, prediction: Prediction) -> Result<Combination> {
    let (from_sample, from_output) = prediction.clean_coefficients(level);
    let clean = (Combination::SAMPLE - level.sigma * Combination::EPS) / level.alpha;
    let output = (clean - from_sample * Combination::SAMPLE) / from_output;
    match prediction {
        Prediction::Noise | Prediction::Velocity => Ok(output),
        Prediction::FlowVelocity => Ok(output + Combination::SAMPLE),
        _ => {
            let expected = "false, since this model predicts no noise in a clean sample";
            Err(Error::invalid("set_alpha_to_one", expected, true))
        }
    }
}
