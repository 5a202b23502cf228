//! How likely does the model find an image? `cargo run --release --example log_likelihood`
//!
//! The log-likelihood is computed along the probability-flow ODE (Song et al. 2021, section 4.3). The program compares a digit that the
//! model drew with the same digit in inverted colours, which has the same shapes but does not look like the training data.

use std::path::Path;

use burn::tensor::Device;
use tweedie::pipeline::LikelihoodOptions;
use tweedie::{Checkpoint, Pipeline, Result, SampleOptions};

fn main() -> Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
    let checkpoint = Checkpoint::read_folder(Path::new(folder))?;
    let pipeline = Pipeline::new(checkpoint, &Device::flex())?;

    let mut sampling = pipeline.sample(&SampleOptions {
        steps: Some(20),
        class_labels: vec![3],
        ..SampleOptions::default()
    })?;
    while sampling.step()?.is_some() {}
    let digit: Vec<f32> = sampling
        .noisy()
        .clamp(-1.0, 1.0)
        .into_data()
        .iter()
        .collect();
    let inverted: Vec<f32> = digit.iter().map(|value| -value).collect();

    // Images are `[batch, channels, height, width]` in row-major order, with values in [−1, 1].
    let images = [digit, inverted].concat();
    let mut likelihood = pipeline.log_likelihood(
        &images,
        &LikelihoodOptions {
            steps: 10,
            class_labels: vec![3],
            ..LikelihoodOptions::default()
        },
    )?;
    while let Some(progress) = likelihood.step()? {
        eprint!("\revaluation {} of {}", progress.step, progress.steps);
    }
    eprintln!();
    let bits: Vec<f32> = likelihood.bits_per_dimension().into_data().iter().collect();
    println!("the digit          {:6.2} bits per pixel", bits[0]);
    println!("in inverted colours {:5.2} bits per pixel", bits[1]);
    Ok(())
}
