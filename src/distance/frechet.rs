//! The Fréchet distance between Gaussians.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::Features;
use crate::{Error, Result};

/// A multivariate normal distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Gaussian {
    /// A normal distribution with this mean, `[dimensions]`, and covariance, `[dimensions, dimensions]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the lengths do not match, a value is not finite, or the covariance is not
    /// symmetric. Negative eigenvalues are not detected, and count as 0.
    pub fn new(mean: &[f64], covariance: &[f64]) -> Result<Self> {
        let dimensions = mean.len();
        if dimensions == 0 || covariance.len() != dimensions * dimensions {
            let expected = format!("{} numbers", dimensions * dimensions);
            return Err(Error::invalid("covariance", expected, covariance.len()));
        }
        if let Some(value) = mean.iter().chain(covariance).find(|x| !x.is_finite()) {
            return Err(Error::invalid(
                "mean and covariance",
                "finite numbers",
                value,
            ));
        }
        let covariance = DMatrix::from_row_slice(dimensions, dimensions, covariance);
        if (&covariance - covariance.transpose()).amax() > 1e-9 * covariance.amax() {
            return Err(Error::invalid("covariance", "symmetric", "one that is not"));
        }
        Ok(Self {
            mean: DVector::from_column_slice(mean),
            covariance,
        })
    }

    /// The normal distribution with the mean and covariance of the vectors, unbiased as in `numpy.cov`, computed in
    /// `f64`.
    pub fn fit(features: Features) -> Self {
        let (count, dimensions) = (features.len(), features.dimensions());
        let mut mean = DVector::zeros(dimensions);
        for row in features.rows() {
            for (mean, value) in mean.iter_mut().zip(row) {
                *mean += f64::from(*value);
            }
        }
        mean /= count as f64;
        let mut covariance = DMatrix::zeros(dimensions, dimensions);
        let mut centred = vec![0.0; dimensions];
        for row in features.rows() {
            for ((centred, value), mean) in centred.iter_mut().zip(row).zip(&mean) {
                *centred = f64::from(*value) - mean;
            }
            for (column, factor) in centred.iter().enumerate() {
                let mut sums = covariance.column_mut(column);
                for (sum, value) in sums.iter_mut().zip(&centred) {
                    *sum += factor * value;
                }
            }
        }
        covariance /= (count - 1) as f64;
        Self { mean, covariance }
    }

    /// Dimension of the space.
    pub fn dimensions(&self) -> usize {
        self.mean.len()
    }

    /// The Fréchet distance of two normal distributions, squared as usual:
    ///
    /// `d² = ‖m₁ − m₂‖² + Tr(C₁ + C₂ − 2·(C₁C₂)^½)`
    ///
    /// (Dowson & Landau 1982, eq. 4; Heusel et al. 2017, eq. 6. FID is this distance for the features of an Inception
    /// network). The trace of the root is computed as the sum of the singular values of `C₁^½·C₂^½`. This avoids the
    /// root of a non-symmetric matrix, and is also exact for singular covariances.
    ///
    /// The distance is biased upwards for Gaussians fitted to samples, by an amount that decreases with their number.
    /// Compare only distances of equal sample sizes.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for different numbers of dimensions.
    pub fn frechet_distance(&self, other: &Self) -> Result<f64> {
        if self.dimensions() != other.dimensions() {
            let expected = format!(
                "{}, the dimensions of the other Gaussian",
                self.dimensions()
            );
            return Err(Error::invalid("dimensions", expected, other.dimensions()));
        }
        let between_means = (&self.mean - &other.mean).norm_squared();
        let product = root(&self.covariance) * root(&other.covariance);
        let traces = self.covariance.trace() + other.covariance.trace();
        let squared = between_means + traces - 2.0 * product.singular_values().sum();
        Ok(squared.max(0.0)) // below 0 by rounding alone
    }
}

/// Symmetric square root of a covariance. Eigenvalues that are 0 up to rounding are set to 0, since their roots would
/// lose half of the digits.
fn root(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let SymmetricEigen {
        eigenvalues,
        eigenvectors,
    } = covariance.clone().symmetric_eigen();
    let least = eigenvalues.amax() * f64::EPSILON * eigenvalues.len() as f64;
    let root = |value: f64| if value > least { value.sqrt() } else { 0.0 };
    let roots = DMatrix::from_diagonal(&eigenvalues.map(root));
    &eigenvectors * roots * eigenvectors.transpose()
}
