//! Networks, checkpoints, pipelines, likelihoods, training, distributions and data.
#![cfg(not(target_family = "wasm"))]

#[path = "../common/mod.rs"]
mod common;

mod checkpoint;
mod dataset;
mod ddim_inversion;
mod distance;
mod distribution;
mod divergence;
mod fuzz;
mod image_likelihood;
mod latents;
mod likelihood;
mod mlp;
mod network_gradient;
mod network_parity;
mod objective;
mod pipeline;
mod point_training;
mod points;
mod random;
mod restore;
mod tiny_likelihood;
mod training;
mod training_gradients;
mod variational_bound;
