//! Prediction types of networks, and their conversion to the clean sample.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::NoiseLevel;

/// The quantity that a network predicts from `x_t = alpha·x_0 + sigma·eps`.
///
/// All are equivalent: together with `x_t`, each determines the others.
///
/// | output | `x_0 =` | source |
/// |---|---|---|
/// | noise `eps` | `(x_t − sigma·eps) / alpha` | Ho et al. 2020, eq. 15 |
/// | clean `x_0` | itself | |
/// | velocity `v = alpha·eps − sigma·x_0` | `alpha·x_t − sigma·v` | Salimans & Ho 2022, app. D |
/// | score `∇ log p_t(x_t) = −eps/sigma` | `(x_t + sigma²·score) / alpha` | Tweedie's formula; Efron 2011 |
/// | flow velocity `u = eps − x_0` | `(x_t − sigma·u) / (alpha + sigma)` | Lipman et al. 2023, eq. 22 |
/// | `F` of EDM | `c_skip·x_t/alpha + c_out·F` | Karras et al. 2022, eq. 7 |
/// | `F` of a consistency model | the same with other `c_skip`, `c_out` | Song et al. 2023, appendix C |
///
/// With `s = sigma/alpha` and data of standard deviation `d`, EDM has `c_skip = d²/(s² + d²)` and
/// `c_out = s·d/√(s² + d²)`. A consistency model, which must be exact at the smallest noise `s_min`, has
/// `c_skip = d²/((s − s_min)² + d²)` and `c_out = (s − s_min)·d/√(s² + d²)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// The noise `eps`; `"epsilon"` in diffusers.
    Noise,
    /// The clean sample `x_0`; `"sample"` in diffusers.
    Clean,
    /// `v = alpha·eps − sigma·x_0`; `"v_prediction"` in diffusers.
    Velocity,
    /// The score of the noisy marginal, `∇ log p_t(x_t)`.
    Score,
    /// `u = eps − x_0`, the direction of the straight line from data to noise; `"flow_prediction"`.
    FlowVelocity,
    /// `F` of EDM.
    Edm {
        /// Standard deviation of the data.
        sigma_data: f64,
    },
    /// `−F` of EDM; `"v_prediction"` in diffusers' EDM schedulers.
    EdmVelocity {
        /// Standard deviation of the data.
        sigma_data: f64,
    },
    /// `F` of a consistency model.
    Consistency {
        /// Standard deviation of the data.
        sigma_data: f64,
        /// Smallest noise-to-signal ratio, at which the model is the identity.
        sigma_min: f64,
    },
}

impl Prediction {
    /// The factors `(a, b)` of `x_0 = a·x_t + b·output`.
    ///
    /// Infinite for [`Noise`](Self::Noise) and [`Score`](Self::Score) where `alpha` is 0: pure noise contains no
    /// information about the sample.
    pub fn clean_coefficients(self, level: NoiseLevel) -> (f64, f64) {
        let NoiseLevel { alpha, sigma, .. } = level;
        match self {
            Self::Noise => (1.0 / alpha, -sigma / alpha),
            Self::Clean => (0.0, 1.0),
            Self::Velocity => (alpha, -sigma),
            Self::Score => (1.0 / alpha, sigma * sigma / alpha),
            Self::FlowVelocity => (1.0 / (alpha + sigma), -sigma / (alpha + sigma)),
            Self::Edm { sigma_data } => preconditioning(level, sigma_data, 0.0),
            Self::EdmVelocity { sigma_data } => {
                let (skip, out) = preconditioning(level, sigma_data, 0.0);
                (skip, -out)
            }
            Self::Consistency {
                sigma_data,
                sigma_min,
            } => preconditioning(level, sigma_data, sigma_min),
        }
    }

    /// Estimate of `x_0` from the noisy sample and the network's output, of any shape.
    pub fn clean<const D: usize>(
        self,
        noisy: Tensor<D>,
        output: Tensor<D>,
        level: NoiseLevel,
    ) -> Tensor<D> {
        let (from_noisy, from_output) = self.clean_coefficients(level);
        match self {
            Self::Clean => output,
            _ => noisy * from_noisy + output * from_output,
        }
    }
}

/// `c_skip/alpha` and `c_out`.
fn preconditioning(level: NoiseLevel, sigma_data: f64, sigma_min: f64) -> (f64, f64) {
    let noise_to_signal = level.noise_to_signal();
    let above = noise_to_signal - sigma_min;
    let skip = sigma_data * sigma_data / (above * above + sigma_data * sigma_data);
    let out = above * sigma_data / noise_to_signal.hypot(sigma_data);
    (skip / level.alpha, out)
}
