//! Images to latents and back, along the probability-flow ODE.

use burn::tensor::{Tensor, TensorData};

use super::{ImageSampling, Pipeline, SampleOptions};
use crate::diffusion::{NoiseLevel, Process, SigmaSpacing};
use crate::random::Generator;
use crate::sampler::dormand_prince::Tolerance;
use crate::sampler::probability_flow::Solver;
use crate::sampler::{Clipping, MAX_STEPS, Method, Plan, Run, Sampling, Step, Trajectory};
use crate::{Error, Result};

/// Options of [`Pipeline::encode`] and [`Pipeline::decode`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatentOptions {
    /// How the ODE is integrated.
    pub integrator: Integrator,
    /// A class for each image, or one for all; empty for no class.
    pub class_labels: Vec<usize>,
}

/// The steps along the ODE.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Integrator {
    /// So many of them, spread as Karras et al. 2022 (eq. 5) have it.
    Fixed {
        /// How each is taken. Euler's is that of DDIM.
        solver: Solver,
        /// Their number; 100 of Heun's there and back return an image to 1e-3.
        steps: usize,
    },
    /// As long as a tolerance allows, by the method of Dormand and Prince. On the way to noise an error grows with it, a hundredfold from where the
    /// noise is 1 %: latents ask for a [tolerance](Self::TOLERANCE) that is as much smaller than that of samples.
    Adaptive(Tolerance),
}

impl Default for Integrator {
    /// 100 of Heun's.
    fn default() -> Self {
        Self::Fixed {
            solver: Solver::Heun,
            steps: Self::STEPS,
        }
    }
}

/// A level with more noise than this in proportion to the signal is no place to integrate from: the clean sample that follows from a predicted noise is its error,
/// magnified by as much. DDPM's linear schedule ends at 157, the cosine one at 20,000, others at no signal at all.
const MAX_NOISE: f64 = 200.0;

impl Integrator {
    /// So many by default.
    pub const STEPS: usize = 100;

    /// 1e-5, that of Song et al. 2021: some 350 evaluations return a digit to 4e-3.
    pub const TOLERANCE: Tolerance = Tolerance {
        absolute: 1e-5,
        relative: 1e-5,
        most_evaluations: 2000,
    };

    /// The levels that are known beforehand, from the noisiest on.
    fn levels(self, pipeline: &Pipeline) -> Result<Vec<NoiseLevel>> {
        match self {
            Self::Fixed { steps, .. } => pipeline.latent_levels(steps),
            Self::Adaptive(_) => pipeline.latent_levels(1),
        }
    }
}

impl Pipeline {
    /// Takes images, `[batch, channels, height, width]` with values in [−1, 1], along the ODE to noise (Song et al. 2021, section 4.3 and
    /// appendix D.4). The [`noisy`](ImageSampling::noisy) sample at the end is the latent; what is near in it gives similar images.
    ///
    /// The images are taken to be at the schedule's cleanest level, whose noise is 1 % of theirs in most. Nothing is clipped.
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

    /// The way back from latents to images: what [`encode`](Self::encode) does in the other direction, and from noise a sample.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `latents`.
    pub fn decode(&self, latents: &[f32], options: &LatentOptions) -> Result<ImageSampling> {
        let levels = options.integrator.levels(self)?;
        let latents = self.batch_of("latents", latents)?;
        let mut plan = self.latent_plan(&levels, options.integrator)?;
        // The image in its own scale.
        plan.divide_end(levels[levels.len() - 1].alpha);
        self.run(latents, plan, options)
    }

    /// From the noisiest level to the cleanest that has some noise, spread as Karras et al. 2022 (eq. 5) have it.
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
            let expected = "of a diffusion model: a consistency model has no flow to follow";
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
        let method = match integrator {
            Integrator::Fixed { solver, .. } => Method::ProbabilityFlow { solver },
            Integrator::Adaptive(tolerance) => Method::DormandPrince(tolerance),
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

    /// One class label for each image of a batch, or none for a network without classes.
    pub(super) fn classes(&self, class_labels: &[usize], batch: usize) -> Result<Vec<usize>> {
        let options = SampleOptions {
            class_labels: class_labels.to_vec(),
            ..SampleOptions::default()
        };
        options.class_labels(self, batch)
    }

    /// Images of grey levels in [−1, 1] as a batch.
    pub(super) fn images(&self, images: &[f32]) -> Result<Tensor<4>> {
        let batch = self.batch_of("images", images)?;
        match images.iter().find(|value| !(-1.0..=1.0).contains(*value)) {
            Some(value) => Err(Error::invalid("images", "values from -1 to 1", value)),
            None => Ok(batch),
        }
    }

    /// The values as a batch of images of this model.
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
