//! Draws digits in the terminal: `cargo run --release --example sample [DIGIT]`
//!
//! The checkpoint is a folder as diffusers saves it. Replace the path by that of any other `UNet2DModel`.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use tweedie::{Checkpoint, Pipeline, Result, SampleOptions};

fn main() -> Result<()> {
    let digit = std::env::args().nth(1).and_then(|digit| digit.parse().ok());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
    let checkpoint = Checkpoint::read_folder(Path::new(folder))?;
    let pipeline = Pipeline::new(checkpoint, &Device::flex())?; // `flex` is the CPU

    // Options that are left out have the checkpoint's values. The seed determines the noise, as in PyTorch.
    let mut sampling = pipeline.sample(&SampleOptions {
        steps: Some(20),
        class_labels: vec![digit.unwrap_or(7)],
        batch: Some(3),
        seed: 1,
        ..SampleOptions::default()
    })?;

    // One network evaluation per call, so that a program can show progress or stop.
    while let Some(progress) = sampling.step()? {
        eprint!("\rstep {} of {}", progress.step, progress.steps);
    }
    eprintln!();
    print(sampling.noisy());
    Ok(())
}

/// Prints grey images `[batch, 1, height, width]` with values in [−1, 1] side by side.
fn print(images: Tensor<4>) {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let [batch, _, height, width] = images.dims();
    let values: Vec<f32> = images.into_data().iter().collect();
    for row in 0..height {
        let line: String = (0..batch)
            .flat_map(|image| &values[(image * height + row) * width..][..width])
            .map(|value| SHADES[((value + 1.0) * 2.5).clamp(0.0, 4.0) as usize])
            .flat_map(|shade| [shade, shade]) // a character is twice as high as wide
            .collect();
        println!("{line}");
    }
}
