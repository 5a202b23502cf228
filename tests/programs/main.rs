//! The native programs, image files, and measurements.
#![cfg(all(feature = "cli", not(target_family = "wasm")))]

#[path = "../common/mod.rs"]
mod common;

mod evaluation;
mod examples;
mod image_distance;
mod image_files;
mod sample_programs;
mod train_program;
