//! The optimal denoiser: exact posterior means, without training.

mod on_cpu;

use std::f64::consts::TAU;

use burn::tensor::{DType, Device, Tensor, TensorData, activation::softmax};

use self::on_cpu::Marginal;
use super::{Denoiser, Estimate, NoiseLevel};
use crate::{Error, Result};

/// The exact posterior mean `E[x_0 | x_t]` for data with a known distribution.
///
/// The data distribution is a mixture of `n` isotropic Gaussians `N(mean_k, std_k²)` with weights `w_k`. A data set is
/// the mixture of its points with standard deviation 0; its ideal denoiser can only reproduce the data set, the extreme
/// case of memorisation. With `v_k = alpha²·std_k² + sigma²` the noisy marginal is
/// `p_t(x) = Σ w_k N(x; alpha·mean_k, v_k)` and
///
/// `E[x_0 | x] = Σ r_k(x)·(mean_k + alpha·std_k²/v_k·(x − alpha·mean_k))`,
///
/// where `r_k(x) ∝ w_k N(x; alpha·mean_k, v_k)` are the responsibilities (Karras et al. 2022, eq. 57 for a data set).
/// The score `∇ ln p_t` and the velocity of the flow follow from it: see [`Quantity`](super::Quantity).
///
/// It is exact up to rounding in `f32`, and is the oracle of the sampler tests. Queries are processed one by one on the
/// CPU, and in batches that fit into memory on other devices.
#[derive(Clone, Debug)]
pub struct IdealDenoiser {
    means: Tensor<2>, // [components, features]
    stds: Vec<f64>,
    weights: Vec<f64>,
}

/// Maximum number of values of an intermediate tensor, `[queries, components, features]`: 16 MiB.
const MAX_AT_ONCE: usize = 1 << 22;

/// Upper limit of coordinates and standard deviations: beyond it, squared distances in units of the smallest noise
/// overflow `f32`.
pub(crate) const MAX_COORDINATE: f64 = 1e6;

impl IdealDenoiser {
    /// The ideal denoiser of a finite data set, `points` of shape `[points, features]`.
    pub fn of_points(points: Tensor<2>) -> Self {
        let [count, _] = points.dims();
        Self {
            means: points,
            stds: vec![0.0; count],
            weights: vec![1.0; count],
        }
    }

    /// The ideal denoiser of a Gaussian mixture: `means` of shape `[components, features]`, and a standard deviation
    /// and a weight for each component. The weights need not sum to 1.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the lengths differ, a standard deviation is negative or above 1e6, or a weight is
    /// not positive.
    pub fn of_mixture(means: Tensor<2>, stds: Vec<f64>, weights: Vec<f64>) -> Result<Self> {
        let [count, _] = means.dims();
        let all = |name: &str, values: &[f64], expected: &str, ok: fn(f64) -> bool| {
            let fits = values.len() == count && values.iter().all(|v| v.is_finite() && ok(*v));
            let expected = format!("{expected}, one for each of the {count} components");
            if fits {
                Ok(())
            } else {
                Err(Error::invalid(name, expected, values))
            }
        };
        all("spreads", &stds, "from 0 to 1e6", |v| {
            (0.0..=MAX_COORDINATE).contains(&v)
        })?;
        all("weights", &weights, "from 1e-100 to 1e100", |v| {
            (1e-100..=1e100).contains(&v)
        })?;
        Ok(Self {
            means,
            stds,
            weights,
        })
    }

    /// Number of values of a sample: 2 for points in the plane.
    pub fn features(&self) -> usize {
        self.means.dims()[1]
    }

    /// `ln p_t(x)` of the noisy marginal at this level, in nats, for each row of `x`, `[count, features]`. Returns
    /// `[count]`.
    pub fn log_density(&self, x: Tensor<2>, level: NoiseLevel) -> Tensor<1> {
        let [count, features] = x.dims();
        let total: f64 = self.weights.iter().sum();
        let constant = total.ln() + features as f64 / 2.0 * TAU.ln();
        let log_sums = if is_on_cpu(&x) {
            let sums = self.marginal(level).log_sums(&numbers(x.clone()));
            Tensor::from_data(TensorData::new(sums, [count]), &x.device())
        } else {
            self.in_parts(x, |part| {
                let logits = self.logits(part, level);
                let largest = logits.clone().max_dim(1);
                (logits - largest.clone()).exp().sum_dim(1).log() + largest
            })
            .squeeze_dim::<1>(1)
        };
        log_sums - constant
    }

