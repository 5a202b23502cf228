//! Pretrained diffusion models in the browser, and natively: loads a checkpoint of diffusers and samples from it.
//!
//! Tweedie's formula is the identity at the heart of every diffusion sampler: the posterior mean of the
//! clean sample is the noisy one plus the variance times the score,
//! `E[x_0 | x_t] = (x_t + sigma²·∇ log p_t(x_t)) / alpha`.
//!
//! ```
//! use burn::tensor::Device;
//! use tweedie::sampler::{Method, ddim};
//! use tweedie::{Checkpoint, Pipeline, SampleOptions};
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
//! let checkpoint = Checkpoint::read_folder(folder.as_ref())?;
//! let pipeline = Pipeline::new(checkpoint, &Device::flex())?;
//! let mut sampling = pipeline.sample(&SampleOptions {
//!     method: Some(Method::Ddim { eta: 0.0, direction: ddim::Direction::Predicted }),
//!     steps: Some(4),
//!     class_labels: vec![3, 1, 4],
//!     ..SampleOptions::default()
//! })?;
//! while let Some(progress) = sampling.step()? {
//!     println!("step {} of {}", progress.step, progress.steps);
//! }
//! assert_eq!(sampling.noisy().dims(), [3, 1, 28, 28]);
//! # Ok::<(), tweedie::Error>(())
//! ```
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`random`] | seeded noise, bit for bit that of `torch.randn` |
//! | [`dataset`] | points in the plane: data sets by name, drawn by hand, from CSV; images from files (native, feature `cli`) |
//! | [`distance`] | how far two sets are from each other: maximum mean discrepancy, sliced Wasserstein, Fréchet distance, precision and recall |
//! | [`distribution`] | one-dimensional distributions, sampled by the inverse transform and by rejection |
//! | [`diffusion`] | noise levels and schedules, what a network predicts, the ideal denoiser |
//! | [`sampler`] | one sampling method per file, and the loop that runs any of them |
//! | [`likelihood`] | the log-likelihood of samples under a model, and the variational bound |
//! | [`nn`] | the networks: `UNet2DModel`, one file per kind of block, and the perceptron for points |
//! | [`checkpoint`] | folders of diffusers: configurations and safetensors |
//! | [`pipeline`] | a checkpoint ready to sample from; a learnt model of points |
//! | [`points`] | models of points ready to sample from; their fields and densities |
//! | [`train`] | training: the objective, the optimiser, and the loop that is stepped, saved and resumed |
//! | [`json`] | JSON as Python writes it |
//! | [`evaluation`] | how good a model of images is, in the feature space of a classifier (native, feature `cli`) |
//! | [`cli`] | what the native programs share (feature `cli`) |
//! | `web` | what JavaScript calls; compiled for WebAssembly alone |
//!
//! The state is variance-preserving everywhere, `x_t = alpha·x_0 + sigma·eps`. Schedules and steps are computed
//! on the CPU in `f64` and never touch a tensor; a sampler's step is then one linear combination of tensors. Input from
//! outside never panics: it returns an [`Error`] that says what was wrong.
#![warn(missing_docs)]

pub mod checkpoint;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub mod cli;
pub mod dataset;
pub mod diffusion;
pub mod distance;
pub mod distribution;
mod elementary;
mod error;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub mod evaluation;
pub mod family;
mod file_kind;
pub mod json;
pub mod likelihood;
pub mod nn;
pub mod pipeline;
pub mod points;
pub mod random;
pub mod sampler;
pub mod train;
#[cfg(target_family = "wasm")]
pub mod web;

pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use pipeline::{Pipeline, SampleOptions};
