//! Trains a generative model on points and prints its measurements:
//! `cargo run --release --example family -- '{"model": "gan", "preset": "works"}' [DATA SET] [SEEDS]`
//!
//! `distance` is the sliced Wasserstein distance from the samples to held-out points, followed by that of the training
//! points. `modes` and `near` are defined in `measure::modes`, for data that are a mixture; the divergences are defined
//! in `measure::grid_divergences`. `seconds` is the run time of the training steps only. With several seeds, the last
//! line contains the means.

use std::time::Instant;

use serde_json::Value;
use tweedie::Result;
use tweedie::dataset::{Named, PointData};
use tweedie::distance::sliced_wasserstein;
use tweedie::family::measure::{Grid, grid_divergences, modes};
use tweedie::family::{FamilyOptions, FamilyTrainer, SampleRequest};
use tweedie::random::Generator;
use tweedie::train::Samples;

/// Number of training points, of held-out points and of samples.
const POINTS: usize = 5000;

/// One row of measurements, in the order of the columns.
type Row = [f64; 8];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let options = arguments.next().unwrap_or(r#"{"model": "gan"}"#.to_owned());
    let options: Value = serde_json::from_str(&options)
        .map_err(|error| tweedie::Error::invalid("options", error.to_string(), options))?;
    let name = arguments.next().unwrap_or("eight-gaussians".to_owned());
    let named = Named::from_name(&name)?;
    let seeds = arguments.next().and_then(|text| text.parse().ok());
    let seeds: u32 = seeds.unwrap_or(1);
    println!(
        "{:>4} {:>8} {:>8} {:>5} {:>6} {:>7} {:>7} {:>7} {:>7}",
        "seed", "distance", "of data", "modes", "near", "KL", "rev. KL", "JS", "seconds"
    );
    let mut sums = Row::default();
    for seed in 0..seeds {
        let row = measure(&options, named, seed)?;
        print_row(&seed.to_string(), &row);
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value / f64::from(seeds);
        }
    }
    print_row("mean", &sums);
    Ok(())
}

fn print_row(name: &str, row: &Row) {
    let [distance, of_data, covered, near, kl, reverse, js, seconds] = row;
    println!(
        "{name:>4} {distance:8.4} {of_data:8.4} {covered:5.1} {near:6.3} {kl:7.3} {reverse:7.3} {js:7.4} {seconds:7.1}"
    );
}

fn measure(options: &Value, named: Named, seed: u32) -> Result<Row> {
    let data = PointData::draw(named, 2 * POINTS, seed)?;
    let [training, held_out] = data.split(0.5, 0)?;
    let values = training.points().as_flattened().to_vec();
    let samples = Samples::new(values, [training.points().len(), 2])?;
    let mut options = FamilyOptions::from_json(options)?;
    options.set("seed", &seed.into())?;
    let mut trainer = FamilyTrainer::new(samples, options)?;
    let began = Instant::now();
    for _ in 0..trainer.plan().steps {
        trainer.step()?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let request = SampleRequest::new(POINTS);
    let samples = trainer.member().sample(&request, &mut Generator::new(1))?;
    let samples = samples.as_chunks().0;
    let distance =
        |points: &[[f32; 2]]| sliced_wasserstein(points, held_out.points(), &Default::default());
    let [covered, near] = match data.mixture() {
        Some(mixture) => {
            let modes = modes(samples, &mixture)?;
            [modes.covered as f64, modes.share_near]
        }
        None => [f64::NAN; 2],
    };
    let divergences = grid_divergences(held_out.points(), samples, &Grid::default())?;
    Ok([
        distance(samples)?,
        distance(training.points())?,
        covered,
        near,
        divergences.forward_kl,
        divergences.reverse_kl,
        divergences.js,
        seconds,
    ])
}
