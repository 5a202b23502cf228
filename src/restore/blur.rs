//! Gaussian blur, which is diagonal in the basis of the cosine transform.

use std::f64::consts::PI;

use burn::tensor::{Device, Tensor, TensorData};

use super::LinearOperator;
use super::separable::{matrix, tensor};

/// Convolution with a Gaussian, with the image mirrored at its borders.
///
/// In the basis of the type-II cosine transform the frequency `(i, j)` of an image of `h × w` pixels is multiplied by
/// `exp(−std²/2·((πi/h)² + (πj/w)²))`, which is its singular value. The map is symmetric.
#[derive(Clone, Debug)]
pub struct GaussianBlur {
    /// Orthonormal cosine transforms of columns and rows.
    transforms: [Tensor<4>; 2],
    /// Singular values, `height × width`.
    singular: Vec<f64>,
    size: [usize; 2],
}

impl GaussianBlur {
    /// A blur whose Gaussian has the standard deviation `std`, in pixels.
    pub fn new(size: [usize; 2], std: f64, device: &Device) -> Self {
        let gains = size.map(|side| {
            let gain = move |k: usize| (-0.5 * (std * PI * k as f64 / side as f64).powi(2)).exp();
            (0..side).map(gain).collect::<Vec<f64>>()
        });
        let products = |row: &f64| gains[1].iter().map(|column| row * column).collect();
        let products: Vec<Vec<f64>> = gains[0].iter().map(products).collect();
        Self {
            transforms: size.map(|side| tensor(&cosines(side), device)),
            singular: products.concat(),
            size,
        }
    }

    fn filtered(&self, images: Tensor<4>, gain: &dyn Fn(f64) -> f64) -> Tensor<4> {
        let [rows, columns] = self.transforms.clone();
        let gains: Vec<f32> = self.singular.iter().map(|s| gain(*s) as f32).collect();
        let shape = [1, 1, self.size[0], self.size[1]];
        let gains = Tensor::from_data(TensorData::new(gains, shape), &images.device());
        let frequencies = rows
            .clone()
            .matmul(images)
            .matmul(columns.clone().swap_dims(2, 3));
        rows.swap_dims(2, 3)
            .matmul(frequencies * gains)
            .matmul(columns)
    }
}

impl LinearOperator<4> for GaussianBlur {
    fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        self.filtered(images, &|singular| singular)
    }

    fn adjoint(&self, observed: Tensor<4>) -> Tensor<4> {
        self.apply(observed)
    }

    fn filter(&self, images: Tensor<4>, gain: &dyn Fn(f64) -> f64) -> Option<Tensor<4>> {
        Some(self.filtered(images, gain))
    }
}

/// The orthonormal type-II cosine transform, one frequency per row.
fn cosines(side: usize) -> Vec<Vec<f32>> {
    let n = side as f64;
    matrix(side, side, |frequency, pixel| {
        let scale = if frequency == 0 { 1.0 / n } else { 2.0 / n };
        let phase = PI * frequency as f64 * (pixel as f64 + 0.5) / n;
        (scale.sqrt() * phase.cos()) as f32
    })
}