    fn at(&self, level: NoiseLevel) -> Components<'_> {
        Components {
            stds: &self.stds,
            weights: &self.weights,
            level,
        }
    }

    fn marginal(&self, level: NoiseLevel) -> Marginal {
        let means = numbers(self.means.clone());
        Marginal::new(&means, self.features(), &self.at(level))
    }

    /// The posterior means of the rows of `x`, `[count, features]`.
    fn posterior_mean(&self, x: Tensor<2>, level: NoiseLevel) -> Tensor<2> {
        let components = self.at(level);
        let gains = self.row(components.gains());
        let pulls = self.row(components.pulls());
        self.in_parts(x, |x| {
            let responsibilities = softmax(self.logits(x.clone(), level), 1);
            let gain = responsibilities.clone() * gains.clone();
            let pull = responsibilities * pulls.clone();
            x * gain.sum_dim(1) + pull.matmul(self.means.clone())
        })
    }

    /// `ln(w_k N(x; alpha·mean_k, v_k))` up to a constant, for each row of `x`: `[count, components]`.
    fn logits(&self, x: Tensor<2>, level: NoiseLevel) -> Tensor<2> {
        let components = self.at(level);
        // Expanding the square, |x|² − 2x·m + |m|², would cancel.
        let difference =
            x.unsqueeze_dim::<3>(1) - self.means.clone().unsqueeze::<3>() * level.alpha;
        let squared = difference.powi_scalar(2).sum_dim(2).squeeze_dim::<2>(2); // [count, components]
        self.row(components.priors(self.features()))
            - squared * self.row(components.half_precisions())
    }

    /// Applies `function` to batches of rows that fit into memory.
    fn in_parts(&self, x: Tensor<2>, function: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        let [components, features] = self.means.dims();
        let rows = (MAX_AT_ONCE / (components * features)).max(1);
        match x.dims()[0] {
            count if count <= rows => function(x),
            _ => Tensor::cat(x.split(rows, 0).into_iter().map(function).collect(), 0),
        }
    }

    /// One value per component as a row `[1, components]`, on the device of the means.
    fn row(&self, values: Vec<f64>) -> Tensor<2> {
        let data = TensorData::new(values, [1, self.stds.len()]);
        Tensor::from_data(data, (&self.means.device(), self.means.dtype()))
    }
}

impl<const D: usize> Denoiser<D> for IdealDenoiser {
    fn denoise(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D> {
        let shape = noisy.dims();
        if is_on_cpu(&noisy) {
            let device = noisy.device();
            let mut values = numbers(noisy);
            self.marginal(level).denoise(&mut values);
            return Estimate::from(Tensor::from_data(TensorData::new(values, shape), &device));
        }
        let rows = noisy.reshape([shape[0] as i32, -1]);
        Estimate::from(self.posterior_mean(rows, level).reshape(shape))
    }

    fn denoise_with_divergence(
        &self,
        noisy: &Tensor<D>,
        level: NoiseLevel,
    ) -> Option<(Estimate<D>, Tensor<1>)> {
        if !is_on_cpu(noisy) {
            return None;
        }
        let (device, shape) = (noisy.device(), noisy.dims());
        let mut values = numbers(noisy.clone());
        let divergence = self.marginal(level).denoise_with_divergence(&mut values);
        let clean = Tensor::from_data(TensorData::new(values, shape), &device);
        let divergence = Tensor::from_data(TensorData::new(divergence, [shape[0]]), &device);
        Some((Estimate::from(clean), divergence))
    }
}

/// Whether the values are `f32` in CPU memory and no gradients are tracked.
fn is_on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.device() == Device::flex() && tensor.dtype() == DType::F32 && !tensor.is_autodiff()
}

/// The values of a tensor on the CPU.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The components of the mixture at a noise level.
struct Components<'a> {
    stds: &'a [f64],
    weights: &'a [f64],
    level: NoiseLevel,
}

impl Components<'_> {
    /// `v_k`, the variance of each component of the noisy marginal.
    fn variances(&self) -> impl Iterator<Item = f64> {
        let NoiseLevel { alpha, sigma, .. } = self.level;
        let noisy = move |std: &f64| (alpha * std).powi(2) + sigma.powi(2);
        self.stds.iter().map(noisy)
    }

    /// `ln w_k − d/2·ln v_k` for `d` features.
    fn priors(&self, features: usize) -> Vec<f64> {
        let half = features as f64 / 2.0;
        let prior = |(variance, weight): (f64, &f64)| weight.ln() - half * variance.ln();
        self.variances().zip(self.weights).map(prior).collect()
    }

    /// `1/(2·v_k)`
    fn half_precisions(&self) -> Vec<f64> {
        self.variances().map(|variance| 0.5 / variance).collect()
    }

    /// `alpha·std_k²/v_k`, the derivative of a component's posterior mean with respect to the noisy sample.
    fn gains(&self) -> Vec<f64> {
        let alpha = self.level.alpha;
        let gain = |(variance, std): (f64, &f64)| alpha * std * std / variance;
        self.variances().zip(self.stds).map(gain).collect()
    }

    /// `1 − alpha·gain_k`, the weight of the component's mean.
    fn pulls(&self) -> Vec<f64> {
        let alpha = self.level.alpha;
        let gains = self.gains().into_iter();
        gains.map(|gain| 1.0 - alpha * gain).collect()
    }
}
