//! DDIM: the family of samplers with DDPM's marginals, from deterministic to ancestral.

use super::catalog::{Domain, Entry, OptionValue, Parameter, flags};
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::{Error, Result};

/// DDIM's sampler. By default it is deterministic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ddim {
    /// Scales the noise added in each step: 0 is deterministic, 1 is the DDPM posterior.
    pub eta: f64,
    /// Noise estimate that carries over to the next level.
    pub noise_estimate: NoiseEstimate,
}

impl SamplingMethod for Ddim {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "ddim",
        "DDIM",
        [
            "Song, Meng & Ermon 2021",
            "https://arxiv.org/abs/2010.02502",
        ],
    )
    .with(&[
        Parameter::new(
            "eta",
            "Eta",
            "Fresh noise per step: 0 for none, 1 for as much as DDPM.",
            Domain::number([0.0, 1.0], Some(0.0)),
        ),
        Parameter::new(
            "use_clipped_model_output",
            "Noise from the clipped estimate",
            "Re-derives the noise from the clipped estimate; recommended with strong guidance.",
            Domain::flag(false),
        ),
    ])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        Some(match name {
            "eta" => &mut self.eta,
            "use_clipped_model_output" => &mut self.noise_estimate,
            _ => return None,
        })
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some("DDIMScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        if !(self.eta.is_finite() && self.eta >= 0.0) {
            return Err(Error::invalid("eta", "a number of at least 0", self.eta));
        }
        Ok(evaluations(trajectory.remaining(), self.eta, self.noise_estimate).into())
    }
}

/// The noise estimate that a DDIM step carries over. The two differ only where `x0_hat` was clipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoiseEstimate {
    /// The network's own `eps_hat`; diffusers' default (`use_clipped_model_output = False`).
    #[default]
    FromModel,
    /// `(x − alpha·x0_hat)/sigma`, re-derived from the clipped `x0_hat`, so that both estimates are consistent with
    /// `x`. Recommended under guidance (`use_clipped_model_output = True`).
    Rederived,
}

flags!(NoiseEstimate {
    FromModel,
    Rederived
});

/// The DDIM step (Song, Meng & Ermon 2021, eq. 12 with the standard deviation of eq. 16):
///
/// `next = alpha'·x0_hat + √(sigma'² − noise²)·eps_hat + noise·z`, `noise = eta·(sigma'/sigma)·√(1 − (alpha/alpha')²)`.
///
/// `noise` is limited to `sigma'`, which limits large values of `eta`. With `eta = 0` the step may also lead to a
/// noisier level, which inverts the sampler.
pub fn update(step: Step, eta: f64, noise_estimate: NoiseEstimate) -> Combination {
    let Step { from, to } = step;
    let noise = match eta {
        0.0 => 0.0,
        _ => eta * to.sigma / from.sigma * step.forward_variance().sqrt(),
    }
    .min(to.sigma);
    let remaining = (to.sigma * to.sigma - noise * noise).sqrt();
    let eps = match noise_estimate {
        NoiseEstimate::FromModel => Combination::EPS,
        NoiseEstimate::Rederived => Combination::noise_estimate(from),
    };
    to.alpha * Combination::CLEAN + remaining * eps + noise * Combination::NOISE
}

/// One [`update`] for each step.
pub fn evaluations(steps: &[Step], eta: f64, noise_estimate: NoiseEstimate) -> Vec<Evaluation> {
    let evaluation = |step: &Step| Evaluation::new(step.from, update(*step, eta, noise_estimate));
    steps.iter().map(evaluation).collect()
}
