//! Trains the default network on every data set of the plane, and on a written word, and measures its samples:
//! `cargo run --release --example train_points [DATA SET]...`
//!
//! `near` is the share of samples whose nearest training point is within the 99th percentile of the distances from training points to
//! their nearest neighbours. The other columns are mean sliced Wasserstein distances of equal numbers of points, since single ones vary by
//! a third: of the `samples` to held-out points, of two `draws` of the data, and of points drawn with replacement from the training set
//! (`resampled`), which is the limit for a model of this training set.

use std::time::Instant;

use burn::tensor::{Device, Tensor};
use tweedie::Result;
use tweedie::dataset::{Named, PointData};
use tweedie::distance::sliced_wasserstein::{Options, sliced_wasserstein};
use tweedie::points::{PointSampleOptions, PointTraining, PointTrainingOptions, Weights};
use tweedie::random::Generator;

const POINTS: usize = 2000;
/// Draws of the data: one to train with, the others to compare with.
const DRAWS: usize = 6;
/// Sets of samples of the trained network.
const SETS: u32 = 3;

type Points = Vec<[f32; 2]>;

fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let is_chosen = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    println!(
        "{:16} {:>5} {:>8} {:>8} {:>9} {:>8}",
        "data set", "near", "samples", "draws", "resampled", "seconds"
    );
    let sets = Named::ALL.map(|named| (named.name(), Some(named)));
    for (name, named) in sets.into_iter().chain([("word", None)]) {
        if !is_chosen(name) {
            continue;
        }
        let points = match named {
            Some(named) => PointData::draw(named, DRAWS * POINTS, 0)?,
            None => written_word(DRAWS * POINTS)?,
        };
        let draws: Vec<Points> = points.points().chunks(POINTS).map(<[_]>::to_vec).collect();
        let (data, held_out) = (&draws[0], &draws[1..]);
        let began = Instant::now();
        let samples = trained_samples(data)?;
        let seconds = began.elapsed().as_secs_f64();
        let resampled: Vec<Points> = (0..SETS).map(|seed| resampled(data, seed)).collect();
        println!(
            "{:16} {:5.3} {:8.4} {:8.4} {:9.4} {seconds:8.1}",
            name,
            share_near(&samples[0], data),
            mean_distance(&samples, held_out)?,
            mean_distance_between(&draws)?,
            mean_distance(&resampled, held_out)?,
        );
    }
    Ok(())
}

/// The mean distance from each of the first sets to each of the second.
fn mean_distance(first: &[Points], second: &[Points]) -> Result<f64> {
    let pairs = first
        .iter()
        .flat_map(|a| second.iter().map(move |b| (a, b)));
    let distances = pairs.map(|(a, b)| sliced_wasserstein(a, b, &Options::default()));
    let distances: Vec<f64> = distances.collect::<Result<_>>()?;
    Ok(distances.iter().sum::<f64>() / distances.len() as f64)
}

/// The mean distance between any two of the sets.
fn mean_distance_between(sets: &[Points]) -> Result<f64> {
    let count = sets.len();
    // The pairs of a set with itself have distance 0.
    Ok(mean_distance(sets, sets)? * count as f64 / (count - 1) as f64)
}

fn resampled(data: &[[f32; 2]], seed: u32) -> Points {
    let places = Generator::new(seed).uniform(POINTS).into_iter();
    let point = |u: f32| data[((u * data.len() as f32) as usize).min(data.len() - 1)];
    places.map(point).collect()
}

/// Points along the strokes of the word "mu", scattered around them.
fn written_word(count: usize) -> Result<PointData> {
    const STROKES: [&[[f32; 2]]; 2] = [
        &[
            [-2.0, -0.7],
            [-2.0, 0.7],
            [-1.3, -0.1],
            [-0.6, 0.7],
            [-0.6, -0.7],
        ],
        &[
            [0.4, 0.7],
            [0.4, -0.3],
            [0.8, -0.7],
            [1.4, -0.7],
            [1.8, -0.3],
            [1.8, 0.7],
            [1.8, -0.7],
        ],
    ];
    let lines: Vec<[[f32; 2]; 2]> = STROKES
        .iter()
        .flat_map(|stroke| stroke.windows(2).map(|ends| [ends[0], ends[1]]))
        .collect();
    let lengths = lines.iter().map(|[[a, b], [c, d]]| (c - a).hypot(d - b));
    let total: f32 = lengths.clone().sum();
    let mut generator = Generator::new(0);
    let places = generator.uniform(count);
    let scatter = generator.normal(2 * count);
    let mut points = Vec::with_capacity(2 * count);
    for (place, scatter) in places.iter().zip(scatter.as_chunks::<2>().0) {
        let mut rest = place * total;
        let on_line = |(line, length): (&[[f32; 2]; 2], f32)| {
            let part = rest / length;
            rest -= length;
            (part <= 1.0).then(|| {
                let [[a, b], [c, d]] = *line;
                [a + part * (c - a), b + part * (d - b)]
            })
        };
        let place = lines.iter().zip(lengths.clone()).find_map(on_line);
        let [x, y] = place.unwrap_or([1.8, -0.7]);
        points.extend([x + 0.04 * scatter[0], y + 0.04 * scatter[1]]);
    }
    PointData::from_points(&points)
}

/// Sets of samples of a network trained with default options, with the default sampler.
fn trained_samples(data: &[[f32; 2]]) -> Result<Vec<Points>> {
    let options = PointTrainingOptions::default();
    let steps = options.steps;
    let mut training = PointTraining::new(data.as_flattened(), options, &Device::flex())?;
    for _ in 0..steps {
        training.step()?;
    }
    let model = training.pipeline(Weights::Ema)?;
    let samples = |seed| {
        let mut sampling = model.sample(&PointSampleOptions {
            count: Some(POINTS),
            seed,
            ..PointSampleOptions::default()
        })?;
        while sampling.step()?.is_some() {}
        let samples: Tensor<2> = sampling.noisy();
        let numbers: Vec<f32> = samples.into_data().iter().collect();
        Ok(numbers.as_chunks::<2>().0.to_vec())
    };
    (0..SETS).map(samples).collect()
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
