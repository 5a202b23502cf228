//! The denoiser that cannot be improved: exact posterior means, no training.

use burn::tensor::{Tensor, TensorData, activation::softmax};

use super::{Denoiser, Estimate, NoiseLevel};
use crate::{Error, Result};

/// The exact posterior mean `E[x_0 | x_t]` for data whose distribution is known.
///
/// The data are a mixture of `n` isotropic Gaussians `N(mean_k, spread_k²)` with weights `w_k`; a data
/// set is the mixture of its points with spread 0 (its ideal denoiser can only reproduce it: the
/// picture of memorisation). With `v_k = alpha²·spread_k² + sigma²` the noisy marginal is
/// `p_t(x) = Σ w_k N(x; alpha·mean_k, v_k)` and
///
/// `E[x_0 | x] = Σ r_k(x)·(mean_k + alpha·spread_k²/v_k·(x − alpha·mean_k))`,
///
/// where `r_k(x) ∝ w_k N(x; alpha·mean_k, v_k)` are the responsibilities (Karras et al. 2022, eq. 57
/// for a data set).
///
/// It is exact up to the rounding of `f32`, and the oracle of the sampler tests.
#[derive(Clone, Debug)]
pub struct IdealDenoiser {
    means: Tensor<2>, // [components, features]
    spreads: Vec<f64>,
    weights: Vec<f64>,
}

impl IdealDenoiser {
    /// The ideal denoiser of a finite data set, `points` of shape `[points, features]`.
    pub fn of_points(points: Tensor<2>) -> Self {
        let [count, _] = points.dims();
        Self {
            means: points,
            spreads: vec![0.0; count],
            weights: vec![1.0; count],
        }
    }

    /// The ideal denoiser of a Gaussian mixture: `means` of shape `[components, features]`, with a standard deviation and
    /// a weight for each component. Weights need not sum to 1.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the lengths differ, a spread is negative or a weight is not positive.
    pub fn of_mixture(means: Tensor<2>, spreads: Vec<f64>, weights: Vec<f64>) -> Result<Self> {
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
        all("spreads", &spreads, "not negative", |v| v >= 0.0)?;
        all("weights", &weights, "positive", |v| v > 0.0)?;
        Ok(Self {
            means,
            spreads,
            weights,
        })
    }

    /// `v_k`, the variance of each component of the noisy marginal.
    fn noisy_variances(&self, level: NoiseLevel) -> impl Iterator<Item = f64> {
        let noisy = move |spread: &f64| (level.alpha * spread).powi(2) + level.sigma.powi(2);
        self.spreads.iter().map(noisy)
    }

    /// `r_k(x)` for each row of `x`: `[batch, components]`.
    fn responsibilities(&self, x: Tensor<2>, level: NoiseLevel) -> Tensor<2> {
        let features = x.dims()[1] as f64;
        let prior = self.noisy_variances(level).zip(&self.weights);
        let prior = prior.map(|(v, weight)| weight.ln() - features / 2.0 * v.ln());
        let precision = self.noisy_variances(level).map(|v| -0.5 / v);
        // The difference is taken before the square: |x|² − 2x·m + |m|² would cancel.
        let difference =
            x.unsqueeze_dim::<3>(1) - self.means.clone().unsqueeze::<3>() * level.alpha;
        let squared = difference.powi_scalar(2).sum_dim(2).squeeze_dim::<2>(2); // [batch, components]
        softmax(squared * self.row(precision) + self.row(prior), 1)
    }

    /// One number for each component, as a row `[1, components]` beside the means.
    fn row(&self, values: impl Iterator<Item = f64>) -> Tensor<2> {
        let values: Vec<f64> = values.collect();
        let data = TensorData::new(values, [1, self.spreads.len()]);
        Tensor::from_data(data, (&self.means.device(), self.means.dtype()))
    }
}

impl<const D: usize> Denoiser<D> for IdealDenoiser {
    fn denoise(&self, noisy: Tensor<D>, level: NoiseLevel) -> Estimate<D> {
        let shape = noisy.dims();
        let x: Tensor<2> = noisy.reshape([shape[0] as i32, -1]);
        let responsibilities = self.responsibilities(x.clone(), level);
        let gains: Vec<f64> = self
            .noisy_variances(level)
            .zip(&self.spreads)
            .map(|(v, spread)| level.alpha * spread * spread / v)
            .collect();
        let gain = responsibilities.clone() * self.row(gains.iter().copied());
        let pull = responsibilities * self.row(gains.iter().map(|gain| 1.0 - level.alpha * gain));
        let clean = x * gain.sum_dim(1) + pull.matmul(self.means.clone());
        Estimate::from(clean.reshape(shape))
    }
}
