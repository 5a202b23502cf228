//! The network as a denoiser, with classifier-free guidance.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::diffusion::{Denoiser, Estimate, NoiseLevel, Prediction};
use crate::nn::UNet2d;

/// A [`UNet2d`] as a [`Denoiser`], unconditional, class-conditional or guided.
#[derive(Clone, Debug)]
pub struct UNetDenoiser {
    unet: UNet2d,
    prediction: Prediction,
    channels: usize,
    /// One class for each row that the network is shown.
    classes: Option<Tensor<1, Int>>,
    guidance_scale: Option<f64>,
}

impl UNetDenoiser {
    /// The network without classes. It outputs `prediction` in its first `channels` channels; any others are a
    /// learned variance.
    pub fn new(unet: UNet2d, prediction: Prediction, channels: usize) -> Self {
        Self {
            unet,
            prediction,
            channels,
            classes: None,
            guidance_scale: None,
        }
    }

    /// The network told one class for each image of the batch.
    pub fn conditional(self, classes: &[usize], device: &Device) -> Self {
        let classes: Vec<i32> = classes.iter().map(|class| *class as i32).collect();
        let count = classes.len();
        Self {
            classes: Some(Tensor::from_data(TensorData::new(classes, [count]), device)),
            ..self
        }
    }

    /// Classifier-free guidance, `eps = eps_u + guidance_scale·(eps_c − eps_u)`, where `eps_u` is the answer to the class
    /// `null` (Ho & Salimans 2022, eq. 6, whose `w` is `guidance_scale − 1`); a learned variance is that of the classes. Both come from one evaluation
    /// of twice the batch.
    pub fn guided(
        self,
        classes: &[usize],
        null: usize,
        guidance_scale: f64,
        device: &Device,
    ) -> Self {
        let unconditional = vec![null; classes.len()];
        Self {
            guidance_scale: Some(guidance_scale),
            ..self.conditional(&[&unconditional, classes].concat(), device)
        }
    }

    /// What the network outputs for the batch, and what it says of the variance if it learned that.
    fn evaluate(&self, noisy: Tensor<4>, level: NoiseLevel) -> (Tensor<4>, Option<Tensor<4>>) {
        let batch = noisy.dims()[0];
        let time = Tensor::full([1], level.time, &noisy.device());
        let shown = match self.guidance_scale {
            Some(_) => Tensor::cat(vec![noisy.clone(), noisy], 0),
            None => noisy,
        };
        let output = self.unet.forward(shown, time, self.classes.clone());
        let learned = output.dims()[1] - self.channels;
        let prediction = output.clone().narrow(1, 0, self.channels);
        let variance = (learned > 0).then(|| output.narrow(1, self.channels, learned));
        let Some(scale) = self.guidance_scale else {
            return (prediction, variance);
        };
        let unconditional = prediction.clone().narrow(0, 0, batch);
        let conditional = prediction.narrow(0, batch, batch);
        let guided = unconditional.clone() + (conditional - unconditional) * scale;
        (
            guided,
            variance.map(|variance| variance.narrow(0, batch, batch)),
        )
    }
}

impl Denoiser<4> for UNetDenoiser {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let (output, variance) = self.evaluate(noisy.clone(), level);
        Estimate {
            clean: self.prediction.clean(noisy, output, level),
            variance,
        }
    }
}
