//! Forward processes in continuous time: stochastic differential equations.

use serde::{Deserialize, Serialize};

use super::NoiseLevel;

/// A linear stochastic differential equation `dx = f(t)·x dt + g(t) dw` for `t` in [0, 1] that transforms data into
/// noise (Song et al. 2021, <https://arxiv.org/abs/2011.13456>, section 3.4 and appendix B).
///
/// With `B(t) = ∫_0^t beta = beta_min·t + (beta_max − beta_min)·t²/2`:
///
/// | | `f(t)` | `g(t)²` | `alpha` | `sigma` |
/// |---|---|---|---|---|
/// | VP (eq. 11, 29) | `−beta(t)/2` | `beta(t)` | `exp(−B/2)` | `√(1 − exp(−B))` |
/// | sub-VP (eq. 12, 29) | `−beta(t)/2` | `beta(t)·(1 − exp(−2B))` | `exp(−B/2)` | `1 − exp(−B)` |
/// | VE (eq. 9, 29) | 0 | `d(sigma²)/dt` | 1 | `sigma_min·(sigma_max/sigma_min)^t` |
///
/// Networks are conditioned on `t`, VE networks on `sigma`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sde {
    /// Variance-preserving: the limit of DDPM for many steps.
    VariancePreserving {
        /// `beta(0)`
        beta_min: f64,
        /// `beta(1)`
        beta_max: f64,
    },
    /// Sub-variance-preserving: the same drift, with less noise at every time.
    SubVariancePreserving {
        /// `beta(0)`
        beta_min: f64,
        /// `beta(1)`
        beta_max: f64,
    },
    /// Variance-exploding: the limit of NCSN's noise levels.
    VarianceExploding {
        /// Smallest noise.
        sigma_min: f64,
        /// Largest noise.
        sigma_max: f64,
    },
}

impl Sde {
    /// The level at time `t`.
    pub fn level(self, t: f64) -> NoiseLevel {
        match self {
            Self::VariancePreserving { .. } => {
                let integral = self.beta_integral(t);
                NoiseLevel {
                    time: t,
                    alpha: (-integral / 2.0).exp(),
                    sigma: (-(-integral).exp_m1()).sqrt(),
                }
            }
            Self::SubVariancePreserving { .. } => {
                let integral = self.beta_integral(t);
                NoiseLevel {
                    time: t,
                    alpha: (-integral / 2.0).exp(),
                    sigma: -(-integral).exp_m1(),
                }
            }
            Self::VarianceExploding {
                sigma_min,
                sigma_max,
            } => {
                let sigma = sigma_min * (sigma_max / sigma_min).powf(t);
                NoiseLevel {
                    time: sigma,
                    alpha: 1.0,
                    sigma,
                }
            }
        }
    }

    /// `f(t)` of the drift `f(t)·x`.
    pub fn drift(self, t: f64) -> f64 {
        -self.beta(t) / 2.0
    }

    /// `g(t)²`, the variance that the diffusion term adds per unit of time.
    pub fn diffusion_squared(self, t: f64) -> f64 {
        match self {
            Self::VariancePreserving { .. } => self.beta(t),
            Self::SubVariancePreserving { .. } => {
                self.beta(t) * -(-2.0 * self.beta_integral(t)).exp_m1()
            }
            Self::VarianceExploding {
                sigma_min,
                sigma_max,
            } => 2.0 * (sigma_max / sigma_min).ln() * self.level(t).sigma.powi(2),
        }
    }

    /// The level with `sigma/alpha = noise_to_signal`.
    pub fn at_noise_to_signal(self, noise_to_signal: f64) -> NoiseLevel {
        let t = match self {
            Self::VariancePreserving { .. } => {
                self.time_of_integral((noise_to_signal * noise_to_signal).ln_1p())
            }
            // With e = exp(B/2) the noise-to-signal ratio is e − 1/e = 2·sinh(B/2).
            Self::SubVariancePreserving { .. } => {
                self.time_of_integral(2.0 * (noise_to_signal / 2.0).asinh())
            }
            Self::VarianceExploding {
                sigma_min,
                sigma_max,
            } => (noise_to_signal / sigma_min).ln() / (sigma_max / sigma_min).ln(),
        };
        self.level(t)
    }

    fn betas(self) -> (f64, f64) {
        match self {
            Self::VariancePreserving { beta_min, beta_max }
            | Self::SubVariancePreserving { beta_min, beta_max } => (beta_min, beta_max),
            Self::VarianceExploding { .. } => (0.0, 0.0),
        }
    }

    fn beta(self, t: f64) -> f64 {
        let (min, max) = self.betas();
        min + t * (max - min)
    }

    fn beta_integral(self, t: f64) -> f64 {
        let (min, max) = self.betas();
        t * (min + t * (max - min) / 2.0)
    }

    /// The `t` with `B(t) = integral`, the positive root of a quadratic.
    fn time_of_integral(self, integral: f64) -> f64 {
        let (min, max) = self.betas();
        let root = (min * min + 2.0 * (max - min) * integral).sqrt();
        2.0 * integral / (min + root)
    }
}
