//! Corrections of the estimate for Gaussian data, whose posterior is known.

use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::{DMatrix, DVector, Matrix2, Vector2};

use super::{SHAPE, assert_close, linear_operators, matrix, normal, numbers, vector};
use crate::diffusion::{Denoiser, IdealDenoiser, NoiseLevel, Process, Sde};
use crate::random::Generator;
use crate::restore::{Correction, Dense, Observation, Operator, Restorer};
use crate::sampler::{Clipping, Method, Sampling, Step, Trajectory};

const MEAN: f64 = 0.2;
const NOISE: f64 = 0.3;

/// Data from `N(MEAN, 1)` in each number.
fn prior(features: usize) -> IdealDenoiser {
    let means = Tensor::full([1, features], MEAN, &Device::flex());
    IdealDenoiser::of_mixture(means, vec![1.0], vec![1.0]).unwrap()
}

fn level(noise_to_signal: f64) -> NoiseLevel {
    NoiseLevel::from_noise_to_signal(1.0, noise_to_signal)
}

/// An operator with an observation, and the estimate of a correction at a level.
struct Case {
    name: &'static str,
    operator: Operator<4>,
    noisy: Tensor<4>,
    values: Tensor<4>,
}

impl Case {
    fn all() -> Vec<Self> {
        let case = |(name, operator): (&'static str, Operator<4>)| {
            let noisy = normal([1, SHAPE[0], SHAPE[1], SHAPE[2]], 11);
            let values = normal(operator.apply(noisy.clone()).dims(), 12);
            Self {
                name,
                values: operator.known(values),
                operator,
                noisy,
            }
        };
        linear_operators().into_iter().map(case).collect()
    }

    fn estimate(&self, correction: Correction, level: NoiseLevel) -> Vec<f64> {
        let observation = Observation {
            operator: self.operator.clone(),
            values: self.values.clone(),
            noise: NOISE,
            data_variance: 1.0,
        };
        let denoiser = prior(SHAPE.iter().product());
        let restorer = Restorer::new(denoiser, observation, correction);
        numbers(restorer.denoise(self.noisy.clone(), level).clean)
    }

    /// `E[x_0 | x_t]`, its variance `r²`, the matrix of the operator and the residual.
    fn unconditional(&self, level: NoiseLevel) -> (DVector<f64>, f64, DMatrix<f64>, DVector<f64>) {
        let u = level.noise_to_signal();
        let variance = u * u / (1.0 + u * u);
        let noisy = vector(self.noisy.clone()) / level.alpha;
        let mean = noisy.map(|x| MEAN + variance / (u * u) * (x - MEAN));
        let matrix = matrix(&self.operator);
        let residual = vector(self.values.clone()) - &matrix * &mean;
        (mean, variance, matrix, residual)
    }
}

#[test]
fn guidance_and_replacement_are_exact_for_data_of_unit_variance() {
    for case in Case::all() {
        for noise_to_signal in [0.1, 1.0, 20.0] {
            let level = level(noise_to_signal);
            let (mean, variance, a, residual) = case.unconditional(level);
            let outputs = a.nrows();
            let covariance = &a * a.transpose() * variance
                + DMatrix::identity(outputs, outputs) * (NOISE * NOISE);
            let solved = covariance.lu().solve(&residual).unwrap();
            let expected = mean + a.tr_mul(&solved) * variance;
            for correction in [Correction::PiGdm, Correction::Replacement] {
                let what = format!("{} {correction:?} at {noise_to_signal}", case.name);
                let found = case.estimate(correction, level);
                assert_close(&what, &found, expected.as_slice(), 3e-3);
            }
        }
    }
}

#[test]
fn posterior_sampling_follows_the_gradient_of_the_residual() {
    let step_size = 0.7;
    for case in Case::all() {
        for noise_to_signal in [0.1, 1.0, 20.0] {
            let level = level(noise_to_signal);
            let (mean, variance, a, residual) = case.unconditional(level);
            let jacobian = variance / noise_to_signal.powi(2);
            let direction = a.tr_mul(&residual) / residual.norm();
            let expected = mean + direction * (step_size * noise_to_signal * jacobian);
            let found = case.estimate(Correction::Dps { step_size }, level);
            assert_close(case.name, &found, expected.as_slice(), 2e-5);
        }
    }
}

#[test]
fn without_a_correction_the_estimate_is_that_of_the_model() {
    let case = &Case::all()[0];
    let (mean, ..) = case.unconditional(level(2.0));
    let found = case.estimate(Correction::None, level(2.0));
    assert_close("estimate", &found, mean.as_slice(), 1e-5);
}

/// Levels from almost pure noise to almost none.
fn trajectory(steps: usize) -> Trajectory {
    let ratio = |i: usize| 30.0 * (0.01_f64 / 30.0).powf(i as f64 / steps as f64);
    let levels: Vec<NoiseLevel> = (0..=steps).map(|i| level(ratio(i))).collect();
    let sde = Sde::VariancePreserving {
        beta_min: 0.1,
        beta_max: 20.0,
    };
    Trajectory::new(Step::chain(&levels), Process::Sde(sde))
}

/// Mean and covariance of points that a method samples with ΠGDM, for `y = x_1 + x_2 + 0.5·z = 2`.
fn moments(method: &Method) -> (Vector2<f64>, Matrix2<f64>) {
    const COUNT: usize = 4000;
    let device = Device::flex();
    let sum = Dense::new(vec![1.0, 1.0], 1, [1, 2], &device);
    let observation = Observation {
        operator: Operator::Linear(std::sync::Arc::new(sum)),
        values: Tensor::full([1, 1], 2.0, &device),
        noise: 0.5,
        data_variance: 1.0,
    };
    let mut generator = Generator::new(5);
    let noise = TensorData::new(generator.normal(2 * COUNT), [COUNT, 2]);
    let noise: Tensor<2> = Tensor::from_data(noise, &device);
    let plan = method.plan(&trajectory(100)).unwrap();
    let mut sampling = Sampling::new(noise, plan, Clipping::None, generator);
    let restorer = Restorer::new(prior(2), observation, Correction::PiGdm);
    while sampling.step(&restorer).unwrap().is_some() {}
    let values = numbers(sampling.noisy());
    let points = || {
        values
            .chunks(2)
            .map(|point| Vector2::new(point[0], point[1]))
    };
    let mean = points().sum::<Vector2<f64>>() / COUNT as f64;
    let outer = |point: Vector2<f64>| (point - mean) * (point - mean).transpose();
    (
        mean,
        points().map(outer).sum::<Matrix2<f64>>() / COUNT as f64,
    )
}

#[test]
fn guided_samples_have_the_posterior_mean_and_covariance() {
    // With a = (1, 1), the posterior of N(m, 1) has the covariance 1 − a·aᵀ/2.25 and the mean m + a·(2 − 2·MEAN)/2.25.
    let mean = MEAN + (2.0 - 2.0 * MEAN) / 2.25;
    let covariance = Matrix2::identity() - Matrix2::from_element(1.0 / 2.25);
    for name in ["ddim", "ddpm", "heun"] {
        let method = Method::named(name).unwrap();
        let (found, spread) = moments(&method);
        let what = method.name();
        assert_close(what, found.as_slice(), &[mean; 2], 0.05);
        assert_close(what, spread.as_slice(), covariance.as_slice(), 0.05);
    }
}
