//! Gaussian data with a known reverse process: closed forms, and the likelihood that is bounded.

use std::f64::consts::{LN_2, TAU};

use burn::tensor::{Device, Tensor, TensorData};
use statrs::distribution::{ContinuousCDF, Normal};
use tweedie::Error;
use tweedie::diffusion::{
    Betas, Denoiser, Estimate, IdealDenoiser, NoiseLevel, NoiseSchedule, TimestepSpacing,
};
use tweedie::likelihood::{ReverseVariance, Transition, VariationalBound, transitions};
use tweedie::random::Generator;
use tweedie::sampler::Clipping;
use tweedie::sampler::ddpm::Variance;

use crate::common::values;

const STD: f64 = 0.3;
const SHAPE: [usize; 2] = [512, 16];

fn schedule() -> NoiseSchedule {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    NoiseSchedule::new(&betas, 1000).unwrap()
}

/// Draws from `N(0, STD²)`, rounded to grey levels; none is close to black or white.
fn grey_levels() -> Vec<f32> {
    let normals = Generator::new(1).normal(SHAPE.iter().product());
    let level = |x: f32| ((STD as f32 * x + 1.0) * 127.5).round() / 127.5 - 1.0;
    normals.into_iter().map(level).collect()
}

/// The ideal denoiser of this distribution, with the exact variance of each reverse step: `x_{t−1}` given `x_t` is
/// normal.
struct GaussianModel {
    clean: IdealDenoiser,
    variances: Vec<(f64, f64)>,
}

impl Denoiser<2> for GaussianModel {
    fn denoise(&self, noisy: Tensor<2>, level: NoiseLevel) -> Estimate<2> {
        let of_level = |(time, _): &&(f64, f64)| *time == level.time;
        let variance = self.variances.iter().find(of_level).unwrap().1;
        Estimate {
            variance: Some(noisy.zeros_like() + variance),
            ..self.clean.denoise(noisy, level)
        }
    }
}

/// `Var(x_0 | x_t)`
fn unknown(NoiseLevel { alpha, sigma, .. }: NoiseLevel) -> f64 {
    (STD * sigma).powi(2) / ((alpha * STD).powi(2) + sigma * sigma)
}

/// `Var(x_{t−1} | x_t)`; `x_{t−1}` is `x_0` in the last step.
fn reverse_variance(transition: &Transition) -> f64 {
    let from_clean = transition.clean.powi(2) * unknown(transition.level);
    transition.posterior_variance.unwrap_or(0.0) + from_clean
}

/// The mean of a term for Gaussian data in bits, for a fixed variance; `L_0` without the width of its bins.
fn closed_form(transition: &Transition) -> f64 {
    let ReverseVariance::Fixed(model) = transition.variance else {
        panic!("{transition:?}")
    };
    let nats = match transition.posterior_variance {
        Some(posterior) => {
            (reverse_variance(transition) / model - 1.0 - (posterior / model).ln()) / 2.0
        }
        None => ((TAU * model).ln() + reverse_variance(transition) / model) / 2.0 + 127.5_f64.ln(),
    };
    nats / LN_2
}

fn gaussian_bound(timesteps: &[usize], variance: Variance) -> VariationalBound<2> {
    let device = Device::flex();
    let mean = Tensor::zeros([1, SHAPE[1]], &device);
    let exact = |transition: &Transition| (transition.level.time, reverse_variance(transition));
    let denoiser = GaussianModel {
        clean: IdealDenoiser::of_mixture(mean, vec![STD], vec![1.0]).unwrap(),
        variances: transitions(&schedule(), timesteps, variance)
            .iter()
            .map(exact)
            .collect(),
    };
    let images = Tensor::from_data(TensorData::new(grey_levels(), SHAPE), &device);
    let mut bound = start(images, timesteps, variance).unwrap();
    while bound.step(&denoiser).unwrap().is_some() {}
    bound
}

fn start(
    images: Tensor<2>,
    timesteps: &[usize],
    variance: Variance,
) -> Result<VariationalBound<2>, Error> {
    let generator = Generator::new(2);
    VariationalBound::new(
        images,
        &schedule(),
        timesteps,
        variance,
        Clipping::None,
        generator,
    )
}

