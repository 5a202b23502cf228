//! What a network learns from in one step.

use burn::tensor::{Device, Tensor, TensorData};

use super::Samples;
use crate::diffusion::NoiseLevel;
use crate::{Error, Result};

/// Noisy samples, their levels, and what the network should answer, in the memory of the CPU; numbers in row-major order.
#[derive(Clone, Debug)]
pub struct Batch<const D: usize> {
    /// `[batch, …]`
    pub(super) shape: [usize; D],
    /// `x_t`
    pub(super) noisy: Vec<f32>,
    /// What the network should output.
    pub(super) target: Vec<f32>,
    /// Of each sample.
    pub(super) levels: Vec<NoiseLevel>,
    /// `w` of each sample.
    pub(super) weights: Vec<f32>,
    /// Of each sample; empty where the data have none.
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
    /// Samples that were made noisy elsewhere, `shape` being `[batch, …]`: all count alike.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the lengths do not fit the shape.
    pub fn new(
        noisy: Vec<f32>,
        target: Vec<f32>,
        levels: Vec<NoiseLevel>,
        shape: [usize; D],
    ) -> Result<Self> {
        let count: usize = shape.iter().product();
        let found = [noisy.len(), target.len(), levels.len()];
        if count == 0 || found != [count, count, shape[0]] {
            let expected = format!("{:?}, as {shape:?} implies", [count, count, shape[0]]);
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

    /// Empties it for `count` samples; the memory is kept.
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

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The noise level of each sample.
    pub fn levels(&self) -> &[NoiseLevel] {
        &self.levels
    }

    /// The class of each sample; empty where the data have none.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The noisy samples `x_t`.
    pub fn noisy(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.noisy.clone(), self.shape), device)
    }

    /// What the network should output for them.
    pub fn target(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.target.clone(), self.shape), device)
    }

    /// The weight of each sample in the loss, `[batch, 1, …]`.
    pub fn weights(&self, device: &Device) -> Tensor<D> {
        let mut shape = [1; D];
        shape[0] = self.len();
        Tensor::from_data(TensorData::new(self.weights.clone(), shape), device)
    }

    /// Numbers in a sample.
    pub(super) fn row_size(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// The loss of a network that answers 0 to everything, `mean w·target²`.
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
