//! Training batches.

use burn::tensor::{Device, Tensor, TensorData};

use super::Samples;
use crate::diffusion::NoiseLevel;
use crate::{Error, Result};

/// A training batch in CPU memory: noisy samples, their noise levels and targets. Numbers are in row-major order.
#[derive(Clone, Debug)]
pub struct Batch<const D: usize> {
    /// `[batch, …]`
    pub(super) shape: [usize; D],
    /// `x_t`
    pub(super) noisy: Vec<f32>,
    /// Training target of each sample.
    pub(super) target: Vec<f32>,
    /// Noise level of each sample.
    pub(super) levels: Vec<NoiseLevel>,
    /// Loss weight `w` of each sample.
    pub(super) weights: Vec<f32>,
    /// Class of each sample; empty for unlabelled data.
    pub(super) classes: Vec<usize>,
}

impl<const D: usize> Default for Batch<D> {
    fn default() -> Self {
        Self {
            shape: [0; D],
            noisy: Vec::new(),
            target: Vec::new(),
            levels: Vec::new(),
            weights: Vec::new(),
            classes: Vec::new(),
        }
    }
}

impl<const D: usize> Batch<D> {
    /// A batch of given noisy samples with equal weights. `shape` is `[batch, …]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the lengths do not match the shape.
    pub fn new(
        noisy: Vec<f32>,
        target: Vec<f32>,
        levels: Vec<NoiseLevel>,
        shape: [usize; D],
    ) -> Result<Self> {
        let count: usize = shape.iter().product();
        let found = [noisy.len(), target.len(), levels.len()];
        if count == 0 || found != [count, count, shape[0]] {
            let expected = format!(
                "{:?}, as required by the shape {shape:?}",
                [count, count, shape[0]]
            );
            return Err(Error::invalid(
                "the numbers of noisy values, targets and levels",
                expected,
                found,
            ));
        }
        Ok(Self {
            shape,
            noisy,
            target,
            weights: vec![1.0; levels.len()],
            levels,
            classes: Vec::new(),
        })
    }

    /// Clears the batch for `count` samples and keeps its allocations.
    pub(super) fn clear(&mut self, count: usize, samples: &Samples<D>) {
        self.shape = samples.shape();
        self.shape[0] = count;
        self.noisy.clear();
        self.target.clear();
        self.levels.clear();
        self.weights.clear();
        self.classes.clear();
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether the batch contains no samples.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The noise level of each sample.
    pub fn levels(&self) -> &[NoiseLevel] {
        &self.levels
    }

    /// Class of each sample; empty for unlabelled data.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The noisy samples `x_t`.
    pub fn noisy(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.noisy.clone(), self.shape), device)
    }

    /// Training targets of the noisy samples.
    pub fn target(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.target.clone(), self.shape), device)
    }

    /// Loss weight of each sample, `[batch, 1, …]`.
    pub fn weights(&self, device: &Device) -> Tensor<D> {
        let mut shape = [1; D];
        shape[0] = self.len();
        Tensor::from_data(TensorData::new(self.weights.clone(), shape), device)
    }

    /// Number of values per sample.
    pub(super) fn row_size(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// Loss of the zero predictor, `mean w·target²`.
    pub(super) fn zero_predictor_loss(&self) -> f64 {
        let size = self.row_size();
        let square = |row: &[f32]| row.iter().map(|x| f64::from(x * x)).sum::<f64>();
        let rows = self.target.chunks_exact(size).zip(&self.weights);
        let sum: f64 = rows
            .map(|(row, weight)| f64::from(*weight) * square(row))
            .sum();
        sum / self.target.len() as f64
    }
}
