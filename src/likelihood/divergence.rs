//! The divergence of a denoiser, `∇·x0_hat(x)`, by automatic differentiation.

use std::cell::RefCell;

use burn::tensor::{Tensor, TensorData};

use crate::diffusion::{Denoiser, Estimate, NoiseLevel};
use crate::random::Generator;
use crate::{Error, Result};

/// How the divergence is computed. Each probe costs one evaluation and its gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divergence {
    /// Exact, with one derivative per value of a sample, which suits points. Models that [compute it
    /// themselves](Denoiser::denoise_with_divergence) are used directly.
    Exact,
    /// Hutchinson's estimator, the mean of `εᵀ·(∂x0_hat/∂x)·ε` over random signs `ε`, the same for all evaluations of a
    /// run (Hutchinson 1990; Grathwohl et al. 2019, eq. 8). Its variance is inversely proportional to the number of
    /// probes.
    Hutchinson {
        /// Number of probes.
        probes: usize,
        /// Seed of the probes.
        seed: u32,
    },
}

/// Upper limit of the number of probes, which are held in memory for the whole run.
const MAX_PROBES: usize = 1024;
/// Upper limit of the values of all probes together; 256 MiB.
const MAX_NUMBERS: usize = 1 << 26;

/// Probe vectors, and the divisor of the sum over them.
#[derive(Clone, Debug)]
pub struct Probes<const D: usize> {
    vectors: Vec<Tensor<D>>,
    count: f64,
    divergence: Divergence,
}

impl<const D: usize> Probes<D> {
    /// Probes for samples of this shape.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for zero or more than 1024 probes, and for probes with more than 2²⁶ values in total.
    /// The exact divergence has one probe per value of a sample.
    pub fn new(sample: &Tensor<D>, divergence: Divergence) -> Result<Self> {
        let shape = sample.dims();
        let numbers: usize = shape[1..].iter().product();
        let vector =
            |values: Vec<f32>| Tensor::from_data(TensorData::new(values, shape), &sample.device());
        match divergence {
            Divergence::Exact => {
                if (shape[0] * numbers).saturating_mul(numbers) > MAX_NUMBERS {
                    let expected = format!(
                        "Hutchinson's estimator for samples of this size: the exact divergence stores one vector per value, and at most {MAX_NUMBERS} numbers in total"
                    );
                    return Err(Error::invalid("divergence", expected, shape));
                }
                let unit = |index: usize| {
                    let values = (0..shape[0] * numbers).map(|i| f32::from(i % numbers == index));
                    vector(values.collect())
                };
                Ok(Self {
                    vectors: (0..numbers).map(unit).collect(),
                    count: 1.0,
                    divergence,
                })
            }
            Divergence::Hutchinson { probes, seed } => {
                let most = MAX_PROBES.min(MAX_NUMBERS / (shape[0] * numbers).max(1));
                if !(1..=most).contains(&probes) {
                    let expected = format!("between 1 and {most} for a batch of this size");
                    return Err(Error::invalid("probes", expected, probes));
                }
                let mut generator = Generator::new(seed);
                let mut signs = || {
                    let normals = generator.normal(shape[0] * numbers);
                    vector(normals.into_iter().map(|x| 1.0_f32.copysign(x)).collect())
                };
                Ok(Self {
                    vectors: (0..probes).map(|_| signs()).collect(),
                    count: probes as f64,
                    divergence,
                })
            }
        }
    }
}

/// A denoiser that records the divergence of each estimate.
pub(super) struct Differentiated<'a, M, const D: usize> {
    denoiser: &'a M,
    probes: &'a Probes<D>,
    divergence: RefCell<Option<Tensor<1>>>,
}

impl<'a, M: Denoiser<D>, const D: usize> Differentiated<'a, M, D> {
    pub fn new(denoiser: &'a M, probes: &'a Probes<D>) -> Self {
        Self {
            denoiser,
            probes,
            divergence: RefCell::new(None),
        }
    }

    /// Divergence of the latest estimate, `[batch]`.
    pub fn take(&self) -> Option<Tensor<1>> {
        self.divergence.take()
    }
}

impl<M: Denoiser<D>, const D: usize> Denoiser<D> for Differentiated<'_, M, D> {
    fn denoise(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D> {
        if self.probes.divergence == Divergence::Exact
            && let Some((estimate, divergence)) =
                self.denoiser.denoise_with_divergence(&noisy, level)
        {
            self.divergence.replace(Some(divergence));
            return estimate;
        }
        let mut sum: Option<Tensor<1>> = None;
        let mut clean = None;
        for probe in &self.probes.vectors {
            let x = noisy.clone().autodiff().require_grad();
            let estimate = self.denoiser.denoise(x.clone(), level).clean;
            let gradients = (estimate.clone() * probe.clone().autodiff())
                .sum()
                .backward();
            if let Some(gradient) = x.grad(&gradients) {
                // Reshaped to rows before the product: gradients may have the strides of a convolution.
                let rows = |images: Tensor<D>| -> Tensor<2> {
                    let batch = images.dims()[0];
                    images.reshape([batch as i32, -1])
                };
                let products = rows(gradient) * rows(probe.clone());
                let term = products.sum_dim(1).squeeze_dim::<1>(1);
                sum = Some(match sum {
                    Some(sum) => sum + term,
                    None => term,
                });
            }
            clean = Some(estimate.inner());
        }
        self.divergence
            .replace(sum.map(|sum| sum / self.probes.count));
        match clean {
            Some(clean) => Estimate::from(clean),
            None => self.denoiser.denoise(noisy, level),
        }
    }
}
