//! Sampling of points with every method.

use burn::tensor::Device;
use tweedie::dataset::{GaussianMixture, Named, PointData};
use tweedie::distance::sliced_wasserstein::{Options, sliced_wasserstein};
use tweedie::points::{DensityOptions, PointPipeline, PointSampleOptions, Schedule};
use tweedie::random::Generator;
use tweedie::sampler::Method;
use tweedie::sampler::catalog::{CATALOG, Value};

use super::{as_points, eight, nats};
use crate::common::{assert_close, values};

/// Every sampler that takes noise to data: all but Langevin dynamics at one level, and the sampler of consistency models.
fn methods() -> Vec<Method> {
    let names = CATALOG.iter().map(|entry| entry.name);
    let names = names.filter(|name| !["langevin", "consistency"].contains(name));
    let mut methods: Vec<Method> = names.filter_map(Method::named).collect();
    for method in &mut methods {
        if method.name() == "annealed-langevin" {
            method.set_option("steps_per_level", Value::Whole(10));
            method.set_option("step_size", Value::Number(4e-4));
        }
    }
    for name in ["dpm-solver++", "probability-flow"] {
        let mut variant = Method::named(name).unwrap();
        variant.set_option("mode", Value::Word("singlestep"));
        variant.set_option("solver", Value::Word("rk4"));
        methods.push(variant);
    }
    methods
}

#[test]
fn every_sampler_takes_noise_to_the_data_of_an_ideal_model() {
    let model = eight();
    let reference = PointData::draw(Named::EightGaussians, 1000, 5).unwrap();
    for method in methods() {
        let steps = (method.name() != "dormand-prince").then_some(100);
        let options = PointSampleOptions {
            method: Some(method.clone()),
            steps,
            seed: 1,
            ..PointSampleOptions::default()
        };
        let mut run = model.sample(&options).unwrap();
        while run.step().unwrap().is_some() {}
        let found = values(run.noisy());
        assert_eq!(found.len(), 2000, "{method:?}");
        let options = Options::default();
        let distance = sliced_wasserstein(as_points(&found), reference.points(), &options).unwrap();
        assert!(distance < 0.2, "{method:?}: a distance of {distance}");
    }
}

#[test]
fn a_mixture_on_a_line_is_sampled_and_measured_like_one_in_the_plane() {
    let mixture = GaussianMixture {
        means: vec![-1.2, 0.8],
        stds: vec![0.2, 0.4],
        weights: vec![1.0, 2.0],
        dimensions: 1,
    };
    let model = PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex()).unwrap();
    let options = PointSampleOptions {
        count: Some(4000),
        ..PointSampleOptions::default()
    };
    let mut run = model.sample(&options).unwrap();
    assert_eq!(run.noisy().dims(), [4000, 1]);
    while run.step().unwrap().is_some() {}
    let found = values(run.noisy());
    let left = found.iter().filter(|x| **x < -0.5).count() as f64 / 4000.0;
    assert!(
        (left - 1.0 / 3.0).abs() < 0.03,
        "{left} of the points lie on the left"
    );
    let line = [-1.2_f32, 0.0, 0.9];
    let exact = values(model.closed_log_density(&line, 50.0).unwrap());
    let options = DensityOptions {
        time: 50.0,
        ..DensityOptions::default()
    };
    assert_close("density", &nats(&model, &line, options), &exact, 2e-3);
}

#[test]
fn the_initial_noise_takes_the_place_of_the_seeds() {
    let model = eight();
    let run = |options: &PointSampleOptions| {
        let mut run = model.sample(options).unwrap();
        while run.step().unwrap().is_some() {}
        values(run.noisy())
    };
    let seeded = PointSampleOptions {
        seed: 6,
        count: Some(20),
        ..PointSampleOptions::default()
    };
    let given = PointSampleOptions {
        initial_noise: Some(Generator::new(6).normal(40)),
        ..PointSampleOptions::default()
    };
    assert_eq!(run(&seeded), run(&given));
}