fn mean(numbers: &[f32]) -> f64 {
    numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / numbers.len() as f64
}

/// Standard error of the mean.
fn standard_error(numbers: &[f32]) -> f64 {
    let mean = mean(numbers);
    let squares = numbers.iter().map(|x| (f64::from(*x) - mean).powi(2));
    squares.sum::<f64>().sqrt() / numbers.len() as f64
}

#[test]
fn the_terms_of_gaussian_data_are_on_average_those_of_the_closed_form() {
    let timesteps: Vec<usize> = (0..1000).step_by(100).rev().collect();
    for variance in [Variance::FixedSmall, Variance::FixedLarge] {
        let terms: Tensor<2> = gaussian_bound(&timesteps, variance).terms().unwrap();
        let transitions = transitions(&schedule(), &timesteps, variance);
        // L_0 is compared as part of the sum below.
        for (index, transition) in transitions[..9].iter().enumerate() {
            let found = values(terms.clone().narrow(1, index, 1));
            let average = mean(&found);
            let error = standard_error(&found);
            let expected = closed_form(transition);
            assert!(
                (average - expected).abs() < 4.0 * error + 1e-6,
                "{variance:?}, timestep {}: {average} ± {error}, not {expected}",
                transition.level.time
            );
        }
    }
}

/// Excess of the bound over `−log2 P` of the rounded data, in bits per dimension, and its standard error.
fn gap(bound: &VariationalBound<2>) -> (f64, f64) {
    let normal = Normal::new(0.0, STD).unwrap();
    let bits = |x: &f32| {
        let bin = [-1.0, 1.0].map(|side| normal.cdf(f64::from(*x) + side / 255.0));
        -(bin[1] - bin[0]).log2() as f32
    };
    let exact: Vec<f32> = grey_levels().iter().map(bits).collect();
    let rows = exact.chunks(SHAPE[1]).map(mean);
    let bound = values(bound.bits_per_dimension());
    let gaps: Vec<f32> = bound
        .iter()
        .zip(rows)
        .map(|(bound, exact)| bound - exact as f32)
        .collect();
    (mean(&gaps), standard_error(&gaps))
}

#[test]
fn with_fixed_variances_the_bound_lies_above_the_likelihood_by_as_much_as_the_closed_form() {
    let all: Vec<usize> = (0..1000).rev().collect();
    for variance in [Variance::FixedSmall, Variance::FixedLarge] {
        let (found, error) = gap(&gaussian_bound(&all, variance));
        let terms = transitions(&schedule(), &all, variance);
        let entropy = ((TAU * STD * STD).ln() + 1.0) / 2.0 + 127.5_f64.ln();
        let expected = terms.iter().map(closed_form).sum::<f64>() - entropy / LN_2;
        assert!(
            found > 0.1 && (found - expected).abs() < 4.0 * error,
            "{variance:?}: {found} ± {error}, not {expected}"
        );
    }
}

#[test]
fn with_the_exact_variances_the_bound_is_the_likelihood_for_any_number_of_timesteps() {
    for timesteps in [5, 40, 1000] {
        let timesteps = TimestepSpacing::Linspace
            .timesteps(1000, timesteps, 0)
            .unwrap();
        let (found, error) = gap(&gaussian_bound(&timesteps, Variance::Learned));
        let count = timesteps.len();
        assert!(
            found.abs() < 4.0 * error && error < 0.03,
            "{count} timesteps: {found} ± {error}"
        );
    }
}

#[test]
fn what_makes_no_process_is_refused() {
    let images = || Tensor::<2>::zeros([1, 2], &Device::flex());
    for timesteps in [&[][..], &[5], &[0, 5], &[5, 5], &[1000, 0]] {
        let refused = start(images(), timesteps, Variance::FixedSmall)
            .err()
            .unwrap();
        assert!(matches!(refused, Error::InvalidOption { name, .. } if name == "timesteps"));
    }
    let denoiser = IdealDenoiser::of_points(images());
    let mut silent = start(images(), &[9, 0], Variance::Learned).unwrap();
    let refused = silent.step(&denoiser).err().unwrap();
    assert!(matches!(refused, Error::InvalidOption { name, .. } if name == "variance"));
}
