//! Training of point models, from the options to measured samples.

use crate::common::values;
use burn::tensor::Device;
use tweedie::Error;
use tweedie::dataset::{Named, PointData};
use tweedie::diffusion::{Prediction, Quantity};
use tweedie::distance::sliced_wasserstein::{Options, sliced_wasserstein};
use tweedie::points::{
    DensityOptions, Fading, PointPipeline, PointSampleOptions, PointTraining, PointTrainingOptions,
    Schedule, Weights,
};
use tweedie::train::{LearningRateDecay, TimeSampling};

/// A network that trains quickly.
fn small(prediction: Prediction) -> PointTrainingOptions {
    PointTrainingOptions {
        width: 48,
        depth: 2,
        prediction,
        learning_rate: 5e-3,
        batch: 256,
        ema: 0.99,
        steps: 500,
        ..PointTrainingOptions::default()
    }
}

fn training(options: PointTrainingOptions) -> PointTraining {
    let data = PointData::draw(Named::TwoGaussians, 1000, 0).unwrap();
    PointTraining::new(data.points().as_flattened(), options, &Device::flex()).unwrap()
}

fn take(training: &mut PointTraining, steps: usize) -> Vec<f32> {
    let loss = |_| values(training.step().unwrap())[0];
    (0..steps).map(loss).collect()
}

fn trained(prediction: Prediction) -> PointPipeline {
    trained_with(small(prediction))
}

fn trained_with(options: PointTrainingOptions) -> PointPipeline {
    let mut training = training(options);
    take(&mut training, 500);
    training.pipeline(Weights::Ema).unwrap()
}

const PREDICTIONS: [Prediction; 4] = [
    Prediction::Noise,
    Prediction::Clean,
    Prediction::Velocity,
    Prediction::Score,
];

#[test]
fn networks_of_every_prediction_learn_where_the_data_are() {
    let held_out = PointData::draw(Named::TwoGaussians, 1000, 1).unwrap();
    let distance = |model: &PointPipeline| {
        let mut run = model.sample(&PointSampleOptions::default()).unwrap();
        while run.step().unwrap().is_some() {}
        let found = values(run.noisy());
        let found = found.as_chunks::<2>().0;
        sliced_wasserstein(found, held_out.points(), &Options::default()).unwrap()
    };
    // Noise prediction needs more steps: its error is magnified in x_0 at low signal.
    for (prediction, most) in PREDICTIONS.into_iter().zip([1.3, 0.4, 0.45, 1.3]) {
        let untrained = training(small(prediction)).pipeline(Weights::Current);
        let (before, after) = (
            distance(&untrained.unwrap()),
            distance(&trained(prediction)),
        );
        assert!(
            after < most && after < before / 1.5,
            "{prediction:?}: {before}, then {after}"
        );
    }
}

/// Four thousand points per set, so that the difference between two draws of one distribution, about 0.03, is
/// negligible.
#[test]
fn three_data_sets_are_learnt_to_a_distance_below_0_08() {
    for name in [Named::TwoMoons, Named::EightGaussians, Named::Rings] {
        let [data, held_out] = [0, 1].map(|seed| PointData::draw(name, 4000, seed).unwrap());
        let options = PointTrainingOptions {
            width: 64,
            depth: 3,
            steps: 2500,
            ..small(Prediction::Velocity)
        };
        let points = data.points().as_flattened();
        let mut training = PointTraining::new(points, options, &Device::flex()).unwrap();
        take(&mut training, 2500);
        let model = training.pipeline(Weights::Ema).unwrap();
        let options = PointSampleOptions {
            count: Some(4000),
            seed: 1,
            ..PointSampleOptions::default()
        };
        let mut run = model.sample(&options).unwrap();
        while run.step().unwrap().is_some() {}
        let found = values(run.noisy());
        let found = found.as_chunks::<2>().0;
        let distance = sliced_wasserstein(found, held_out.points(), &Options::default());
        let distance = distance.unwrap();
        assert!(distance < 0.08, "{name:?}: {distance}");
    }
}

#[test]
fn the_density_of_a_network_integrates_to_one() {
    let (side, width) = (60, 6.0_f32);
    let cell = width / side as f32;
    let at = |index: usize| (index as f32 + 0.5) * cell - width / 2.0;
    let grid: Vec<f32> = (0..side * side)
        .flat_map(|i| [at(i % side), at(i / side)])
        .collect();
    for prediction in [Prediction::Noise, Prediction::Velocity] {
        // Densities need all noise levels, and a network that is well-behaved far from the data, as one without Fourier
        // features is after few steps.
        let options = PointTrainingOptions {
            octaves: 0,
            time_sampling: TimeSampling::LowVariance,
            ..small(prediction)
        };
        let mut run = trained_with(options)
            .log_density(&grid, DensityOptions::default())
            .unwrap();
        while run.step().unwrap().is_some() {}
        let total: f32 = values(run.nats())
            .iter()
            .map(|nats| nats.exp() * cell * cell)
            .sum();
        assert!(
            (total - 1.0).abs() < 0.01,
            "{prediction:?}: the integral is {total}"
        );
    }
}

#[test]
fn a_snapshot_resumes_bit_for_bit() {
    let options = PointTrainingOptions {
        schedule: Schedule::of(Fading::Cosine),
        decay: LearningRateDecay::Linear,
        frequencies: 3,
        seed: 9,
        ..small(Prediction::Velocity)
    };
    let mut one = training(options.clone());
    take(&mut one, 20);
    let bytes = one.snapshot().to_bytes().unwrap();
    let mut other = PointTraining::restore(&bytes, &Device::flex()).unwrap();
    assert_eq!((other.steps(), other.options()), (20, &options));
    assert_eq!(take(&mut one, 10), take(&mut other, 10));
    assert_eq!(
        one.snapshot().to_bytes().unwrap(),
        other.snapshot().to_bytes().unwrap()
    );
}

