//! Trains a diffusion model on images, and saves it as a pipeline of diffusers.
//!
//! `cargo run --release --bin train -- --data DIR --config unet/config.json --output OUT`

mod card;
mod curve;
mod options;
mod recipe;
mod run;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match run::run(options::Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
