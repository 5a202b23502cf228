//! Linear combinations of the tensors that a step may use, written as the papers write them.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::plan::fits;
use crate::diffusion::NoiseLevel;

/// Earlier estimates that a step can look back at: nine are what PNDM needs after its Runge–Kutta start.
pub const MAX_HISTORY: usize = 9;

/// The factors of one step,
/// `next = sample·x + clean·x0_hat + eps·eps_hat + start·x_start + Σ_k history[k − 1]·m_k + noise·z`.
///
/// It is built from the constants and arithmetic, so that a method's file reads like its paper:
///
/// ```
/// use tweedie::sampler::Combination;
/// let (alpha, sigma) = (0.8, 0.6);
/// let eps = (Combination::SAMPLE - alpha * Combination::CLEAN) / sigma;
/// let next = 0.9 * Combination::CLEAN + 0.4 * eps;
/// assert!((next.sample - 0.4 / 0.6).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Combination {
    /// Factor of `x`, the sample that the network was shown.
    pub sample: f64,
    /// Factor of `x0_hat`, the (clipped) estimate of the clean sample.
    pub clean: f64,
    /// Factor of `eps_hat = (x − alpha·x0_hat)/sigma` with `x0_hat` before clipping.
    pub eps: f64,
    /// Factor of the sample that was kept as the start of a step of several evaluations.
    pub start: f64,
    /// Factors of the history: what earlier evaluations recorded, the latest first.
    pub history: [f64; MAX_HISTORY],
    /// Factor of fresh standard normal noise.
    pub noise: f64,
}

impl Combination {
    /// Nothing.
    pub const ZERO: Self = Self {
        sample: 0.0,
        clean: 0.0,
        eps: 0.0,
        start: 0.0,
        history: [0.0; MAX_HISTORY],
        noise: 0.0,
    };
    /// `x`
    pub const SAMPLE: Self = Self {
        sample: 1.0,
        ..Self::ZERO
    };
    /// `x0_hat`, clipped
    pub const CLEAN: Self = Self {
        clean: 1.0,
        ..Self::ZERO
    };
    /// `eps_hat`, which clipping does not touch
    pub const EPS: Self = Self {
        eps: 1.0,
        ..Self::ZERO
    };
    /// The sample kept as the start of the step
    pub const START: Self = Self {
        start: 1.0,
        ..Self::ZERO
    };
    /// `z`
    pub const NOISE: Self = Self {
        noise: 1.0,
        ..Self::ZERO
    };

    /// What the evaluation `back` before this one recorded: 1 is the last one.
    ///
    /// # Panics
    /// Where `back` is not between 1 and [`MAX_HISTORY`].
    pub const fn previous(back: usize) -> Self {
        let mut combination = Self::ZERO;
        combination.history[back - 1] = 1.0;
        combination
    }

    /// `(x − alpha·x0_hat)/sigma`, the noise in a sample at `level` as the clipped `x0_hat` has it.
    pub fn noise_estimate(level: NoiseLevel) -> Self {
        (Self::SAMPLE - level.alpha * Self::CLEAN) / level.sigma
    }

    /// `(alpha·x0_hat − x)/sigma²`, the score `∇ log p(x)` at `level` by Tweedie's formula.
    pub fn score(level: NoiseLevel) -> Self {
        -Self::noise_estimate(level) / level.sigma
    }

    /// How many evaluations it looks back.
    pub fn depth(&self) -> usize {
        let used = self.history.iter().rposition(|factor| *factor != 0.0);
        used.map_or(0, |last| last + 1)
    }

    /// Whether `f32` can hold the factors of all tensors at this level.
    pub(super) fn is_finite(&self, level: NoiseLevel) -> bool {
        let eps = match self.eps {
            0.0 => 0.0,
            eps => eps / level.sigma,
        };
        let factors = [self.sample + eps, eps, self.clean, self.start, self.noise];
        factors.into_iter().chain(self.history).all(fits)
    }

    fn zip(self, other: Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let mut history = self.history;
        for (factor, other) in history.iter_mut().zip(other.history) {
            *factor = combine(*factor, other);
        }
        Self {
            sample: combine(self.sample, other.sample),
            clean: combine(self.clean, other.clean),
            eps: combine(self.eps, other.eps),
            start: combine(self.start, other.start),
            history,
            noise: combine(self.noise, other.noise),
        }
    }
}

impl Add for Combination {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for Combination {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul<f64> for Combination {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        self.zip(self, |a, _| a * factor)
    }
}

impl Mul<Combination> for f64 {
    type Output = Combination;
    fn mul(self, combination: Combination) -> Combination {
        combination * self
    }
}

impl Div<f64> for Combination {
    type Output = Self;
    fn div(self, divisor: f64) -> Self {
        self.zip(self, |a, _| a / divisor)
    }
}

impl Neg for Combination {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}
