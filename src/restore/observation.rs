//! What is known about an image: an operator, the observed values and their noise.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::LinearOperator;
use super::operator::dot;

/// An operator `A`, linear or not.
#[derive(Clone, Debug)]
pub enum Operator<const D: usize> {
    /// A linear map.
    Linear(Arc<dyn LinearOperator<D>>),
    /// Rounds each value to the nearest of `levels` evenly spaced values of `range`.
    Quantise {
        /// Number of values, at least 2.
        levels: usize,
        /// Smallest and largest value.
        range: [f64; 2],
    },
}

impl<const D: usize> Operator<D> {
    /// `A(x)`.
    pub fn apply(&self, images: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Linear(operator) => operator.apply(images),
            Self::Quantise {
                levels,
                range: [low, high],
            } => {
                let step = (high - low) / (levels - 1) as f64;
                ((images.clamp(*low, *high) - *low) / step).round() * step + *low
            }
        }
    }

    /// `Aᵀ·y`. The derivative of quantisation is 0 almost everywhere and is replaced by the identity (the
    /// straight-through estimator of Bengio et al. 2013).
    pub fn adjoint(&self, observed: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Linear(operator) => operator.adjoint(observed),
            Self::Quantise { .. } => observed,
        }
    }

    /// Sets the entries of `y` that are not observed to 0.
    pub fn known(&self, observed: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Linear(operator) => operator.known(observed),
            Self::Quantise { .. } => observed,
        }
    }

    /// The operator, if it is linear.
    pub fn linear(&self) -> Option<&Arc<dyn LinearOperator<D>>> {
        match self {
            Self::Linear(operator) => Some(operator),
            Self::Quantise { .. } => None,
        }
    }
}

/// `y = A(x_0) + noise·z`, in the units of the model.
#[derive(Clone, Debug)]
pub struct Observation<const D: usize> {
    /// `A`.
    pub operator: Operator<D>,
    /// `y`, with a batch of 1 for all samples, or one for each.
    pub values: Tensor<D>,
    /// Standard deviation of the noise.
    pub noise: f64,
    /// Variance of a value of the data, which ΠGDM and replacement assume; 1 in the papers.
    pub data_variance: f64,
}

impl<const D: usize> Observation<D> {
    /// `y − A(x)`.
    pub fn residual(&self, clean: Tensor<D>) -> Tensor<D> {
        self.values.clone() - self.operator.apply(clean)
    }

    /// Root mean square of the residual of each sample, `[batch]`, comparable with [`noise`](Self::noise).
    pub fn residual_rms(&self, clean: Tensor<D>) -> Tensor<1> {
        let residual = self.residual(clean);
        let batch = residual.dims()[0];
        let known = self.operator.known(residual.ones_like());
        let squares = dot(residual.clone(), residual) / dot(known.clone(), known);
        squares.sqrt().reshape([batch])
    }
}
