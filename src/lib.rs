//! Diffusion models in the browser and in native programs: loads diffusers checkpoints, samples from them, and trains
//! small models.
//!
//! Tweedie's formula connects denoising and the score, and is the basis of every diffusion sampler: the posterior mean
//! of the clean sample is `E[x_0 | x_t] = (x_t + sigma²·∇ log p_t(x_t)) / alpha`.
//!
//! ```
//! use burn::tensor::Device;
//! use tweedie::sampler::Ddim;
//! use tweedie::{Checkpoint, Pipeline, SampleOptions};
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
//! let checkpoint = Checkpoint::read_folder(folder.as_ref())?;
//! let pipeline = Pipeline::new(checkpoint, &Device::flex())?;
//! let mut sampling = pipeline.sample(&SampleOptions {
//!     method: Some(Ddim { eta: 0.5, ..Ddim::default() }.into()),
//!     steps: Some(4),
//!     class_labels: vec![3, 1, 4],
//!     ..SampleOptions::default()
//! })?;
//! while let Some(progress) = sampling.step()? {
//!     println!("evaluation {} of {}", progress.step, progress.steps);
//! }
//! assert_eq!(sampling.noisy().dims(), [3, 1, 28, 28]);
//! # Ok::<(), tweedie::Error>(())
//! ```
//!
//! # Modules
//!
//! | module | contents |
//! |---|---|
//! | [`random`] | seeded random numbers, bit-identical to `torch.randn` |
//! | [`dataset`] | data sets: named sets of points in the plane, drawn points, CSV files; images from files (native, feature `cli`) |
//! | [`distance`] | distances between two sets: maximum mean discrepancy, sliced Wasserstein, Fréchet distance, precision and recall |
//! | [`distribution`] | one-dimensional distributions, sampled by inverse transform and by rejection |
//! | [`diffusion`] | noise levels, schedules and processes, predictions of networks, the ideal denoiser |
//! | [`sampler`] | one sampling method per file, and the loop that runs all of them |
//! | [`restore`] | inverse problems: operators and posterior samplers; synchronised samples of several views |
//! | [`likelihood`] | the log-likelihood of samples under a model, and the variational bound |
//! | [`nn`] | networks: `UNet2DModel`, one file per type of block, and the multilayer perceptron for points |
//! | [`checkpoint`] | diffusers folders: configurations and safetensors |
//! | [`pipeline`] | image models ready for sampling, and trained point models |
//! | [`family`] | the other generative models of points, from GANs to normalizing flows, under one trainer |
//! | [`points`] | point models ready for sampling; their vector fields and densities |
//! | [`train`] | training: the objective, the optimiser, and a loop that can be stepped, saved and resumed |
//! | [`json`] | JSON as written by Python |
//! | [`evaluation`] | quality of image models, measured in the feature space of a classifier (native, feature `cli`) |
//! | [`cli`] | code shared by the native programs (feature `cli`) |
//! | `web` | the JavaScript API; compiled only for WebAssembly |
//!
//! Noisy samples are `x_t = alpha·x_0 + sigma·eps`. The process determines `alpha` and `sigma`: DDPM's schedules are
//! variance-preserving, `alpha² + sigma² = 1`; variance-exploding SDEs, EDM and flow matching scale the sample
//! differently. Schedules and coefficients are computed on the CPU in `f64`, without tensors; each update of a sampler
//! is then one linear combination of tensors. Invalid input never panics: it returns an [`Error`] that states what was
//! wrong and what is allowed.
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
pub mod restore;
pub mod sampler;
pub mod train;
#[cfg(target_family = "wasm")]
pub mod web;

pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use pipeline::{Pipeline, SampleOptions};
