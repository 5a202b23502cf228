//! The Fréchet distance between Gaussians.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::Features;
use crate::{Error, Result};

/// A normal distribution in many dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Gaussian {
    /// From its mean, `[dimensions]`, and its covariance, `[dimensions, dimensions]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the lengths do not fit, a number is not finite, or the covariance is not symmetric. That it has no negative eigenvalue is not
    /// checked; such are taken to be 0.
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

    /// The mean of the vectors and their covariance, unbiased as of `numpy.cov`, in `f64`.
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

    /// Numbers in the mean.
    pub fn dimensions(&self) -> usize {
        self.mean.len()
    }

    /// The Fréchet distance of two normal distributions, squared as it is reported everywhere:
    ///
    /// `d² = ‖m₁ − m₂‖² + Tr(C₁ + C₂ − 2·(C₁C₂)^½)`
    ///
    /// (Dowson & Landau 1982, eq. 4; Heusel et al. 2017, eq. 6, whose FID is this one for the features of an Inception network). The trace of the root is the sum
    /// of the singular values of `C₁^½·C₂^½`, which needs no root of a matrix that is not symmetric and is exact where a covariance is singular, too.
    ///
    /// For Gaussians fitted to samples it is too large by an amount that falls with their number: compare distances of equal counts alone.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for different numbers of dimensions.
    pub fn frechet_distance(&self, other: &Self) -> Result<f64> {
        if self.dimensions() != other.dimensions() {
            let expected = format!("{}, as of the other Gaussian", self.dimensions());
            return Err(Error::invalid("dimensions", expected, other.dimensions()));
        }
        let between_means = (&self.mean - &other.mean).norm_squared();
        let product = root(&self.covariance) * root(&other.covariance);
        let traces = self.covariance.trace() + other.covariance.trace();
        let squared = between_means + traces - 2.0 * product.singular_values().sum();
        Ok(squared.max(0.0)) // below 0 by rounding alone
    }
}

/// The symmetric root of a covariance. Eigenvalues that are 0 to rounding are 0: the root of what is left of them would be half the digits off.
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
