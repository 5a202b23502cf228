//! Gaussian mixtures, whose noisy marginals are known in closed form.

use burn::tensor::{Device, Tensor, TensorData};

use crate::diffusion::{IdealDenoiser, MAX_COORDINATE};
use crate::{Error, Result};

/// A mixture `Σ w_k·N(mean_k, std_k²)` of isotropic Gaussians on a line or in the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixture {
    /// Means of the components, `[components, dimensions]` in row-major order.
    pub means: Vec<f64>,
    /// Standard deviation of each component.
    pub stds: Vec<f64>,
    /// Weight of each component; they need not sum to 1.
    pub weights: Vec<f64>,
    /// Dimension of the space, 1 or 2.
    pub dimensions: usize,
}

/// Upper limit of the number of components.
const MAX_COMPONENTS: usize = 1000;

impl GaussianMixture {
    /// The ideal denoiser of the mixture, on a device.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an invalid number of dimensions, for zero or more than 1000 components, for means
    /// that are not finite or whose number does not match the standard deviations, for a negative standard deviation,
    /// for a weight that is not positive, and for a mean or standard deviation above 1e6.
    pub fn denoiser(&self, device: &Device) -> Result<IdealDenoiser> {
        if !(1..=2).contains(&self.dimensions) {
            return Err(Error::invalid("dimensions", "1 or 2", self.dimensions));
        }
        let components = self.stds.len();
        if !(1..=MAX_COMPONENTS).contains(&components) {
            let expected = format!("one for each of 1 to {MAX_COMPONENTS} components");
            let found = format!("{components} numbers");
            return Err(Error::invalid("spreads", expected, found));
        }
        let numbers = components * self.dimensions;
        if self.means.len() != numbers {
            let expected = format!("{numbers} numbers, [{components}, {}]", self.dimensions);
            let found = format!("{} numbers", self.means.len());
            return Err(Error::invalid("means", expected, found));
        }
        let range = -MAX_COORDINATE..=MAX_COORDINATE;
        if let Some(mean) = self.means.iter().find(|mean| !range.contains(*mean)) {
            return Err(Error::invalid("means", "numbers from -1e6 to 1e6", mean));
        }
        let means: Vec<f32> = self.means.iter().map(|mean| *mean as f32).collect();
        let means = TensorData::new(means, [components, self.dimensions]);
        IdealDenoiser::of_mixture(
            Tensor::from_data(means, device),
            self.stds.clone(),
            self.weights.clone(),
        )
    }

    /// The mixture of `(x − mean)/scale`.
    pub(super) fn standardised(mut self, mean: [f64; 2], scale: f64) -> Self {
        let dimensions = self.dimensions;
        for (index, value) in self.means.iter_mut().enumerate() {
            *value = (*value - mean[index % dimensions]) / scale;
        }
        for std in &mut self.stds {
            *std /= scale;
        }
        self
    }
}
