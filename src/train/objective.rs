//! The training objective.

use burn::tensor::{Device, Tensor, TensorData};

use super::{Batch, Samples, TimeSampling, Weighting};
use crate::diffusion::{Denoiser, NoiseLevel, Prediction, Process};
use crate::random::Generator;
use crate::{Error, Result};

/// The denoising objective (Ho et al. 2020, eq. 14 and algorithm 1), for a network that predicts the noise:
///
/// `L(θ) = E ‖eps − eps_θ(x_t, t)‖²`, where `x_t = alpha_t·x_0 + sigma_t·eps`,
///
/// with `x_0` from the data, `eps ~ N(0, 1)` and `t` from the training distribution of the process. Other predictions
/// have other targets, and other weightings multiply each square by `w(t)`. The mean is taken over the batch and over
/// the values of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Forward process.
    pub process: Process,
    /// Quantity that the network predicts.
    pub prediction: Prediction,
    /// `w(t)`
    pub weighting: Weighting,
    /// Distribution of `t`.
    pub times: TimeSampling,
}

impl Objective {
    /// # Errors
    /// [`Error::Unsupported`] for consistency models, which are not trained by denoising. [`Error::InvalidOption`] for
    /// noise or score prediction with a schedule that ends in pure noise, and for a min-SNR `gamma` that is not
    /// positive.
    pub fn check(&self) -> Result<()> {
        if let (Process::Consistency { .. }, _) | (_, Prediction::Consistency { .. }) =
            (&self.process, self.prediction)
        {
            let supported = "training by denoising, of processes that are no consistency models";
            return Err(Error::unsupported("process", "consistency", supported));
        }
        let no_signal = |level: NoiseLevel| level.alpha <= 0.0;
        let last = TimeSampling::Uniform.level(&self.process, 1.0);
        if matches!(self.prediction, Prediction::Noise | Prediction::Score) && no_signal(last) {
            let expected = "clean or velocity, since the schedule ends in pure noise";
            return Err(Error::invalid("prediction", expected, self.prediction));
        }
        match self.weighting {
            Weighting::MinSnr { gamma } if !(gamma > 0.0 && gamma.is_finite()) => {
                Err(Error::invalid("gamma", "a positive number", gamma))
            }
            _ => Ok(()),
        }
    }

    /// Fills the batch with `rows` of the samples, each with its own noise level, noise and target.
    pub fn draw<const D: usize>(
        &self,
        samples: &Samples<D>,
        rows: &[usize],
        generator: &mut Generator,
        batch: &mut Batch<D>,
    ) {
        let size = samples.row_size();
        let quantiles = self.times.draw(generator, rows.len());
        let noise = generator.normal(rows.len() * size);
        batch.clear(rows.len(), samples);
        for ((row, u), noise) in rows.iter().zip(quantiles).zip(noise.chunks_exact(size)) {
            let level = self.times.level(&self.process, u);
            let growth = || self.times.noise_growth(&self.process, u);
            let weight = self.weighting.weight(self.prediction, level, growth);
            batch.levels.push(level);
            batch.weights.push(weight as f32);
            batch.classes.extend(samples.class(*row));
            let (of_clean, of_noise) = target_coefficients(self.prediction, level);
            let (of_clean, of_noise) = (of_clean as f32, of_noise as f32);
            let (alpha, sigma) = (level.alpha as f32, level.sigma as f32);
            for (clean, eps) in samples.row(*row).iter().zip(noise) {
                batch.noisy.push(alpha * clean + sigma * eps);
                batch.target.push(of_clean * clean + of_noise * eps);
            }
        }
    }

    /// The loss of a denoiser on `count` noisy samples, drawn as in training; on CPU devices only. The loss of the
    /// [ideal denoiser](crate::diffusion::IdealDenoiser) is a lower bound for any network.
    pub fn loss_of<const D: usize>(
        &self,
        denoiser: &impl Denoiser<D>,
        samples: &Samples<D>,
        count: usize,
        generator: &mut Generator,
    ) -> f64 {
        let rows: Vec<usize> = (0..count).map(|row| row * samples.len() / count).collect();
        let mut batch = Batch::default();
        self.draw(samples, &rows, generator, &mut batch);
        let (size, mut shape) = (samples.row_size(), batch.shape);
        shape[0] = 1;
        let noisy = batch.noisy.chunks_exact(size);
        let rows = noisy.zip(batch.target.chunks_exact(size));
        let mut sum = 0.0;
        for ((noisy, target), (level, weight)) in rows.zip(batch.levels.iter().zip(&batch.weights))
        {
            let input = Tensor::from_data(TensorData::new(noisy.to_vec(), shape), &Device::flex());
            let clean = denoiser.denoise(input, *level).clean.into_data();
            let (of_noisy, of_output) = self.prediction.clean_coefficients(*level);
            for ((noisy, target), clean) in noisy.iter().zip(target).zip(clean.iter::<f64>()) {
                let output = (clean - of_noisy * f64::from(*noisy)) / of_output;
                sum += f64::from(*weight) * (f64::from(*target) - output).powi(2);
            }
        }
        sum / batch.target.len() as f64
    }
}

/// The factors `(p, q)` of the target `p·x_0 + q·eps`: the output `(x_0 − a·x_t)/b` for which
/// [`Prediction::clean_coefficients`] yields `x_0` exactly.
pub fn target_coefficients(prediction: Prediction, level: NoiseLevel) -> (f64, f64) {
    let NoiseLevel { alpha, sigma, .. } = level;
    match prediction {
        Prediction::Noise => (0.0, 1.0),
        Prediction::Clean => (1.0, 0.0),
        Prediction::Velocity => (-sigma, alpha),
        Prediction::Score => (0.0, -1.0 / sigma),
        Prediction::FlowVelocity => (-1.0, 1.0),
        Prediction::Edm { .. }
        | Prediction::EdmVelocity { .. }
        | Prediction::Consistency { .. } => {
            let (a, b) = prediction.clean_coefficients(level);
            ((1.0 - a * alpha) / b, -a * sigma / b)
        }
    }
}

/// `mean w·(target − output)²`, `[1]`, of the network's output for a batch; differentiable.
pub fn loss<const D: usize>(output: Tensor<D>, batch: &Batch<D>) -> Tensor<1> {
    let device = output.device();
    let error = batch.target(&device) - output;
    (error.clone() * error * batch.weights(&device)).mean()
}

/// Contribution `Σ w·(target − output)²` of the samples from `first` on. Replaces `output` by the derivatives
/// `2·w·(output − target)/count` of the loss of the whole batch.
pub(super) fn differentiate_loss<const D: usize>(
    first: usize,
    output: &mut [f32],
    batch: &Batch<D>,
) -> f64 {
    let size = batch.row_size();
    let scale = 2.0 / batch.target.len() as f32;
    let targets = batch.target[first * size..].chunks_exact(size);
    let mut sum = 0.0;
    for ((output, target), weight) in output
        .chunks_exact_mut(size)
        .zip(targets)
        .zip(&batch.weights[first..])
    {
        for (output, target) in output.iter_mut().zip(target) {
            let error = *output - target;
            sum += f64::from(weight * error * error);
            *output = scale * weight * error;
        }
    }
    sum
}
