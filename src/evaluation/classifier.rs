//! A small convolutional classifier.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Int, Tensor};

use crate::nn::convolution::Conv3x3;
use crate::nn::state_dict;
use crate::random::Generator;
use crate::{Error, Result};

/// Channels of the two convolutions.
const CHANNELS: [usize; 2] = [16, 32];

/// Dimension of a feature vector.
pub const FEATURES: usize = 64;

/// A classifier of images, `[batch, channels, height, width]` with values in [−1, 1]: two 3×3 convolutions with 16 and
/// 32 channels, each followed by ReLU and 2×2 max pooling, and two linear layers. The 64 ReLU outputs of the first
/// linear layer are the [features](Self::features) of an image.
#[derive(Module, Debug)]
pub struct Classifier {
    convolutions: Vec<Conv3x3>,
    hidden: Linear,
    output: Linear,
}

/// Shape of the inputs and outputs of a [`Classifier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImageKind {
    /// Number of channels: 1 is grey, 3 is RGB.
    pub channels: usize,
    /// Height and width, at least 4 each.
    pub size: [usize; 2],
    /// Number of classes, at least 2.
    pub classes: usize,
}

impl ImageKind {
    /// # Errors
    /// [`Error::InvalidOption`] for images that are too small for the network, and for fewer than two classes.
    pub fn check(&self) -> Result<()> {
        if self.channels == 0 || self.size.iter().any(|side| *side < 4) {
            let expected = "images of at least 4 by 4 pixels";
            let [height, width] = self.size;
            return Err(Error::invalid(
                "data",
                expected,
                [self.channels, height, width],
            ));
        }
        match self.classes {
            0 | 1 => Err(Error::invalid(
                "classes",
                "at least 2, to train the classifier",
                self.classes,
            )),
            _ => Ok(()),
        }
    }
}

impl Classifier {
    /// An untrained network, initialised with PyTorch's distributions.
    ///
    /// # Errors
    /// Those of [`ImageKind::check`].
    pub fn new(kind: ImageKind, generator: &mut Generator, device: &Device) -> Result<Self> {
        kind.check()?;
        let [first, second] = CHANNELS;
        let [height, width] = kind.size;
        let flat = second * (height / 4) * (width / 4);
        let network = Self {
            convolutions: vec![
                Conv3x3::new(kind.channels, first, device),
                Conv3x3::new(first, second, device),
            ],
            hidden: LinearConfig::new(flat, FEATURES).init(device),
            output: LinearConfig::new(FEATURES, kind.classes).init(device),
        };
        Ok(state_dict::initialised(network, generator))
    }

    /// The feature vectors of images, `[batch, 64]`.
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let mut maps = images;
        for convolution in &self.convolutions {
            maps = max_pool2d(relu(convolution.forward(maps)), MaxPoolOptions::new([2, 2]));
        }
        relu(self.hidden.forward(maps.flatten(1, 3)))
    }

    /// Logits of the classes, `[batch, classes]`, from the features.
    pub fn logits(&self, features: Tensor<2>) -> Tensor<2> {
        self.output.forward(features)
    }

    /// Mean cross-entropy loss, `[1]`.
    pub fn loss(&self, images: Tensor<4>, classes: Tensor<1, Int>) -> Tensor<1> {
        let loss = CrossEntropyLossConfig::new().init(&images.device());
        let logits = self.logits(self.features(images));
        loss.forward(logits, classes)
    }
}
