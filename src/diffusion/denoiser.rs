//! The interface between samplers and models.

use burn::tensor::Tensor;

use super::NoiseLevel;

/// A model that estimates the clean sample from a noisy one; the only interface that samplers require.
///
/// The optimal estimate is the posterior mean `E[x_0 | x_t]`. By Tweedie's formula it is equivalent to the score:
/// `E[x_0 | x_t] = (x_t + sigma²·∇ log p_t(x_t)) / alpha` (Robbins 1956; Efron 2011, eq. 1.4).
pub trait Denoiser<const D: usize> {
    /// The estimate for `noisy`, in the same shape. The first dimension is the batch; all samples are at the same
    /// `level`.
    fn denoise(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D>;

    /// The estimate with its divergence `∇·x0_hat`, `[batch]`, for models that compute it themselves; `None` selects
    /// automatic differentiation.
    fn denoise_with_divergence(
        &self,
        _noisy: &Tensor<D>,
        _level: NoiseLevel,
    ) -> Option<(Estimate<D>, Tensor<1>)> {
        None
    }
}

/// Output of a denoiser.
#[derive(Clone, Debug)]
pub struct Estimate<const D: usize> {
    /// Estimate of the clean sample `x_0`, in the shape of the noisy sample, before clipping.
    pub clean: Tensor<D>,
    /// Output for the variance of the reverse step, in the same shape, for models with a learned variance (Nichol &
    /// Dhariwal 2021, section 3.1).
    pub variance: Option<Tensor<D>>,
}

impl<const D: usize> From<Tensor<D>> for Estimate<D> {
    fn from(clean: Tensor<D>) -> Self {
        Self {
            clean,
            variance: None,
        }
    }
}
