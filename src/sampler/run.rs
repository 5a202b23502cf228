//! A sampling run together with its model.

use burn::tensor::Tensor;

use super::{Progress, Sampling};
use crate::diffusion::Denoiser;
use crate::{Error, Result};

/// A [`Sampling`] that owns its denoiser.
#[derive(Clone, Debug)]
pub struct Run<M, const D: usize> {
    sampling: Sampling<D>,
    denoiser: M,
}

impl<M: Denoiser<D>, const D: usize> Run<M, D> {
    /// A run of `sampling` with `denoiser`. Nothing is computed before the first step.
    pub fn new(sampling: Sampling<D>, denoiser: M) -> Self {
        Self { sampling, denoiser }
    }

    /// The same run with the denoiser that `wrap` makes of its own.
    pub fn map_denoiser<N: Denoiser<D>>(self, wrap: impl FnOnce(M) -> N) -> Run<N, D> {
        Run::new(self.sampling, wrap(self.denoiser))
    }

    /// Evaluates the network once; returns `None` once the run is complete.
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

    /// The latest estimate of `x_0`, in the same shape; `None` before the first step.
    pub fn clean(&self) -> Option<Tensor<D>> {
        self.sampling.clean()
    }

    /// Checks that a sample read back after `step` evaluations is finite: see [`Sampling::verify`].
    ///
    /// # Errors
    /// Those of [`Sampling::verify`].
    pub fn verify(&mut self, step: usize, sample: &[f32]) -> Result<()> {
        self.sampling.verify(step, sample)
    }

    /// Reads the current sample back, [verifies](Self::verify) it, and returns it. Blocks until the device has
    /// finished.
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

    /// Mean squared error of the adaptive solver's pending step; see [`Sampling::pending_error`].
    pub fn pending_error(&self) -> Option<Tensor<1>> {
        self.sampling.pending_error()
    }

    /// Accepts or rejects the adaptive solver's pending step; see [`Sampling::control_step`].
    pub fn control_step(&mut self, mean_square: f64) {
        self.sampling.control_step(mean_square);
    }

    /// Total number of network evaluations; an estimate for the adaptive solver.
    pub fn steps(&self) -> usize {
        self.sampling.steps()
    }

    /// Number of completed network evaluations.
    pub fn completed_steps(&self) -> usize {
        self.sampling.completed_steps()
    }
}
