//! What a sampler knows about a model.

use burn::tensor::Tensor;

use super::NoiseLevel;

/// Estimates the clean sample behind a noisy one: all that a sampler knows about a model.
///
/// The best estimate is the posterior mean `E[x_0 | x_t]`, which by Tweedie's formula is the score:
/// `E[x_0 | x_t] = (x_t + sigma²·∇ log p_t(x_t)) / alpha` (Robbins 1956; Efron 2011, eq. 1.4).
pub trait Denoiser<const D: usize> {
    /// The estimate for `noisy`, of the same shape; its first dimension is the batch, all of it at
    /// the same `level`.
    fn denoise(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D>;

    /// The estimate with its divergence `∇·x0_hat`, `[batch]`, from a model that has a way of its own to it; `None` leaves it to automatic
    /// differentiation.
    fn denoise_with_divergence(
        &self,
        _noisy: &Tensor<D>,
        _level: NoiseLevel,
    ) -> Option<(Estimate<D>, Tensor<1>)> {
        None
    }
}

/// A model's answer to a noisy sample.
#[derive(Clone, Debug)]
pub struct Estimate<const D: usize> {
    /// The clean sample `x_0`, in the shape of the noisy one, not yet clipped.
    pub clean: Tensor<D>,
    /// What a model with a learned variance says about the variance of the reverse step, in the
    /// same shape (Nichol & Dhariwal 2021, section 3.1).
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
