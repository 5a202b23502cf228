//! Rejected values.

use burn::tensor::Device;
use tweedie::Error;
use tweedie::diffusion::Quantity;
use tweedie::points::{
    DensityOptions, Fading, FlowOptions, PointPipeline, PointSampleOptions, Schedule,
};
use tweedie::sampler::{Ddim, Method, ddim};

use super::eight;

#[test]
fn a_schedule_that_ends_with_signal_is_warned_of_and_no_default_one_does() {
    let model =
        |schedule| PointPipeline::of_points(&[[0.0, 0.0], [1.0, 1.0]], schedule, &Device::flex());
    for fading in Fading::ALL {
        for timesteps in [2, 3, 5, 10, 30, 100, 1000] {
            let schedule = Schedule {
                timesteps,
                ..Schedule::of(fading)
            };
            let warnings = model(schedule).unwrap().warnings();
            assert!(warnings.is_empty(), "{fading:?}, {timesteps}: {warnings:?}");
        }
        let short = Schedule {
            timesteps: 100,
            beta_end: Some(0.02),
            ..Schedule::of(fading)
        };
        match model(short) {
            Ok(model) => assert_eq!(model.warnings().len(), 1, "{fading:?}"),
            // The cosine schedule has no betas.
            Err(_) => assert_eq!(fading, Fading::Cosine),
        }
    }
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let model = eight();
    let named = |result: Result<(), Error>| match result {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let flow = |steps| FlowOptions {
        steps,
        ..FlowOptions::default()
    };
    let encode = |points: &[f32], steps| model.encode(points, flow(steps)).map(|_| ());
    assert_eq!(named(encode(&[0.0, 1.0], 0)), "steps");
    assert_eq!(named(encode(&[], 5)), "points");
    assert_eq!(named(encode(&[0.0], 5)), "points");
    assert_eq!(named(encode(&[0.0, f32::NAN], 5)), "points");
    let field = |time| model.field(&[0.0, 0.0], time, Quantity::Clean).map(|_| ());
    for time in [-1.0, 999.5, f64::NAN] {
        assert_eq!(named(field(time)), "time");
    }
    let sample = |options: PointSampleOptions| named(model.sample(&options).map(|_| ()));
    let default = PointSampleOptions::default;
    assert_eq!(
        sample(PointSampleOptions {
            count: Some(0),
            ..default()
        }),
        "count"
    );
    let initial_noise = Some(vec![0.0; 3]);
    assert_eq!(
        sample(PointSampleOptions {
            initial_noise,
            ..default()
        }),
        "initial_noise"
    );
    let initial_noise = Some(vec![0.0; 4]);
    assert_eq!(
        sample(PointSampleOptions {
            initial_noise,
            count: Some(3),
            ..default()
        }),
        "initial_noise"
    );
    assert_eq!(
        sample(PointSampleOptions {
            steps: Some(0),
            ..default()
        }),
        "steps"
    );
    assert_eq!(
        sample(PointSampleOptions {
            steps: Some(10_001),
            ..default()
        }),
        "steps"
    );
    assert_eq!(
        sample(PointSampleOptions {
            method: Some(Method::Ddim(Ddim {
                eta: 0.0,
                noise_estimate: ddim::NoiseEstimate::FromModel,
            })),
            steps: Some(1001), // more than there are timesteps
            ..default()
        }),
        "steps"
    );
    let density = DensityOptions {
        time: 999.0,
        ..DensityOptions::default()
    };
    assert_eq!(
        named(model.log_density(&[0.0, 0.0], density).map(|_| ())),
        "time"
    );
    let schedule = |schedule: Schedule| named(schedule.noise_schedule().map(|_| ()));
    let linear = Schedule::default;
    assert_eq!(
        schedule(Schedule {
            timesteps: 1,
            ..linear()
        }),
        "timesteps"
    );
    assert_eq!(
        schedule(Schedule {
            timesteps: 200_000,
            ..linear()
        }),
        "timesteps"
    );
    assert_eq!(
        schedule(Schedule {
            beta_end: Some(1.0),
            ..linear()
        }),
        "beta_end"
    );
    assert_eq!(
        schedule(Schedule {
            beta_start: Some(-0.1),
            ..linear()
        }),
        "beta_start"
    );
    let beta_start = Some(0.1);
    assert_eq!(
        schedule(Schedule {
            beta_start,
            ..Schedule::of(Fading::Constant)
        }),
        "beta_start"
    );
    let beta_end = Some(0.1);
    assert_eq!(
        schedule(Schedule {
            beta_end,
            ..Schedule::of(Fading::Cosine)
        }),
        "beta_end"
    );
}
