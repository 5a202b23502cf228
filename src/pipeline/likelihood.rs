//! The log-likelihood of images under a checkpoint.

use std::f64::consts::LN_2;

use burn::tensor::{Tensor, TensorData};

use super::options::most_images;
use super::{DataRange, Pipeline, UNetDenoiser};
use crate::likelihood::{Divergence, LogLikelihood};
use crate::random::Generator;
use crate::sampler::Progress;
use crate::sampler::probability_flow::Solver;
use crate::{Error, Result};

/// Options of [`Pipeline::log_likelihood`].
#[derive(Clone, Debug, PartialEq)]
pub struct LikelihoodOptions {
    /// Integrator of the ODE.
    pub solver: Solver,
    /// Number of steps.
    pub steps: usize,
    /// Number of probes of Hutchinson's estimator of the divergence. Each costs one network evaluation and its
    /// gradient.
    pub probes: usize,
    /// Seed of the probes.
    pub seed: u32,
    /// Dequantisation of the grey levels.
    pub dequantisation: Dequantisation,
    /// A class for each image, or one for all; empty for unconditional models.
    pub class_labels: Vec<usize>,
}

/// Dequantisation of images with 256 grey levels, without which their density would be that of isolated points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dequantisation {
    /// No dequantisation: the images are continuous.
    None,
    /// Uniform noise over the width 2/255 of a grey level. The mean log-density is then a lower bound on the
    /// log-probability of the grey levels (Theis, van den Oord & Bethge 2016, eq. 3 to 6).
    Uniform {
        /// Seed of the noise.
        seed: u32,
    },
}

impl Default for LikelihoodOptions {
    /// One probe and 25 steps of RK4. For the digits of the bundled model, these 100 evaluations are within 0.05 bits
    /// per dimension of the limit. One probe has a standard deviation of 0.3 there, `k` probes of `0.3/√k`. Images are
    /// dequantised.
    fn default() -> Self {
        Self {
            solver: Solver::RungeKutta4,
            steps: 25,
            probes: 1,
            seed: 0,
            dequantisation: Dequantisation::Uniform { seed: 0 },
            class_labels: Vec::new(),
        }
    }
}

/// Memory that an evaluation keeps for its gradient, in units of its own memory. The measured value for the bundled
/// model is 8, but its evaluations need a third of the estimated memory.
pub(super) const GRADIENT_MEMORY: usize = 5;

impl Pipeline {
    /// The log-likelihood of images, `[batch, channels, height, width]` in row-major order with values in [−1, 1],
    /// under the probability-flow ODE of the model (Song et al. 2021, section 4.3): [`LogLikelihood`]. Nothing is
    /// computed before the first step, and nothing is clipped.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `images`.
    pub fn log_likelihood(
        &self,
        images: &[f32],
        options: &LikelihoodOptions,
    ) -> Result<ImageLikelihood> {
        let mut levels = self.latent_levels(options.steps)?;
        levels.reverse();
        let images = self.images(images)?;
        let batch = images.dims()[0];
        let most = most_images(&self.config, 1.0) / GRADIENT_MEMORY;
        if batch > most {
            let expected = format!("at most {most}, whose gradients fit in memory");
            return Err(Error::invalid("number of images", expected, batch));
        }
        let classes = self.classes(&options.class_labels, batch)?;
        let range = self.data_range();
        let images = range.to_model(options.dequantisation.apply(images));
        let divergence = Divergence::Hutchinson {
            probes: options.probes,
            seed: options.seed,
        };
        let process = &self.scheduler.process;
        let likelihood = LogLikelihood::new(images, &levels, process, options.solver, divergence)?;
        Ok(ImageLikelihood {
            likelihood,
            range,
            numbers: self.channels() * self.sample_size().iter().product::<usize>(),
            denoiser: self.denoiser(&classes, Default::default()),
        })
    }
}

impl Dequantisation {
    fn apply(self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Self::None => images,
            Self::Uniform { seed } => {
                let shape = images.dims();
                let values = Generator::new(seed).uniform(shape.iter().product());
                let noise = Tensor::from_data(TensorData::new(values, shape), &images.device());
                images + (noise - 0.5) / 127.5
            }
        }
    }
}

/// A [`LogLikelihood`] of images under a [`Pipeline`]; independent of the lifetime of the pipeline.
#[derive(Debug)]
pub struct ImageLikelihood {
    likelihood: LogLikelihood<4>,
    range: DataRange,
    numbers: usize,
    denoiser: UNetDenoiser,
}

impl ImageLikelihood {
    /// Evaluates the network with its gradient once per probe; returns `None` once the run is complete.
    ///
    /// # Errors
    /// Those of [`LogLikelihood::step`].
    pub fn step(&mut self) -> Result<Option<Progress>> {
        self.likelihood.step(&self.denoiser)
    }

    /// Number of images.
    pub fn batch(&self) -> usize {
        self.likelihood.batch()
    }

    /// Total number of evaluations of the solver.
    pub fn steps(&self) -> usize {
        self.likelihood.steps()
    }

    /// Number of completed evaluations.
    pub fn completed_steps(&self) -> usize {
        self.likelihood.completed_steps()
    }

    /// Log-density of the images as given, on [−1, 1], in nats: `[batch]`, valid once all steps are complete.
    pub fn nats(&self) -> Tensor<1> {
        let nats = self.likelihood.nats();
        match self.range {
            DataRange::Symmetric => nats,
            // The distance between grey levels is half as large there.
            DataRange::Unit => nats - self.numbers as f64 * LN_2,
        }
    }

    /// `−nats/(D·ln 2) + log2(127.5)` for images with `D` values: bits per dimension for 256 grey levels at a distance
    /// of 2/255. `[batch]`.
    pub fn bits_per_dimension(&self) -> Tensor<1> {
        self.nats() * (-1.0 / (self.numbers as f64 * LN_2)) + 127.5_f64.log2()
    }
}
