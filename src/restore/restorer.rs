//! Methods that correct the estimate of the clean sample, for any sampler.

use burn::tensor::Tensor;

use super::operator::dot;
use super::{LinearOperator, Observation};
use crate::diffusion::{Denoiser, Estimate, NoiseLevel};
use crate::sampler::Clipping;

/// How the observation corrects the estimate `x0_hat`.
///
/// With `u = sigma/alpha`, the residual `e = y − A·x0_hat`, the Jacobian `J = ∂x0_hat/∂(x_t/alpha)`, the standard
/// deviation `noise` of the observation and the assumed variance `r² = v·u²/(v + u²)` of `x_0` given `x_t`, for data
/// of variance `v`:
///
/// | method | `x0_hat` becomes |
/// |---|---|
/// | replacement | `x0_hat + r²·Aᵀ(r²·AAᵀ + noise²)⁻¹·e` |
/// | ΠGDM | `x0_hat + u²·Jᵀ·Aᵀ(r²·AAᵀ + noise²)⁻¹·e` |
/// | DPS | `x0_hat + step_size·u·Jᵀ·Aᵀ·e/‖e‖` |
///
/// A correction `d` of `x0_hat` is a correction `alpha/sigma²·d` of the score: ΠGDM adds its approximation of
/// `∇ log p(y | x_t)` (Song et al. 2023, eq. 7, with the variance of section 3.2), which is exact for data from
/// `N(m, v)`. Replacement omits the Jacobian; with a mask and no noise it replaces the known pixels.
///
/// DPS (Chung et al. 2023, algorithm 1) subtracts `ζ_i·∇‖e‖²` from each sample, with `ζ_i = ζ/‖e‖`. Here the same
/// direction corrects the estimate, with a factor `u`: the pull decreases with the noise, and its sum over a run does not
/// depend on the number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Correction {
    /// No correction.
    None,
    /// Replacement of the observed part.
    Replacement,
    /// Pseudoinverse-guided diffusion.
    PiGdm,
    /// Diffusion posterior sampling.
    Dps {
        /// `ζ`, at least 0.
        step_size: f64,
    },
}

impl Correction {
    /// Whether an evaluation takes the gradient of the network, which costs about two further evaluations.
    pub fn needs_gradient(self) -> bool {
        matches!(self, Self::PiGdm | Self::Dps { .. })
    }
}

/// A denoiser whose estimates are corrected by an observation.
#[derive(Clone, Debug)]
pub struct Restorer<M, const D: usize> {
    denoiser: M,
    observation: Observation<D>,
    correction: Correction,
    clipping: Clipping,
}

impl<M: Denoiser<D>, const D: usize> Restorer<M, D> {
    /// The denoiser with a correction. Replacement and ΠGDM require a linear operator; with any other the estimate is
    /// unchanged.
    pub fn new(denoiser: M, observation: Observation<D>, correction: Correction) -> Self {
        Self {
            denoiser,
            observation,
            correction,
            clipping: Clipping::None,
        }
    }

    /// Clips the corrected estimate. Samplers also clip the estimate that they receive, but not the noise estimate
    /// derived from it, which a large correction would shift.
    pub fn clipped(self, clipping: Clipping) -> Self {
        Self { clipping, ..self }
    }

    /// The observation.
    pub fn observation(&self) -> &Observation<D> {
        &self.observation
    }

    /// The estimate, and `Jᵀ·v` for the direction `v` that `direction` computes from the clean sample.
    fn with_gradient(
        &self,
        noisy: Tensor<D>,
        level: NoiseLevel,
        direction: impl Fn(Tensor<D>) -> Tensor<D>,
    ) -> (Estimate<D>, Tensor<D>) {
        let x = noisy.autodiff().require_grad();
        let Estimate { clean, variance } = self.denoiser.denoise(x.clone(), level);
        let estimate = Estimate {
            clean: clean.clone().inner(),
            variance: variance.map(Tensor::inner),
        };
        let direction = direction(estimate.clean.clone());
        let gradients = (clean * direction.clone().autodiff()).sum().backward();
        let product = match x.grad(&gradients) {
            Some(gradient) => gradient * level.alpha,
            None => direction.zeros_like(),
        };
        (estimate, product)
    }

    /// `Aᵀ(AAᵀ + noise²/r²)⁻¹·e`.
    fn pull(&self, operator: &dyn LinearOperator<D>, clean: Tensor<D>, variance: f64) -> Tensor<D> {
        let ridge = self.observation.noise.powi(2) / variance;
        operator.regularised_inverse(self.observation.residual(clean), ridge)
    }

    /// `r²`.
    fn variance(&self, level: NoiseLevel) -> f64 {
        let (noise, data) = (
            level.noise_to_signal().powi(2),
            self.observation.data_variance,
        );
        noise * data / (noise + data)
    }

    fn replace(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D> {
        let estimate = self.denoiser.denoise(noisy, level);
        let Some(operator) = self.observation.operator.linear() else {
            return estimate;
        };
        let clean = estimate.clean;
        let pull = self.pull(operator.as_ref(), clean.clone(), self.variance(level));
        Estimate {
            clean: clean + pull,
            ..estimate
        }
    }

    fn guide_by_pseudo_inverse(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D> {
        let Some(operator) = self.observation.operator.linear() else {
            return self.denoiser.denoise(noisy, level);
        };
        let variance = self.variance(level);
        let pull = |clean| self.pull(operator.as_ref(), clean, variance);
        let (estimate, product) = self.with_gradient(noisy, level, pull);
        let factor = level.noise_to_signal().powi(2) / variance;
        Estimate {
            clean: estimate.clean + product * factor,
            ..estimate
        }
    }

    fn descend(&self, noisy: Tensor<D>, level: NoiseLevel, step_size: f64) -> Estimate<D> {
        let direction = |clean| {
            let residual = self.observation.residual(clean);
            let norm = dot(residual.clone(), residual.clone()).sqrt();
            self.observation.operator.adjoint(residual / (norm + 1e-12))
        };
        let (estimate, product) = self.with_gradient(noisy, level, direction);
        let factor = step_size * level.noise_to_signal();
        Estimate {
            clean: estimate.clean + product * factor,
            ..estimate
        }
    }
}

impl<M: Denoiser<D>, const D: usize> Denoiser<D> for Restorer<M, D> {
    /// Without signal or without noise the estimate is not corrected.
    fn denoise(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D> {
        if level.alpha == 0.0 || level.sigma == 0.0 {
            return self.denoiser.denoise(noisy, level);
        }
        let estimate = match self.correction {
            Correction::None => return self.denoiser.denoise(noisy, level),
            Correction::Replacement => self.replace(noisy, level),
            Correction::PiGdm => self.guide_by_pseudo_inverse(noisy, level),
            Correction::Dps { step_size } => self.descend(noisy, level, step_size),
        };
        Estimate {
            clean: self.clipping.apply(estimate.clean),
            ..estimate
        }
    }
}
