//! Quantities derived from the output of a denoiser.

use burn::tensor::Tensor;

use super::{Denoiser, NoiseLevel};

/// A quantity that follows from the noisy sample `x` and the estimate `x0_hat` of the clean sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// `x0_hat`, the posterior mean of the clean sample.
    Clean,
    /// `eps_hat = (x − alpha·x0_hat)/sigma`, the posterior mean of the noise.
    Noise,
    /// `∇ ln p_t(x) = −eps_hat/sigma` (Tweedie's formula; Efron 2011).
    Score,
    /// `v = alpha·eps_hat − sigma·x0_hat` (Salimans & Ho 2022, appendix D). Where `alpha² + sigma² = 1`, it is the
    /// velocity `dx/dφ` of the probability flow with respect to the angle `φ = atan(sigma/alpha)`. It points towards
    /// noise, and is finite everywhere.
    Velocity,
}

impl Quantity {
    /// Value at `x`, in the same shape. The level must have some noise.
    pub fn of<const D: usize>(
        self,
        denoiser: &impl Denoiser<D>,
        x: Tensor<D>,
        level: NoiseLevel,
    ) -> Tensor<D> {
        let NoiseLevel { alpha, sigma, .. } = level;
        let clean = denoiser.denoise(x.clone(), level).clean;
        let (from_x, from_clean) = match self {
            Self::Clean => return clean,
            Self::Noise => (1.0 / sigma, -alpha / sigma),
            Self::Score => (-1.0 / (sigma * sigma), alpha / (sigma * sigma)),
            Self::Velocity => (alpha / sigma, -alpha * alpha / sigma - sigma),
        };
        x * from_x + clean * from_clean
    }
}
