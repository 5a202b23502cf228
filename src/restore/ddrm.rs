//! DDRM: each singular direction of the operator has a step of its own.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{LinearOperator, Observation};
use crate::diffusion::NoiseLevel;
use crate::sampler::{Step, Terms, Update};

/// Singular values below this threshold are treated as 0. Those of the operators in this module are at most 1.
const MIN_SINGULAR: f64 = 1e-3;

/// The steps of denoising diffusion restoration models (Kawar et al. 2022, eq. 7 and 8).
///
/// With `u = sigma/alpha`, and everything in the basis of the right singular vectors, a direction with the singular value
/// `s` has the observation `y/s` of standard deviation `n = noise/s`, and `x/alpha` becomes
///
/// | direction | next |
/// |---|---|
/// | `s = 0` | `x0 + √(1 − eta²)·u'·(x − x0)/u + eta·u'·z` |
/// | `u' < n` | `x0 + √(1 − eta²)·u'·(y − x0)/n + eta·u'·z` |
/// | `u' ≥ n` | `y + √(u'² − n²)·z` |
///
/// This is the update of the paper with `eta_b = 1`.
#[derive(Clone, Debug)]
pub struct Ddrm {
    steps: Vec<Step>,
    operator: Arc<dyn LinearOperator<4>>,
    /// `Aᵀ·y`.
    target: Tensor<4>,
    noise: f64,
    eta: f64,
}

impl Ddrm {
    /// The steps for an observation; `None` where the operator is not linear or its singular value decomposition is not
    /// known. `eta` is between 0 and 1; the paper uses 0.85.
    pub fn new(steps: Vec<Step>, observation: &Observation<4>, eta: f64) -> Option<Self> {
        let operator = observation.operator.linear()?.clone();
        let target = operator.adjoint(observation.values.clone());
        operator.filter(target.clone(), &|_| 1.0)?;
        Some(Self {
            steps,
            operator,
            target,
            noise: observation.noise,
            eta,
        })
    }

    /// The initial sample at `level` for standard normal `noise` (eq. 6): `alpha·y + √(sigma² − (alpha·n)²)·z` where
    /// something is observed, and `sigma·z` elsewhere.
    pub fn initial(&self, noise: Tensor<4>, level: NoiseLevel) -> Tensor<4> {
        let NoiseLevel { alpha, sigma, .. } = level;
        let std = |s: f64| match self.noise_in(s) {
            Some(n) => (sigma * sigma - (alpha * n).powi(2)).max(0.0).sqrt(),
            None => sigma,
        };
        self.observed(|s| alpha / (s * s)) + self.filter(noise, std)
    }

    /// `n`, or `None` where nothing is observed.
    fn noise_in(&self, singular: f64) -> Option<f64> {
        (singular > MIN_SINGULAR).then(|| self.noise / singular)
    }

    fn filter(&self, images: Tensor<4>, gain: impl Fn(f64) -> f64) -> Tensor<4> {
        let filtered = self.operator.filter(images.clone(), &gain);
        filtered.unwrap_or(images)
    }

    /// `Aᵀ·y` with the gain of each observed direction.
    fn observed(&self, gain: impl Fn(f64) -> f64) -> Tensor<4> {
        self.filter(self.target.clone(), |s| {
            self.noise_in(s).map_or(0.0, |_| gain(s))
        })
    }
}

impl Update<4> for Ddrm {
    fn next(
        &self,
        index: usize,
        terms: &Terms<'_, 4>,
        draw: &mut dyn FnMut() -> Tensor<4>,
    ) -> Tensor<4> {
        let Step { from, to } = self.steps[index];
        let next = to.noise_to_signal();
        let kept = (1.0 - self.eta * self.eta).sqrt() * next;
        let sample = |s: f64| match self.noise_in(s) {
            None => kept / from.sigma,
            Some(_) => 0.0,
        };
        let clean = |s: f64| match self.noise_in(s) {
            None => 1.0 - kept / from.noise_to_signal(),
            Some(n) if next < n => 1.0 - kept / n,
            Some(_) => 0.0,
        };
        let observed = |s: f64| match self.noise_in(s) {
            Some(n) if next < n => kept / (n * s * s),
            _ => 1.0 / (s * s),
        };
        let noise = |s: f64| match self.noise_in(s) {
            Some(n) if next >= n => (next * next - n * n).sqrt(),
            _ => self.eta * next,
        };
        let sum = self.filter(terms.sample.clone(), sample)
            + self.filter(terms.clipped.clone(), clean)
            + self.observed(observed)
            + self.filter(draw(), noise);
        sum * to.alpha
    }
}