#[test]
fn bytes_that_are_no_training_are_refused() {
    let bytes = training(small(Prediction::Noise))
        .snapshot()
        .to_bytes()
        .unwrap();
    let restored = |bytes: &[u8]| PointTraining::restore(bytes, &Device::flex());
    assert!(restored(&bytes).is_ok());
    for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        let error = restored(&bytes[..length]).unwrap_err();
        assert!(
            matches!(error, Error::MalformedFile { .. }),
            "{length}: {error}"
        );
    }
    assert!(restored(&[255; 64]).is_err());
}

#[test]
fn a_diverged_run_keeps_good_weights_and_continues_with_a_smaller_rate() {
    let mut training = training(PointTrainingOptions {
        learning_rate: 300.0,
        decay: LearningRateDecay::Constant,
        ..small(Prediction::Noise)
    });
    let diverged = (0..500).find_map(|_| training.step().err()).unwrap();
    assert_eq!(diverged.code(), "diverged");
    assert!(training.step().is_err());
    let model = training.pipeline(Weights::Current).unwrap();
    let field = model.field(&[0.5, 0.5], 100.0, Quantity::Clean).unwrap();
    assert!(values(field).iter().all(|x| x.is_finite()));
    assert!(training.set_learning_rate(f64::NAN).is_err());
    training.set_learning_rate(1e-3).unwrap();
    assert_eq!(
        (training.options().learning_rate, training.learning_rate()),
        (1e-3, 1e-3)
    );
    assert!(take(&mut training, 5).iter().all(|loss| loss.is_finite()));
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let name = |options: PointTrainingOptions| {
        let data = PointData::draw(Named::Rings, 10, 0).unwrap();
        let refused = PointTraining::new(data.points().as_flattened(), options, &Device::flex());
        match refused.unwrap_err() {
            Error::InvalidOption { name, .. } => name,
            other => panic!("{other}"),
        }
    };
    let default = PointTrainingOptions::default;
    for width in [0, 1_000_000] {
        assert_eq!(name(PointTrainingOptions { width, ..default() }), "width");
    }
    assert_eq!(
        name(PointTrainingOptions {
            depth: 0,
            ..default()
        }),
        "depth"
    );
    assert_eq!(
        name(PointTrainingOptions {
            frequencies: 99,
            ..default()
        }),
        "frequencies"
    );
    assert_eq!(
        name(PointTrainingOptions {
            steps: 0,
            ..default()
        }),
        "steps"
    );
    assert_eq!(
        name(PointTrainingOptions {
            ema: 1.0,
            ..default()
        }),
        "ema"
    );
    for batch in [0, 100_000_000] {
        assert_eq!(name(PointTrainingOptions { batch, ..default() }), "batch");
    }
    for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            name(PointTrainingOptions {
                learning_rate,
                ..default()
            }),
            "learning_rate"
        );
    }
}

/// Fraction of samples on one of the rings of radius 1, 2 and 3, within three standard deviations of their noise.
fn share_on_rings(options: PointTrainingOptions) -> f64 {
    let data = PointData::draw(Named::Rings, 2000, 0).unwrap();
    let points = data.points().as_flattened();
    let mut training = PointTraining::new(points, options, &Device::flex()).unwrap();
    let steps = training.options().steps;
    take(&mut training, steps);
    let model = training.pipeline(Weights::Ema).unwrap();
    let mut run = model.sample(&PointSampleOptions::default()).unwrap();
    while run.step().unwrap().is_some() {}
    let samples = values(run.noisy());
    let standardisation = data.standardisation();
    let on_ring = |[x, y]: &[f32; 2]| {
        let restored = [(*x, 0), (*y, 1)]
            .map(|(x, i)| standardisation.mean[i] + standardisation.scale * f64::from(x));
        let radius = restored[0].hypot(restored[1]);
        (radius - radius.round().clamp(1.0, 3.0)).abs() < 0.24
    };
    let samples = samples.as_chunks::<2>().0;
    samples.iter().filter(|sample| on_ring(sample)).count() as f64 / samples.len() as f64
}

#[test]
fn the_default_features_and_times_teach_rings_that_are_a_disc_without_them() {
    let small = PointTrainingOptions {
        steps: 2400,
        ..PointTrainingOptions::default()
    };
    let plain = PointTrainingOptions {
        octaves: 0,
        time_sampling: TimeSampling::LowVariance,
        ..small.clone()
    };
    let (with, without) = (share_on_rings(small), share_on_rings(plain));
    assert!(
        with > 0.6 && with > without + 0.1,
        "{with}, {without} without"
    );
}

#[test]
fn the_ideal_denoisers_loss_is_the_floor() {
    let same = PointTraining::new(&[0.0; 20], small(Prediction::Velocity), &Device::flex());
    let loss = same.unwrap().ideal_loss();
    assert!(loss < 1e-9, "the noise of one point is known: {loss}");
    for prediction in [Prediction::Noise, Prediction::Velocity] {
        let mut training = training(small(prediction));
        let losses = take(&mut training, 500);
        let last: f32 = losses[400..].iter().sum::<f32>() / 100.0;
        let floor = training.ideal_loss() as f32;
        assert!(
            0.5 * last < floor && floor < 1.05 * last,
            "{last} above {floor}"
        );
    }
}
