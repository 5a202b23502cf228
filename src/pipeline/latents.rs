//! Encoding of images to latents and decoding, along the probability-flow ODE.

use burn::tensor::{Tensor, TensorData};

use super::{ImageSampling, Pipeline, SampleOptions};
use crate::diffusion::{NoiseLevel, Process, SigmaSpacing};
use crate::random::Generator;
use crate::sampler::dormand_prince::Tolerance;
use crate::sampler::probability_flow::{ProbabilityFlow, Solver};
use crate::sampler::{Clipping, MAX_STEPS, Method, Plan, Run, Sampling, Step, Trajectory};
use crate::{Error, Result};

/// Options of [`Pipeline::encode`] and [`Pipeline::decode`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatentOptions {
    /// Integrator of the ODE.
    pub integrator: Integrator,
    /// A class for each image, or one for all; empty for unconditional models.
    pub class_labels: Vec<usize>,
}

/// Integrator of the ODE.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Integrator {
    /// A fixed number of steps with Karras spacing (Karras et al. 2022, eq. 5).
    Fixed {
        /// Solver of each step. Euler steps are those of DDIM.
        solver: Solver,
        /// Number of steps. With 100 Heun steps in each direction, an image is reproduced up to 1e-3.
        steps: usize,
    },
    /// Adaptive steps, by the method of Dormand and Prince. Errors grow with the noise on the way to latents, a
    /// hundredfold from a noise level of 1 %. Encoding therefore requires a correspondingly smaller
    /// [tolerance](Self::TOLERANCE) than sampling.
    Adaptive(Tolerance),
}

impl Default for Integrator {
    /// 100 Heun steps.
    fn default() -> Self {
        Self::Fixed {
            solver: Solver::Heun,
            steps: Self::STEPS,
        }
    }
}

/// Largest noise-to-signal ratio at which the integration starts. A clean sample derived from a noise prediction has
/// its error, magnified by this ratio. DDPM's linear schedule ends at 157, the cosine schedule at 20,000, and others at
/// pure noise.
const MAX_NOISE: f64 = 200.0;

impl Integrator {
    /// Default number of steps.
    pub const STEPS: usize = 100;

    /// 1e-5, as in Song et al. 2021: about 350 evaluations reproduce a digit up to 4e-3.
    pub const TOLERANCE: Tolerance = Tolerance {
        absolute: 1e-5,
        relative: 1e-5,
        most_evaluations: 2000,
    };

    /// The fixed levels, noisiest first.
    fn levels(self, pipeline: &Pipeline) -> Result<Vec<NoiseLevel>> {
        match self {
            Self::Fixed { steps, .. } => pipeline.latent_levels(steps),
            Self::Adaptive(_) => pipeline.latent_levels(1),
        }
    }
}

impl Pipeline {
    /// Maps images, `[batch, channels, height, width]` with values in [−1, 1], along the ODE to noise (Song et al.
    /// 2021, section 4.3 and appendix D.4). The final [`noisy`](ImageSampling::noisy) sample is the latent. Nearby
    /// latents yield similar images.
    ///
    /// The images are assumed to be at the cleanest level of the schedule, with about 1 % noise for most. Nothing is
    /// clipped.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `images`.
    pub fn encode(&self, images: &[f32], options: &LatentOptions) -> Result<ImageSampling> {
        let mut levels = options.integrator.levels(self)?;
        levels.reverse();
        let images = self.batch_of("images", images)?;
        let images = self.data_range().to_model(images) * levels[0].alpha;
        let plan = self.latent_plan(&levels, options.integrator)?;
        self.run(images, plan, options)
    }

    /// Maps latents to images: the inverse of [`encode`](Self::encode). Applied to noise, it generates samples.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `latents`.
    pub fn decode(&self, latents: &[f32], options: &LatentOptions) -> Result<ImageSampling> {
        let levels = options.integrator.levels(self)?;
        let latents = self.batch_of("latents", latents)?;
        let mut plan = self.latent_plan(&levels, options.integrator)?;
        // Rescales the image to the data.
        plan.divide_end(levels[levels.len() - 1].alpha);
        self.run(latents, plan, options)
    }

    /// From the noisiest level to the cleanest with some noise, with Karras spacing (Karras et al. 2022, eq. 5).
    pub(super) fn latent_levels(&self, steps: usize) -> Result<Vec<NoiseLevel>> {
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(Error::invalid(
                "steps",
                format!("between 1 and {MAX_STEPS}"),
                steps,
            ));
        }
        let process = &self.scheduler.process;
        if let Process::Consistency { .. } = process {
            let expected = "a diffusion model; consistency models have no probability flow";
            return Err(Error::invalid("checkpoint", expected, self.scheduler.class));
        }
        let [most, least] = self.scheduler.noise_range()?;
        let spacing = SigmaSpacing::Karras { rho: 7.0 };
        let ratios = spacing.noise_to_signal_ratios(least, most.min(MAX_NOISE), steps + 1)?;
        Ok(ratios
            .into_iter()
            .map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal))
            .collect())
    }

    fn latent_plan(&self, levels: &[NoiseLevel], integrator: Integrator) -> Result<Plan> {
        let method: Method = match integrator {
            Integrator::Fixed { solver, .. } => ProbabilityFlow { solver }.into(),
            Integrator::Adaptive(tolerance) => tolerance.into(),
        };
        let process = self.scheduler.process.clone();
        method.plan(&Trajectory::new(Step::chain(levels), process))
    }

    fn run(&self, noisy: Tensor<4>, plan: Plan, options: &LatentOptions) -> Result<ImageSampling> {
        let classes = self.classes(&options.class_labels, noisy.dims()[0])?;
        Ok(Run::new(
            Sampling::new(noisy, plan, Clipping::None, Generator::new(0)),
            self.denoiser(&classes, Default::default()),
        ))
    }

    /// One class label per image of a batch, or none for an unconditional network.
    pub(super) fn classes(&self, class_labels: &[usize], batch: usize) -> Result<Vec<usize>> {
        let options = SampleOptions {
            class_labels: class_labels.to_vec(),
            ..SampleOptions::default()
        };
        options.class_labels(self, batch)
    }

    /// Images with grey levels in [−1, 1] as a batch.
    pub(super) fn images(&self, images: &[f32]) -> Result<Tensor<4>> {
        let batch = self.batch_of("images", images)?;
        match images.iter().find(|value| !(-1.0..=1.0).contains(*value)) {
            Some(value) => Err(Error::invalid("images", "values from -1 to 1", value)),
            None => Ok(batch),
        }
    }

    /// Values as a batch of images of this model.
    pub(super) fn batch_of(&self, name: &str, values: &[f32]) -> Result<Tensor<4>> {
        let [height, width] = self.sample_size();
        let (channels, image) = (self.channels(), self.channels() * height * width);
        let batch = values.len() / image;
        let most = super::options::most_images(&self.config, 1.0);
        if values.is_empty() || !values.len().is_multiple_of(image) || batch > most {
            let expected = format!(
                "1 to {most} times {image} numbers, [batch, {channels}, {height}, {width}]"
            );
            return Err(Error::invalid(
                name,
                expected,
                format!("{} numbers", values.len()),
            ));
        }
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::invalid(name, "finite numbers", value));
        }
        let data = TensorData::new(values.to_vec(), [batch, channels, height, width]);
        Ok(Tensor::from_data(data, &self.device))
    }
}
