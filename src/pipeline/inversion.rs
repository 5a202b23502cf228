//! DDIM inversion of images.

use super::{ImageSampling, Pipeline};
use crate::checkpoint::scheduler::SpacingOptions;
use crate::random::Generator;
use crate::sampler::{Ddim, Method, Plan, Run, Sampling, ddim_inversion};
use crate::{Error, Result};

/// Options of [`Pipeline::invert`].
#[derive(Clone, Debug, PartialEq)]
pub struct InversionOptions {
    /// Number of steps.
    pub steps: usize,
    /// A class for each image, or one for all; empty for unconditional models.
    pub class_labels: Vec<usize>,
}

impl Default for InversionOptions {
    fn default() -> Self {
        Self {
            steps: 50,
            class_labels: Vec::new(),
        }
    }
}

impl Pipeline {
    /// Maps images, `[batch, channels, height, width]` with values in [−1, 1], to latents by DDIM inversion:
    /// [`ddim_inversion::evaluations`], diffusers' `DDIMInverseScheduler`. [`sample`](Self::sample) with DDIM, the same
    /// number of steps and the result as `initial_noise` maps them back.
    ///
    /// [`encode`](Self::encode) is more accurate: it conditions the network on the level of its input, and supports
    /// solvers of higher order.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `images`, or `checkpoint` where its model has no discrete
    /// timesteps.
    pub fn invert(&self, images: &[f32], options: &InversionOptions) -> Result<ImageSampling> {
        if self.scheduler.process.schedule().is_none() {
            let expected = "a model with discrete timesteps";
            return Err(Error::invalid("checkpoint", expected, self.scheduler.class));
        }
        let ddim = Method::from(Ddim::default());
        let scheduler = self
            .scheduler
            .with_method(&ddim, SpacingOptions::default())?;
        let trajectory = scheduler.trajectory(options.steps)?;
        let images = self.batch_of("images", images)?;
        let classes = self.classes(&options.class_labels, images.dims()[0])?;
        let evaluations = ddim_inversion::evaluations(&trajectory.steps, scheduler.prediction)?;
        Ok(Run::new(
            Sampling::new(
                images,
                Plan::Fixed(evaluations),
                scheduler.clipping,
                Generator::new(0),
            ),
            self.denoiser(&classes, Default::default()),
        ))
    }
}
