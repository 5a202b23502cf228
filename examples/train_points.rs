//! Trains the default network on every data set of the plane and measures its samples:
//! `cargo run --release --example train_points [DATA SET]...`
//!
//! `near` is the share of samples whose nearest training point is within the 99th percentile of the distances from training points to
//! their nearest neighbours; `distance` is the sliced Wasserstein distance to held-out points, beside that of the training points.

use std::time::Instant;

use burn::tensor::{Device, Tensor};
use tweedie::Result;
use tweedie::dataset::{Named, PointData};
use tweedie::distance::sliced_wasserstein::{Options, sliced_wasserstein};
use tweedie::points::{PointSampleOptions, PointTraining, PointTrainingOptions, Weights};

const POINTS: usize = 2000;

fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let chosen = Named::ALL.into_iter();
    let chosen =
        chosen.filter(|named| names.is_empty() || names.iter().any(|name| name == named.name()));
    println!(
        "{:16} {:>5} {:>9} {:>9} {:>8}",
        "data set", "near", "distance", "of data", "seconds"
    );
    for named in chosen {
        let [data, held_out] = PointData::draw(named, 2 * POINTS, 0)?.split(0.5, 0)?;
        let began = Instant::now();
        let samples = trained_samples(&data)?;
        let seconds = began.elapsed().as_secs_f64();
        let near = share_near(&samples, data.points());
        let distance = |points: &[[f32; 2]]| {
            sliced_wasserstein(points, held_out.points(), &Options::default())
        };
        println!(
            "{:16} {near:5.3} {:9.4} {:9.4} {seconds:8.1}",
            named.name(),
            distance(&samples)?,
            distance(data.points())?,
        );
    }
    Ok(())
}

/// Samples of a network that was trained with the default options, by 50 steps of DDIM.
fn trained_samples(data: &PointData) -> Result<Vec<[f32; 2]>> {
    let options = PointTrainingOptions::default();
    let steps = options.steps;
    let points = data.points().as_flattened();
    let mut training = PointTraining::new(points, options, &Device::flex())?;
    for _ in 0..steps {
        training.step()?;
    }
    let model = training.pipeline(Weights::Average)?;
    let mut sampling = model.sample(&PointSampleOptions {
        count: Some(POINTS),
        ..PointSampleOptions::default()
    })?;
    while sampling.step()?.is_some() {}
    let samples: Tensor<2> = sampling.noisy();
    let numbers: Vec<f32> = samples.into_data().iter().collect();
    Ok(numbers.as_chunks::<2>().0.to_vec())
}

fn share_near(samples: &[[f32; 2]], data: &[[f32; 2]]) -> f64 {
    let mut own: Vec<f32> = (0..data.len())
        .map(|index| nearest(data[index], data[..index].iter().chain(&data[index + 1..])))
        .collect();
    own.sort_by(f32::total_cmp);
    let threshold = own[own.len() * 99 / 100];
    let near = samples
        .iter()
        .filter(|sample| nearest(**sample, data) <= threshold);
    near.count() as f64 / samples.len() as f64
}

fn nearest<'a>([x, y]: [f32; 2], points: impl IntoIterator<Item = &'a [f32; 2]>) -> f32 {
    let distances = points.into_iter().map(|[a, b]| (x - a).hypot(y - b));
    distances.fold(f32::INFINITY, f32::min)
}
