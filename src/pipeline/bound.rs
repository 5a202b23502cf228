//! The variational bound of images under a checkpoint.

use burn::tensor::Tensor;

use super::{Pipeline, UNetDenoiser};
use crate::diffusion::{Prediction, TimestepSpacing};
use crate::likelihood::VariationalBound;
use crate::random::Generator;
use crate::sampler::Progress;
use crate::{Error, Result};

/// Options of [`Pipeline::variational_bound`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoundOptions {
    /// Number of evenly spaced timesteps, including both ends; `None` for all training timesteps, as in the papers.
    pub steps: Option<usize>,
    /// Seed of the noise.
    pub seed: u32,
    /// A class for each image, or one for all; empty for unconditional models.
    pub class_labels: Vec<usize>,
}

impl Pipeline {
    /// The variational bound of images, `[batch, channels, height, width]` in row-major order with 256 grey levels in
    /// [−1, 1], with the variance and clipping of the checkpoint's scheduler. Nothing is computed before the first
    /// step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `images`, or `checkpoint` where its model has no discrete
    /// timesteps.
    pub fn variational_bound(&self, images: &[f32], options: &BoundOptions) -> Result<ImageBound> {
        let Some(schedule) = self.scheduler.process.schedule() else {
            let expected = "a model with discrete timesteps";
            return Err(Error::invalid("checkpoint", expected, self.scheduler.class));
        };
        let total = schedule.len();
        let steps = options.steps.unwrap_or(total);
        if !(2..=total).contains(&steps) {
            let expected = format!("between 2 and {total}");
            return Err(Error::invalid("steps", expected, steps));
        }
        let timesteps = TimestepSpacing::Linspace.timesteps(total, steps, 0)?;
        let no_signal = schedule.alpha_bars()[total - 1] == 0.0;
        if no_signal && self.scheduler.prediction == Prediction::Noise {
            let supported = "sample, v_prediction (the last timestep has no signal)";
            return Err(Error::unsupported("prediction_type", "epsilon", supported));
        }
        let clean = self.images(images)?;
        let classes = self.classes(&options.class_labels, clean.dims()[0])?;
        Ok(ImageBound {
            bound: VariationalBound::new(
                clean,
                schedule,
                &timesteps,
                self.scheduler.variance,
                self.scheduler.clipping,
                Generator::new(options.seed),
            )?,
            denoiser: self.denoiser(&classes, Default::default()),
        })
    }
}

/// A [`VariationalBound`] of images under a [`Pipeline`]; independent of the lifetime of the pipeline.
#[derive(Debug)]
pub struct ImageBound {
    bound: VariationalBound<4>,
    denoiser: UNetDenoiser,
}

impl ImageBound {
    /// Evaluates the network once and computes one term; returns `None` once all are computed.
    ///
    /// # Errors
    /// Those of [`VariationalBound::step`].
    pub fn step(&mut self) -> Result<Option<Progress>> {
        self.bound.step(&self.denoiser)
    }

    /// Number of images.
    pub fn batch(&self) -> usize {
        self.bound.batch()
    }

    /// Total number of network evaluations, one per timestep.
    pub fn steps(&self) -> usize {
        self.bound.steps()
    }

    /// Number of completed network evaluations.
    pub fn completed_steps(&self) -> usize {
        self.bound.completed_steps()
    }

    /// `L_T` in bits per dimension, `[batch]`.
    pub fn prior(&self) -> Tensor<1> {
        self.bound.prior()
    }

    /// `L_{t−1}` in bits per dimension, `[batch, terms]`, for the terms computed so far; `None` before the first step.
    pub fn terms(&self) -> Option<Tensor<2>> {
        self.bound.terms()
    }

    /// `L_0` in bits per dimension, `[batch]`; `None` before the last step.
    pub fn decoder(&self) -> Option<Tensor<1>> {
        self.bound.decoder()
    }

    /// Timesteps of the network evaluations, noisiest first: those of the terms, then that of `L_0`.
    pub fn timesteps(&self) -> impl Iterator<Item = f64> {
        self.bound.timesteps()
    }

    /// Sum of all terms, `[batch]`: the bound, once all steps are complete.
    pub fn bits_per_dimension(&self) -> Tensor<1> {
        self.bound.bits_per_dimension()
    }
}
