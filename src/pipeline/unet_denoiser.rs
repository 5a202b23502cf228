//! U-Nets as denoisers, with classifier-free guidance.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::diffusion::{Denoiser, Estimate, NoiseLevel, Prediction};
use crate::nn::UNet2d;
use crate::{Error, Result};

/// Classifier-free guidance, `eps = eps_u + scale·(eps_c − eps_u)`, where `eps_u` is the prediction for the null class
/// (Ho & Salimans 2022, eq. 6, whose `w` is `scale − 1`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guidance {
    /// Guidance scale; 1 disables guidance.
    pub scale: f64,
    /// Rescaling of each image's standard deviation to that of `eps_c`, 0 to 1 (Lin et al. 2024, eq. 15 and 16, `φ`).
    pub rescale: f64,
    /// Range of noise-to-signal ratios `sigma/alpha` in which guidance is applied; outside it only the conditional
    /// prediction is evaluated (Kynkäänniemi et al. 2024, eq. 2).
    pub interval: Option<[f64; 2]>,
}

impl Default for Guidance {
    fn default() -> Self {
        Self {
            scale: 1.0,
            rescale: 0.0,
            interval: None,
        }
    }
}

impl Guidance {
    /// # Errors
    /// [`Error::InvalidOption`] for a scale that is not finite, a `rescale` outside 0 to 1, and an empty interval.
    pub fn check(&self) -> Result<()> {
        if !self.scale.is_finite() {
            return Err(Error::invalid(
                "guidance_scale",
                "a finite number",
                self.scale,
            ));
        }
        if !(0.0..=1.0).contains(&self.rescale) {
            return Err(Error::invalid(
                "guidance_rescale",
                "between 0 and 1",
                self.rescale,
            ));
        }
        match self.interval {
            Some([low, high]) if !(0.0 <= low && low < high) => {
                let expected = "two noise levels sigma/alpha, the lower one first";
                Err(Error::invalid("guidance_interval", expected, [low, high]))
            }
            _ => Ok(()),
        }
    }

    fn acts_at(&self, level: NoiseLevel) -> bool {
        let inside = |[low, high]: [f64; 2]| (low..=high).contains(&level.noise_to_signal());
        self.scale != 1.0 && self.interval.is_none_or(inside)
    }

    /// Combines both predictions.
    fn combine(&self, unconditional: Tensor<4>, conditional: Tensor<4>) -> Tensor<4> {
        let guided = unconditional.clone() + (conditional.clone() - unconditional) * self.scale;
        if self.rescale == 0.0 {
            return guided;
        }
        let correction = std(conditional) / std(guided.clone());
        guided.clone() * (correction * self.rescale + (1.0 - self.rescale))
    }
}

/// Standard deviation of each image, `[batch, 1, 1, 1]`.
fn std(images: Tensor<4>) -> Tensor<4> {
    let batch = images.dims()[0];
    let rows: Tensor<2> = images.reshape([batch as i32, -1]);
    rows.var(1).sqrt().reshape([batch, 1, 1, 1])
}

/// A [`UNet2d`] as a [`Denoiser`], unconditional, class-conditional or guided.
#[derive(Clone, Debug)]
pub struct UNetDenoiser {
    unet: UNet2d,
    prediction: Prediction,
    channels: usize,
    /// One class per image.
    classes: Option<Tensor<1, Int>>,
    /// One null class per image, followed by its class.
    guidance: Option<(Guidance, Tensor<1, Int>)>,
}

impl UNetDenoiser {
    /// An unconditional denoiser. The first `channels` channels of the network's output are the prediction of type
    /// `prediction`; additional ones are a learned variance.
    pub fn new(unet: UNet2d, prediction: Prediction, channels: usize) -> Self {
        Self {
            unet,
            prediction,
            channels,
            classes: None,
            guidance: None,
        }
    }

    /// The denoiser conditioned on one class per image of the batch.
    pub fn conditional(self, classes: &[usize], device: &Device) -> Self {
        Self {
            classes: Some(labels(classes, device)),
            ..self
        }
    }

    /// Applies [`Guidance`] away from the class `null`. A learned variance is that of the conditional prediction. Both
    /// predictions are computed by one evaluation with twice the batch.
    pub fn guided(
        self,
        classes: &[usize],
        null: usize,
        guidance: Guidance,
        device: &Device,
    ) -> Self {
        let both = [vec![null; classes.len()].as_slice(), classes].concat();
        Self {
            guidance: Some((guidance, labels(&both, device))),
            ..self.conditional(classes, device)
        }
    }

    /// The network's output for the batch, and its output for the variance if it is learned.
    fn evaluate(&self, noisy: Tensor<4>, level: NoiseLevel) -> (Tensor<4>, Option<Tensor<4>>) {
        let batch = noisy.dims()[0];
        // Uploaded, since `full` would need a kernel launch.
        let time = Tensor::from_floats([level.time as f32], &noisy.device());
        let guided = self
            .guidance
            .as_ref()
            .filter(|(guidance, _)| guidance.acts_at(level));
        let (shown, classes) = match guided {
            Some((_, both)) => (
                Tensor::cat(vec![noisy.clone(), noisy], 0),
                Some(both.clone()),
            ),
            None => (noisy, self.classes.clone()),
        };
        let output = self.unet.forward(shown, time, classes);
        let learned = output.dims()[1] - self.channels;
        let prediction = output.clone().narrow(1, 0, self.channels);
        let variance = (learned > 0).then(|| output.narrow(1, self.channels, learned));
        let Some((guidance, _)) = guided else {
            return (prediction, variance);
        };
        let unconditional = prediction.clone().narrow(0, 0, batch);
        let conditional = prediction.narrow(0, batch, batch);
        (
            guidance.combine(unconditional, conditional),
            variance.map(|variance| variance.narrow(0, batch, batch)),
        )
    }
}

impl Denoiser<4> for UNetDenoiser {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let noisy = row_major(noisy);
        let (output, variance) = self.evaluate(noisy.clone(), level);
        Estimate {
            clean: self.prediction.clean(noisy, row_major(output), level),
            variance: variance.map(row_major),
        }
    }
}

/// Gives images with one channel the strides that follow from their shape; other images are returned unchanged. No data
/// is moved.
///
/// On a GPU, convolutions return a channel stride of 1 even for a single channel. Burn 0.22.1 fuses operations with
/// vectorised access for the strides that follow from the shape, but without for this stride. Where it computes in
/// place it confuses the two and the result is wrong (`get_offset_aligned` in burn-cubecl-fusion multiplies by the
/// vector size of the reference, not by the width of the block).
fn row_major(images: Tensor<4>) -> Tensor<4> {
    let shape = images.dims();
    match shape[1] {
        1 => images
            .reshape([shape.iter().product::<usize>()])
            .reshape(shape),
        _ => images,
    }
}

fn labels(classes: &[usize], device: &Device) -> Tensor<1, Int> {
    let classes: Vec<i32> = classes.iter().map(|class| *class as i32).collect();
    let count = classes.len();
    Tensor::from_data(TensorData::new(classes, [count]), device)
}
