//! `evaluate`: measures the quality of a model, as tables for its model card.

mod arguments;
mod classifier;
mod report;
mod rows;

use std::process::ExitCode;

use clap::Parser;
use tweedie::Result;

use arguments::Arguments;
use report::Report;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let mut report = Report::new(arguments)?;
    report.compare_samplers()?;
    report.measure_guidance()?;
    println!("{}", report.to_markdown());
    Ok(())
}
