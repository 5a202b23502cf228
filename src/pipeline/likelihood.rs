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
    /// How the ODE is integrated.
    pub solver: Solver,
    /// Number of steps.
    pub steps: usize,
    /// Probes of Hutchinson's estimate of the divergence; each costs an evaluation of the network and its gradient.
    pub probes: usize,
    /// Seed of the probes.
    pub seed: u32,
    /// What makes grey levels continuous.
    pub dequantisation: Dequantisation,
    /// A class for each image, or one for all; empty for no class.
    pub class_labels: Vec<usize>,
}

/// What is done to images of 256 grey levels before their density is taken, which without it would be that of single points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dequantisation {
    /// Nothing: the images are continuous.
    None,
    /// Noise, uniform over the width 2/255 of a grey level: the mean log-density is then a lower bound on the log-probability of the grey levels
    /// (Theis, van den Oord & Bethge 2016, eq. 3 to 6).
    Uniform {
        /// Seed of the noise.
        seed: u32,
    },
}

impl Default for LikelihoodOptions {
    /// One probe along 25 steps of RK4, whose 100 evaluations come within 0.05 bits per dimension of the limit for the digits of the shipped model.
    /// There one probe scatters by 0.3, and `k` of them by `0.3/√k`. Images are dequantised.
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

/// What an evaluation leaves for its gradient, in units of what it needs by itself; 8 was measured with the shipped model, whose evaluations need a
/// third of what is reckoned with.
const GRADIENT_MEMORY: usize = 5;

impl Pipeline {
    /// The log-likelihood of images, `[batch, channels, height, width]` in row-major order with values in [−1, 1], under the probability-flow ODE
    /// of the model (Song et al. 2021, section 4.3): [`LogLikelihood`]. Nothing is computed before its first step, and nothing is clipped.
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

/// A [`LogLikelihood`] of images under a [`Pipeline`]; it stays valid after the pipeline is gone.
#[derive(Debug)]
pub struct ImageLikelihood {
    likelihood: LogLikelihood<4>,
    range: DataRange,
    numbers: usize,
    denoiser: UNetDenoiser,
}

impl ImageLikelihood {
    /// Evaluates the network with its gradient once for each probe; `None` when the end was reached before.
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

    /// Steps from start to end: the solver's evaluations.
    pub fn steps(&self) -> usize {
        self.likelihood.steps()
    }

    /// Steps done.
    pub fn completed_steps(&self) -> usize {
        self.likelihood.completed_steps()
    }

    /// The log-density of the images as they were given, on [−1, 1], in nats: `[batch]`, once all steps are done.
    pub fn nats(&self) -> Tensor<1> {
        let nats = self.likelihood.nats();
        match self.range {
            DataRange::Symmetric => nats,
            // There the values lie half as far apart.
            DataRange::Unit => nats - self.numbers as f64 * LN_2,
        }
    }

    /// `−nats/(D·ln 2) + log2(127.5)` for images of `D` numbers: the bits that one of 256 grey levels, 2/255 apart, takes. `[batch]`.
    pub fn bits_per_dimension(&self) -> Tensor<1> {
        self.nats() * (-1.0 / (self.numbers as f64 * LN_2)) + 127.5_f64.log2()
    }
}
