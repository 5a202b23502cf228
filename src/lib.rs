//! Diffusion models in the browser and in native Rust.

pub mod checkpoint;
pub mod diffusion;
mod error;
pub mod nn;
pub mod pipeline;
pub mod random;
pub mod sampler;
#[cfg(target_family = "wasm")]
pub mod web;

pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use pipeline::{Pipeline, SampleOptions};
