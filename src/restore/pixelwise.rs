//! Operators on single pixels: masks and grey.

use burn::tensor::Tensor;

use super::LinearOperator;
use super::operator::two_valued_filter;

/// Observes some of the pixels: `y = mask·x`, in the shape of the images. Hidden pixels are 0 in `y`.
#[derive(Clone, Debug)]
pub struct Inpaint {
    /// 1 for known pixels and 0 for hidden ones, in a shape that broadcasts to the images: `[1, 1, height, width]`.
    pub mask: Tensor<4>,
}

impl LinearOperator<4> for Inpaint {
    fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        images * self.mask.clone()
    }

    fn adjoint(&self, observed: Tensor<4>) -> Tensor<4> {
        observed * self.mask.clone()
    }

    fn known(&self, observed: Tensor<4>) -> Tensor<4> {
        observed * self.mask.clone()
    }

    fn filter(&self, images: Tensor<4>, gain: &dyn Fn(f64) -> f64) -> Option<Tensor<4>> {
        Some(two_valued_filter(self, 1.0, images, gain))
    }
}

/// Observes the mean of the channels, `[batch, 1, height, width]`. All singular values are `1/√channels`.
#[derive(Clone, Copy, Debug)]
pub struct Grey {
    /// Number of channels of the images.
    pub channels: usize,
}

impl LinearOperator<4> for Grey {
    fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        images.mean_dim(1)
    }

    fn adjoint(&self, observed: Tensor<4>) -> Tensor<4> {
        observed.repeat_dim(1, self.channels) / self.channels as f64
    }

    fn filter(&self, images: Tensor<4>, gain: &dyn Fn(f64) -> f64) -> Option<Tensor<4>> {
        let singular = (self.channels as f64).sqrt().recip();
        Some(two_valued_filter(self, singular, images, gain))
    }
}
