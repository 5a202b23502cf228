//! Spacings of noise levels by their noise-to-signal ratio `sigma/alpha` instead of their timestep.

use statrs::distribution::{Beta, ContinuousCDF};

use super::schedule::linspace;
use crate::{Error, Result};

/// Spacing of the noise-to-signal ratios `sigma/alpha` of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SigmaSpacing {
    /// Evenly spaced in the `1/rho`-th power; `use_karras_sigmas` with `rho` 7 (Karras et al. 2022, eq. 5).
    Karras {
        /// Larger values are denser at low noise.
        rho: f64,
    },
    /// Evenly spaced in the logarithm; `use_exponential_sigmas`.
    Exponential,
    /// Quantiles of a beta distribution with both parameters 0.6, denser at both ends; `use_beta_sigmas` (Lee et al.
    /// 2024, <https://arxiv.org/abs/2407.12173>).
    Beta,
    /// Evenly spaced in the log-SNR; `use_lu_lambdas` (Lu et al. 2022, section 3.4). The ratios equal those of
    /// [`Exponential`](Self::Exponential); diffusers rounds their timesteps.
    LuLambdas,
}

/// Both parameters of the beta distribution, as in the paper.
const BETA_SHAPE: f64 = 0.6;

impl SigmaSpacing {
    /// `steps` decreasing noise-to-signal ratios from `most` to `least`, both included; only `most` for a single step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] unless `0 < least < most`; for a single step they may be equal.
    pub fn noise_to_signal_ratios(self, least: f64, most: f64, steps: usize) -> Result<Vec<f64>> {
        if !(0.0 < most && most.is_finite()) {
            return Err(Error::invalid("sigma_max", "positive and finite", most));
        }
        if !(0.0 < least && (least < most || steps == 1 && least == most)) {
            let expected = format!("positive, and less than sigma_max, which is {most:?}");
            return Err(Error::invalid("sigma_min", expected, least));
        }
        let even = |from: f64, to: f64| linspace(from, to, steps);
        Ok(match self {
            Self::Karras { rho } => even(most.powf(1.0 / rho), least.powf(1.0 / rho))
                .map(|root| root.powf(rho))
                .collect(),
            Self::Exponential | Self::LuLambdas => {
                even(most.ln(), least.ln()).map(f64::exp).collect()
            }
            Self::Beta => {
                let shape = "the shape parameters are positive";
                let beta = Beta::new(BETA_SHAPE, BETA_SHAPE).expect(shape);
                let noise_to_signal =
                    |quantile| least + beta.inverse_cdf(quantile) * (most - least);
                even(1.0, 0.0).map(noise_to_signal).collect()
            }
        })
    }
}
