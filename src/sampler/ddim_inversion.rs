//! DDIM inversion: from a clean sample to the latent from which DDIM generates it.

use super::ddim::{self, NoiseEstimate};
use super::{Combination, Evaluation, Step};
use crate::diffusion::{NoiseLevel, Prediction};
use crate::{Error, Result};

/// The steps of a DDIM run in reverse, from the cleanest to the noisiest level (Song, Meng & Ermon 2021, section 4.3
/// and eq. 14). They map an image to a latent. DDIM with `eta = 0` along `steps` maps it back, up to an error that
/// vanishes as the number of steps grows.
///
/// A DDIM step is an Euler step with the slope at its noisier end. In the inversion that sample is unknown, so the
/// network is evaluated at the cleaner sample, conditioned on the noisier level: diffusers' `DDIMInverseScheduler`. A
/// clean sample contains no noise to estimate, so there the network's output is used as the noise, and the clean sample
/// is not affected by the clipping of `x0_hat`.
///
/// # Errors
/// [`Error::InvalidOption`] where the run ends at zero noise and the network predicts the clean sample.
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

/// The noise that an output represents at zero noise, given an estimate that was computed as if the sample were at
/// `level`: with `x0_hat = a·x + b·output`, the output is `(x0_hat − a·x)/b`.
fn noise_in_clean(level: NoiseLevel, prediction: Prediction) -> Result<Combination> {
    let (from_sample, from_output) = prediction.clean_coefficients(level);
    let clean = (Combination::SAMPLE - level.sigma * Combination::EPS) / level.alpha;
    let output = (clean - from_sample * Combination::SAMPLE) / from_output;
    match prediction {
        Prediction::Noise | Prediction::Velocity => Ok(output),
        Prediction::FlowVelocity => Ok(output + Combination::SAMPLE),
        _ => {
            let expected = "false, since this model does not predict noise";
            Err(Error::invalid("set_alpha_to_one", expected, true))
        }
    }
}
