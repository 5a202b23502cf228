//! `train`: trains a diffusion model on images and saves it as a diffusers pipeline.
//!
//! `cargo run --release --bin train -- --data DIR --config unet/config.json --output OUT`

mod card;
mod curve;
mod options;
mod recipe;
mod run;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use options::Options;
use tweedie::cli;

fn main() -> ExitCode {
    let command = Options::command();
    let matches = command.clone().get_matches();
    let options = Options::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run::run(options, &matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", cli::in_arguments(error, &command));
            ExitCode::FAILURE
        }
    }
}
