//! A matrix as an operator.

use burn::tensor::{Device, Tensor, TensorData};

use super::LinearOperator;

/// A matrix that multiplies each sample as a vector in row-major order.
#[derive(Clone, Debug)]
pub struct Dense<const D: usize> {
    matrix: Tensor<2>,
    /// Shape of a sample; its first entry, the batch, is not used.
    shape: [usize; D],
}

impl<const D: usize> Dense<D> {
    /// The matrix with `outputs` rows and one column per number of a sample of the shape `[batch, …]`.
    ///
    /// # Panics
    /// Where the number of values differs from `outputs` times the numbers of a sample.
    pub fn new(values: Vec<f32>, outputs: usize, shape: [usize; D], device: &Device) -> Self {
        let inputs = shape[1..].iter().product::<usize>();
        Self {
            matrix: Tensor::from_data(TensorData::new(values, [outputs, inputs]), device),
            shape,
        }
    }
}

impl<const D: usize> LinearOperator<D> for Dense<D> {
    /// `[batch, 1, …, outputs]`.
    fn apply(&self, images: Tensor<D>) -> Tensor<D> {
        let batch = images.dims()[0];
        let mut shape = [1; D];
        shape[0] = batch;
        shape[D - 1] = self.matrix.dims()[0];
        let rows: Tensor<2> = images.reshape([batch as i32, -1]);
        rows.matmul(self.matrix.clone().transpose()).reshape(shape)
    }

    fn adjoint(&self, observed: Tensor<D>) -> Tensor<D> {
        let batch = observed.dims()[0];
        let mut shape = self.shape;
        shape[0] = batch;
        let rows: Tensor<2> = observed.reshape([batch as i32, -1]);
        rows.matmul(self.matrix.clone()).reshape(shape)
    }
}
