//! Conversion of samples to pixels.

use burn::tensor::Tensor;

/// Range of pixel values of a model, from black to white.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataRange {
    /// [−1, 1], for almost all models.
    Symmetric,
    /// [0, 1], for variance-exploding models.
    Unit,
}

impl DataRange {
    /// Converts images with values in [−1, 1] to the range of the model.
    pub fn to_model(self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Symmetric => images,
            Self::Unit => images * 0.5 + 0.5,
        }
    }

    /// Converts images in the range of the model to values in [−1, 1].
    pub fn from_model(self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Symmetric => images,
            Self::Unit => images * 2.0 - 1.0,
        }
    }

    /// Units of the model per unit of [−1, 1].
    pub fn scale(self) -> f64 {
        match self {
            Self::Symmetric => 1.0,
            Self::Unit => 0.5,
        }
    }

    /// The values of black and white.
    pub fn limits(self) -> [f64; 2] {
        match self {
            Self::Symmetric => [-1.0, 1.0],
            Self::Unit => [0.0, 1.0],
        }
    }

    /// A value as a byte, rounded: 0 is black, 255 white.
    pub fn byte(self, value: f32) -> u8 {
        (self.brightness(value) * 255.0).round() as u8
    }

    /// Brightness, 0 to 1.
    fn brightness(self, value: f32) -> f32 {
        match self {
            Self::Symmetric => (value / 2.0 + 0.5).clamp(0.0, 1.0),
            Self::Unit => value.clamp(0.0, 1.0),
        }
    }
}

/// Samples `[batch, channels, pixels]` as RGBA bytes `[batch, pixels, 4]`, by diffusers' `(x/2 + 0.5)`, or `x` for
/// models with range [0, 1], clamped to [0, 1] and rounded. One channel is grey, three are RGB and four RGBA; for other
/// numbers the first channel is shown as grey.
pub fn rgba(values: &[f32], channels: usize, pixels: usize, range: DataRange) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.len() / channels * 4);
    for image in values.chunks_exact(channels * pixels) {
        for pixel in 0..pixels {
            let channel = |index: usize| range.byte(image[index * pixels + pixel]);
            bytes.extend(match channels {
                3 => [channel(0), channel(1), channel(2), 255],
                4 => [channel(0), channel(1), channel(2), channel(3)],
                _ => [channel(0), channel(0), channel(0), 255],
            });
        }
    }
    bytes
}
