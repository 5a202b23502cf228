//! DDIM: the family of samplers with DDPM's marginals, from deterministic to ancestral.

use super::{Combination, Evaluation, Step};

/// The noise estimate that a DDIM step carries over. The two differ only where `x0_hat` was clipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoiseEstimate {
    /// The network's own `eps_hat`; diffusers' default (`use_clipped_model_output = False`).
    FromModel,
    /// `(x − alpha·x0_hat)/sigma`, re-derived from the clipped `x0_hat`, so that both estimates are consistent with
    /// `x`. Recommended under guidance (`use_clipped_model_output = True`).
    Rederived,
}

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
