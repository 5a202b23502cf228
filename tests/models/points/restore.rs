//! Points given an observation, against the exact posterior of a mixture.

use burn::tensor::Device;
use tweedie::dataset::{GaussianMixture, Named, PointData};
use tweedie::distance::{self, sliced_wasserstein};
use tweedie::points::{PointObservation, PointPipeline, PointSampleOptions, Schedule};
use tweedie::restore::Correction;
use tweedie::sampler::{Ddim, Method, ddim};

use crate::common::values;

const COUNT: usize = 4000;

fn eight_gaussians() -> GaussianMixture {
    let data = PointData::draw(Named::EightGaussians, 1000, 0).unwrap();
    data.mixture().unwrap()
}

fn observation(value: f64) -> PointObservation {
    PointObservation {
        direction: vec![1.0, 0.0],
        value,
        noise: 0.2,
    }
}

fn points(numbers: impl Iterator<Item = f32>) -> Vec<[f32; 2]> {
    let numbers: Vec<f32> = numbers.collect();
    numbers.as_chunks::<2>().0.to_vec()
}

fn exact(value: f64, seed: u32) -> Vec<[f32; 2]> {
    let drawn = eight_gaussians().draw_posterior(&observation(value), COUNT, seed);
    points(drawn.unwrap().into_iter().map(|x| x as f32))
}

fn restored(value: f64, correction: Correction) -> Vec<[f32; 2]> {
    let mixture = eight_gaussians();
    let pipeline =
        PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex()).unwrap();
    let options = PointSampleOptions {
        method: Some(Method::Ddim(Ddim {
            eta: 1.0,
            noise_estimate: ddim::NoiseEstimate::FromModel,
        })),
        steps: Some(200),
        count: Some(COUNT),
        ..PointSampleOptions::default()
    };
    let mut run = pipeline
        .restore(&observation(value), correction, &options)
        .unwrap();
    while run.step().unwrap().is_some() {}
    points(values(run.noisy()).into_iter())
}

fn distance(a: &[[f32; 2]], b: &[[f32; 2]]) -> f64 {
    sliced_wasserstein(a, b, &distance::sliced_wasserstein::Options::default()).unwrap()
}

#[test]
fn the_exact_posterior_is_that_of_the_density() {
    // p(x | y) ∝ p(x)·N(y; x_1, noise²), by self-normalised importance sampling from the prior.
    let value = 0.5;
    let prior = PointData::draw(Named::EightGaussians, 100_000, 3).unwrap();
    let mut sums = [0.0; 4];
    for [x, y] in prior.points() {
        let (x, y) = (f64::from(*x), f64::from(*y));
        let weight = (-0.5 * ((value - x) / 0.2).powi(2)).exp();
        for (sum, term) in sums.iter_mut().zip([1.0, x, x * x, y * y]) {
            *sum += weight * term;
        }
    }
    let drawn = exact(value, 1);
    let mean = |term: fn(f64, f64) -> f64| {
        let term = |[x, y]: &[f32; 2]| term(f64::from(*x), f64::from(*y));
        drawn.iter().map(term).sum::<f64>() / COUNT as f64
    };
    let found = [mean(|x, _| x), mean(|x, _| x * x), mean(|_, y| y * y)];
    for (found, sum) in found.into_iter().zip(&sums[1..]) {
        let expected = sum / sums[0];
        assert!((found - expected).abs() < 0.03, "{found} and {expected}");
    }
}

#[test]
fn guidance_approaches_the_exact_posterior() {
    let value = 1.0;
    let floor = distance(&exact(value, 1), &exact(value, 2));
    let dps = Correction::Dps { step_size: 3.0 };
    let corrections = [Correction::None, Correction::PiGdm, dps];
    let [prior, guided, descended] =
        corrections.map(|correction| distance(&restored(value, correction), &exact(value, 1)));
    // The variance of x_0 given x_t is that of a single Gaussian for ΠGDM, which blurs the weights of the modes.
    assert!(guided <= 0.12, "guidance {guided}, floor {floor}");
    assert!(descended < prior / 2.0, "dps {descended}, prior {prior}");
}

#[test]
fn observations_that_are_no_observations_are_refused() {
    let pipeline =
        PointPipeline::of_mixture(&eight_gaussians(), Schedule::default(), &Device::flex())
            .unwrap();
    let refused = |change: fn(&mut PointObservation), name: &str| {
        let mut observation = observation(0.5);
        change(&mut observation);
        let options = PointSampleOptions::default();
        let error = pipeline.restore(&observation, Correction::PiGdm, &options);
        let message = error.map(|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(name), "{message}");
    };
    refused(|observation| observation.direction = vec![1.0], "direction");
    refused(
        |observation| observation.direction = vec![0.0; 2],
        "direction",
    );
    refused(|observation| observation.value = f64::NAN, "value");
    refused(|observation| observation.noise = 0.0, "noise");
}
