//! Noise schedules, samplers and their plans, against closed forms, published numbers and diffusers.
#![cfg(not(target_family = "wasm"))]

#[path = "../common/mod.rs"]
mod common;

mod catalog;
mod clipping;
mod consistency;
mod deis;
mod documentation;
mod dormand_prince;
mod dpm_solver;
mod guidance;
mod ideal;
mod kdpm2;
mod langevin;
mod limits;
mod multistep;
mod named_methods;
mod preconditioned;
mod probability_flow;
mod published;
mod sampler_parity;
mod sampler_properties;
mod saved_configs;
mod schedule_parity;
mod sde;
mod solver_parity;
mod unipc;
