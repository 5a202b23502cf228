//! Linear combinations of the tensors of a step, written as in the papers.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::plan::fits;
use crate::diffusion::NoiseLevel;

/// Maximum length of the history. PNDM needs nine entries after its Runge–Kutta start.
pub const MAX_HISTORY: usize = 9;

/// Factors of the update of one step, `next = sample·x + clean·x0_hat + eps·eps_hat + start·x_start + Σ_k history[k −
/// 1]·m_k + noise·z`.
///
/// Combinations are built from the constants by arithmetic, so that the code of a method reads like its paper:
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
    /// Factor of `x`, the network's input.
    pub sample: f64,
    /// Factor of `x0_hat`, the estimate of the clean sample after clipping.
    pub clean: f64,
    /// Factor of `eps_hat = (x − alpha·x0_hat)/sigma`, with `x0_hat` before clipping.
    pub eps: f64,
    /// Factor of the sample that was stored as the start of a step with several evaluations.
    pub start: f64,
    /// Factors of the history: tensors recorded by earlier evaluations, latest first.
    pub history: [f64; MAX_HISTORY],
    /// Factor of fresh standard normal noise.
    pub noise: f64,
}

impl Combination {
    /// All factors zero.
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
    /// `eps_hat`, unaffected by clipping
    pub const EPS: Self = Self {
        eps: 1.0,
        ..Self::ZERO
    };
    /// The sample stored as the start of the step
    pub const START: Self = Self {
        start: 1.0,
        ..Self::ZERO
    };
    /// `z`
    pub const NOISE: Self = Self {
        noise: 1.0,
        ..Self::ZERO
    };

    /// The tensor recorded `back` evaluations ago; 1 is the previous evaluation.
    ///
    /// # Panics
    /// Where `back` is not between 1 and [`MAX_HISTORY`].
    pub const fn previous(back: usize) -> Self {
        let mut combination = Self::ZERO;
        combination.history[back - 1] = 1.0;
        combination
    }

    /// `(x − alpha·x0_hat)/sigma`, the noise in a sample at `level`, computed from the clipped `x0_hat`.
    pub fn noise_estimate(level: NoiseLevel) -> Self {
        (Self::SAMPLE - level.alpha * Self::CLEAN) / level.sigma
    }

    /// `(alpha·x0_hat − x)/sigma²`, the score `∇ log p(x)` at `level` by Tweedie's formula.
    pub fn score(level: NoiseLevel) -> Self {
        -Self::noise_estimate(level) / level.sigma
    }

    /// Number of history entries that it uses.
    pub fn depth(&self) -> usize {
        let used = self.history.iter().rposition(|factor| *factor != 0.0);
        used.map_or(0, |last| last + 1)
    }

    /// Whether the factors of all tensors at this level are finite in `f32`.
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
