use std::f64::consts::PI;

use super::bound::{Term, of, terms};
use super::loss::variational;
use super::*;
use crate::diffusion::Quantity;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::points::Schedule;
use crate::train::Samples;

/// Standard deviation of normal data.
const STD: f64 = 0.5;

fn schedule(timesteps: usize) -> NoiseSchedule {
    let schedule = Schedule {
        timesteps,
        ..Schedule::default()
    };
    schedule.noise_schedule().unwrap()
}

fn options(variance: ReverseVariance) -> DiffusionOptions {
    DiffusionOptions {
        variance,
        timesteps: 40,
        evaluations: 10,
        steps: 400,
        batch: 128,
        width: 32,
        depth: 2,
        octaves: 1,
        ..DiffusionOptions::default()
    }
}

fn normal_points(count: usize, seed: u32) -> Vec<f32> {
    let normal = Generator::new(seed).normal(2 * count);
    normal.into_iter().map(|x| STD as f32 * x).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The factor of `x_t` in the posterior mean of normal data, and the posterior variance.
fn posterior(level: NoiseLevel) -> (f64, f64) {
    let total = (level.alpha * STD).powi(2) + level.sigma.powi(2);
    (
        level.alpha * STD * STD / total,
        (STD * level.sigma).powi(2) / total,
    )
}

/// The mean bound of normal data, with the posterior mean as the estimate and the true variance of each reverse step as
/// the learned one.
fn normal_bound(variance: ReverseVariance, timesteps: usize) -> f64 {
    let schedule = schedule(timesteps);
    let all: Vec<usize> = (0..timesteps).rev().collect();
    let terms = terms(&schedule, &all, variance);
    let points = normal_points(4000, 3);
    let estimate = |noisy: &[f32], level: NoiseLevel| {
        let (factor, rest) = posterior(level);
        let clean = noisy.iter().map(|x| factor as f32 * x).collect();
        let term = terms.iter().find(|term| term.level == level).unwrap();
        let [low, high] = term.log_variance;
        let output = if low == high {
            0.0
        } else {
            let exact = (term.posterior_variance + term.clean.powi(2) * rest).ln();
            2.0 * (exact - low) / (high - low) - 1.0
        };
        [clean, vec![output as f32; noisy.len()]]
    };
    let bounds = of(&points, &terms, 2, &mut Generator::new(4), estimate);
    mean(&bounds)
}

#[test]
fn with_the_true_variances_the_bound_of_normal_data_is_their_negative_entropy() {
    let entropy = 1.0 + (2.0 * PI * STD * STD).ln();
    let exact = normal_bound(ReverseVariance::Learned, 100);
    assert!((exact + entropy).abs() < 0.05, "{exact} {}", -entropy);
    for fixed in [ReverseVariance::FixedSmall, ReverseVariance::FixedLarge] {
        let fixed = normal_bound(fixed, 100);
        assert!(fixed < exact - 0.02, "{fixed} {exact}");
    }
}

#[test]
fn a_term_is_the_divergence_between_two_normals() {
    let schedule = schedule(20);
    let all: Vec<usize> = (0..20).rev().collect();
    for term in terms(&schedule, &all, ReverseVariance::Learned) {
        let (error, output) = (0.3, 0.4);
        let variance = term.log_variance(output).exp();
        let shift = term.clean * error;
        let expected = if term.posterior_variance > 0.0 {
            let ratio = term.posterior_variance / variance;
            0.5 * (ratio - 1.0 - ratio.ln() + shift * shift / variance)
        } else {
            0.5 * ((2.0 * PI * variance).ln() + shift * shift / variance)
        };
        let tolerance = 1e-9 * expected.abs().max(1e-3);
        assert!((term.nats(error, output) - expected).abs() < tolerance);
    }
}

#[test]
fn the_trained_term_is_that_of_the_bound_and_leaves_the_mean_alone() {
    let schedule = schedule(20);
    let chosen: Vec<Term> = terms(
        &schedule,
        &(0..20).rev().collect::<Vec<_>>(),
        ReverseVariance::Learned,
    )
    .into_iter()
    .step_by(4)
    .collect();
    let count = chosen.len();
    let graph = Graph::new();
    let mut generator = Generator::new(1);
    let mut matrix = |columns: usize| {
        let values = generator.normal(count * columns);
        graph.matrix([count, columns], &values)
    };
    let [clean, noisy, output] = [matrix(2), matrix(2), matrix(4)];
    let found = variational(&graph, clean, noisy, output, &chosen);
    let gradient = graph.gradient(found.sum(), output).to_vec();
    let [x, z, o] = [clean, noisy, output].map(|matrix| matrix.to_vec());
    for (index, found) in found.to_vec().into_iter().enumerate() {
        let (row, axis) = (index / 2, index % 2);
        let term = chosen[row];
        let NoiseLevel { alpha, sigma, .. } = term.level;
        let estimate = alpha * f64::from(z[index]) - sigma * f64::from(o[4 * row + axis]);
        let (error, raw) = (
            f64::from(x[index]) - estimate,
            f64::from(o[4 * row + 2 + axis]),
        );
        let expected = term.nats(error, raw);
        let tolerance = 1e-4 * expected.abs().max(1.0);
        assert!((f64::from(found) - expected).abs() < tolerance);
        let h = 1e-4;
        let slope = (term.nats(error, raw + h) - term.nats(error, raw - h)) / (2.0 * h);
        let by_output = f64::from(gradient[4 * row + 2 + axis]);
        assert!((by_output - slope).abs() < 1e-3 * slope.abs().max(1.0));
        assert_eq!(gradient[4 * row + axis], 0.0);
    }
}

#[test]
fn the_pipeline_has_the_estimates_of_the_network() {
    for variance in [ReverseVariance::FixedLarge, ReverseVariance::Learned] {
        let model = Diffusion::new(&options(variance), 0, &mut Generator::new(2)).unwrap();
        let points = Generator::new(3).normal(2 * 40);
        let level = model.schedule.level(12).unwrap();
        let [clean, outputs] = model.estimate(&points, level);
        assert_eq!(
            outputs.len(),
            if variance == ReverseVariance::Learned {
                80
            } else {
                0
            }
        );
        let field = model.pipeline().unwrap();
        let field = field.field(&points, 12.0, Quantity::Clean).unwrap();
        let field: Vec<f32> = field.into_data().iter().collect();
        for (clean, field) in clean.iter().zip(field) {
            assert!((clean - field).abs() < 1e-5, "{clean} {field}");
        }
    }
}

#[test]
fn a_trained_model_has_a_bound_below_its_density_and_the_learned_variance_the_highest() {
    let data = Samples::new(normal_points(2000, 1), [2000, 2]).unwrap();
    let options = FamilyOptions::of::<Diffusion>(&options(ReverseVariance::Learned)).unwrap();
    let mut trainer = FamilyTrainer::new(data, options).unwrap();
    for _ in 0..400 {
        trainer.step().unwrap();
    }
    let member: &dyn std::any::Any = trainer.member();
    let model: &Diffusion = member.downcast_ref().unwrap();
    let points = normal_points(1000, 9);
    let bound = |variance| {
        let bounds = model.bound_with(variance, &points, 2, &mut Generator::new(5));
        mean(&bounds.unwrap())
    };
    let learned = bound(ReverseVariance::Learned);
    assert!(learned > bound(ReverseVariance::FixedSmall) + 0.05);
    assert!(learned > bound(ReverseVariance::FixedLarge));
    let density = mean(&model.log_density(&points).unwrap());
    assert!(learned < density + 0.02, "{learned} {density}");
    let entropy = 1.0 + (2.0 * PI * STD * STD).ln();
    assert!((density + entropy).abs() < 0.1, "{density} {}", -entropy);
    let samples = |sampler| {
        let mut model = model.clone();
        model.options.sampler = sampler;
        let request = SampleRequest {
            steps: Some(40),
            ..SampleRequest::new(4000)
        };
        let samples = model.sample(&request, &mut Generator::new(6));
        let samples = samples.unwrap();
        let square = samples.iter().map(|x| f64::from(x * x)).sum::<f64>();
        (square / samples.len() as f64).sqrt()
    };
    // A small network after 400 steps; an untrained one has a standard deviation of 1.
    for sampler in [DiffusionSampler::DpmSolver, DiffusionSampler::Ancestral] {
        let std = samples(sampler);
        assert!((std / STD - 1.0).abs() < 0.35, "{sampler:?}: {std}");
    }
}

#[test]
fn bad_options_are_refused_by_name() {
    let refused = |change: fn(&mut DiffusionOptions)| {
        let mut options = options(ReverseVariance::Learned);
        change(&mut options);
        match Diffusion::new(&options, 0, &mut Generator::new(0)) {
            Err(Error::InvalidOption { name, .. }) => name,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|options| options.timesteps = 1), "timesteps");
    assert_eq!(refused(|options| options.evaluations = 41), "evaluations");
    assert_eq!(
        refused(|options| options.vlb_weight = f64::NAN),
        "vlbWeight"
    );
    assert_eq!(refused(|options| options.octaves = 9), "octaves");
    let fixed = options(ReverseVariance::FixedSmall);
    let model = Diffusion::new(&fixed, 0, &mut Generator::new(0)).unwrap();
    let learned = model.bound_with(
        ReverseVariance::Learned,
        &[0.0; 2],
        1,
        &mut Generator::new(0),
    );
    assert!(matches!(learned, Err(Error::InvalidOption { name, .. }) if name == "variance"));
    let request = SampleRequest {
        steps: Some(41),
        ..SampleRequest::new(1)
    };
    assert!(model.sample(&request, &mut Generator::new(0)).is_err());
}
