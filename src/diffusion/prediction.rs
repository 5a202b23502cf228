//! What a network was trained to output, and the clean sample that follows from it.

use burn::tensor::Tensor;

use super::NoiseLevel;

/// What a network outputs when it is shown `x_t = alpha·x_0 + sigma·eps`.
///
/// All of them carry the same information; each column follows from `x_t` and one output:
///
/// | output | `x_0 =` | source |
/// |---|---|---|
/// | noise `eps` | `(x_t − sigma·eps) / alpha` | Ho et al. 2020, eq. 15 |
/// | clean `x_0` | itself | |
/// | velocity `v = alpha·eps − sigma·x_0` | `alpha·x_t − sigma·v` | Salimans & Ho 2022, app. D |
/// | score `∇ log p_t(x_t) = −eps/sigma` | `(x_t + sigma²·score) / alpha` | Tweedie's formula; Efron 2011 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// The noise `eps`; `"epsilon"` in diffusers.
    Noise,
    /// The clean sample `x_0`; `"sample"` in diffusers.
    Clean,
    /// `v = alpha·eps − sigma·x_0`; `"v_prediction"` in diffusers.
    Velocity,
    /// The score of the noisy marginal, `∇ log p_t(x_t)`.
    Score,
}

impl Prediction {
    /// The factors `(a, b)` of `x_0 = a·x_t + b·output`.
    ///
    /// Infinite for [`Noise`](Self::Noise) and [`Score`](Self::Score) where `alpha` is 0: pure noise
    /// says nothing about the sample.
    pub fn clean_coefficients(self, level: NoiseLevel) -> (f64, f64) {
        let NoiseLevel { alpha, sigma, .. } = level;
        match self {
            Self::Noise => (1.0 / alpha, -sigma / alpha),
            Self::Clean => (0.0, 1.0),
            Self::Velocity => (alpha, -sigma),
            Self::Score => (1.0 / alpha, sigma * sigma / alpha),
        }
    }

    /// The estimate of `x_0` from the noisy sample and the network's output, in any shape.
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
