//! A sampling with the model that it samples from.

use burn::tensor::Tensor;

use super::{Progress, Sampling};
use crate::diffusion::Denoiser;
use crate::{Error, Result};

/// A [`Sampling`] that holds its denoiser, so that it can be stepped by itself.
#[derive(Clone, Debug)]
pub struct Run<M, const D: usize> {
    sampling: Sampling<D>,
    denoiser: M,
}

impl<M: Denoiser<D>, const D: usize> Run<M, D> {
    /// Nothing is computed before its first step.
    pub fn new(sampling: Sampling<D>, denoiser: M) -> Self {
        Self { sampling, denoiser }
    }

    /// Evaluates the network once; `None` when the sampling was complete before.
    ///
    /// # Errors
    /// Those of [`Sampling::step`].
    pub fn step(&mut self) -> Result<Option<Progress>> {
        self.sampling.step(&self.denoiser)
    }

    /// The current sample `x_t`; its first dimension is the batch.
    pub fn noisy(&self) -> Tensor<D> {
        self.sampling.noisy()
    }

    /// The last estimate of `x_0`, in the same shape; `None` before the first step.
    pub fn clean(&self) -> Option<Tensor<D>> {
        self.sampling.clean()
    }

    /// Checks a sample that was read back after `step` evaluations: see [`Sampling::verify`].
    ///
    /// # Errors
    /// Those of [`Sampling::verify`].
    pub fn verify(&mut self, step: usize, sample: &[f32]) -> Result<()> {
        self.sampling.verify(step, sample)
    }

    /// The current sample, once it is read back and [verified](Self::verify): for programs, which may wait for the device.
    ///
    /// # Errors
    /// Those of [`Sampling::verify`], and [`Error::Device`] if the device is lost.
    pub fn verified(&mut self) -> Result<Tensor<D>> {
        let sample = self.noisy();
        let data = sample.clone().try_into_data();
        let data = data.map_err(|error| Error::Device(error.to_string()))?;
        let values: Vec<f32> = data.iter().collect();
        self.verify(self.completed_steps(), &values)?;
        Ok(sample)
    }

    /// The mean squared error that the adaptive solver waits for; see [`Sampling::step`].
    pub fn pending_error(&self) -> Option<Tensor<1>> {
        self.sampling.pending_error()
    }

    /// Tells the adaptive solver the mean squared error of its step.
    pub fn control_step(&mut self, mean_square: f64) {
        self.sampling.control_step(mean_square);
    }

    /// Network evaluations from start to end; an estimate where the solver is adaptive.
    pub fn steps(&self) -> usize {
        self.sampling.steps()
    }

    /// Network evaluations done.
    pub fn completed_steps(&self) -> usize {
        self.sampling.completed_steps()
    }
}
