use super::steps::{heun, pseudo_huber};
use super::*;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::train::Samples;

fn small(method: ConsistencyMethod) -> ConsistencyOptions {
    ConsistencyOptions {
        method,
        teacher_steps: 3,
        steps: 4,
        batch: 16,
        min_levels: 4,
        max_levels: 8,
        width: 8,
        octaves: 1,
        ..ConsistencyOptions::default()
    }
}

#[test]
fn the_function_is_the_identity_at_the_least_noise() {
    let options = small(ConsistencyMethod::Training);
    let mut model = Consistency::new(&options, 0, &mut Generator::new(0)).unwrap();
    let network = model.student.network_mut();
    let weights = Generator::new(1).normal(network.parameter_count());
    network.start_from(&weights);
    let points = [0.3, -0.7, 2.0, 1.0];
    assert_eq!(model.predict(&points, 0.02).unwrap(), points);
    assert_ne!(model.predict(&points, 1.0).unwrap(), points);
}

#[test]
fn levels_rise_from_the_least_to_the_largest_noise_and_double() {
    let options = ConsistencyOptions {
        steps: 100,
        min_levels: 10,
        max_levels: 160,
        ..ConsistencyOptions::default()
    };
    let levels = Levels::new(&options, 11);
    let sigmas: Vec<f32> = (0..11).map(|index| levels.sigma(index)).collect();
    assert!((sigmas[0] - 0.02).abs() < 1e-6 && (sigmas[10] - 10.0).abs() < 1e-4);
    assert!(sigmas.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(
        (levels.time(sigmas[0]), levels.time(sigmas[10])),
        (0.0, 1.0)
    );
    let counts = [0, 19, 20, 40, 60, 80, 99, 1000].map(|step| Levels::count_at(&options, step));
    assert_eq!(counts, [11, 11, 21, 41, 81, 161, 161, 161]);
}

#[test]
fn neighbouring_levels_are_drawn_log_normally() {
    let levels = Levels::new(&ConsistencyOptions::default(), 21);
    let [lower, upper] = levels.draw(20_000, &mut Generator::new(0));
    let index = |sigma: f32| (0..21).find(|index| levels.sigma(*index) == sigma).unwrap();
    let above_one = lower.iter().filter(|sigma| **sigma > 0.99).count();
    for (low, high) in lower.iter().zip(&upper) {
        assert_eq!(index(*low) + 1, index(*high));
    }
    let first = (0..21).find(|index| levels.sigma(*index) > 0.99).unwrap();
    let mass = |sigma: f32| libm::erf(f64::from(sigma.ln()) / (2f64.sqrt() * 1.6));
    let all = mass(10.0) - mass(0.02);
    let expected = (mass(10.0) - mass(levels.sigma(first))) / all;
    assert!((above_one as f64 / 20_000.0 - expected).abs() < 0.01);
}

#[test]
fn the_distance_is_the_pseudo_huber_one() {
    let graph = Graph::new();
    let a = graph.matrix([2, 2], &[3.0, 4.0, 1.0, 1.0]);
    let b = graph.matrix([2, 2], &[0.0, 0.0, 1.0, 1.0]);
    let distance = pseudo_huber(a, b, 0.5).to_vec();
    assert!((distance[0] - (25.25f32.sqrt() - 0.5)).abs() < 1e-6);
    assert_eq!(distance[1], 0.0);
}

#[test]
fn heun_follows_the_flow_of_standard_normal_data() {
    // With F = 0 the denoiser is x/(1 + σ²), the ideal denoiser of N(0, I): x(σ) is proportional to √(1 + σ²).
    let options = small(ConsistencyMethod::Distillation);
    let model = Consistency::new(&options, 0, &mut Generator::new(0)).unwrap();
    let noise = [1.0, -2.0];
    let sample = model.teacher_samples(&noise, 200).unwrap();
    let least: f32 = 0.02;
    let expected = 10.0 / 101f32.sqrt() * (1.0 + least * least).sqrt() / (1.0 + least * least);
    assert!((sample[0] - expected).abs() < 2e-3, "{sample:?} {expected}");
    assert!((sample[1] + 2.0 * expected).abs() < 4e-3);
    let teacher = model.teacher.as_ref().unwrap();
    let levels = Levels::new(&options, 2);
    let moved = heun(teacher, &levels, &noise, [&[1.0], &[0.9]]);
    let exact = (1.81f32 / 2.0).sqrt();
    assert!((moved[0] - exact).abs() < 1e-4 && (moved[1] + 2.0 * exact).abs() < 2e-4);
}

#[test]
fn a_resumed_run_has_the_same_bits() {
    for method in [ConsistencyMethod::Training, ConsistencyMethod::Distillation] {
        let trainer = || {
            let data = Samples::new(Generator::new(2).normal(400), [200, 2]).unwrap();
            let options = FamilyOptions::of::<Consistency>(&small(method)).unwrap();
            FamilyTrainer::new(data, options).unwrap()
        };
        let mut whole = trainer();
        let steps = whole.plan().steps;
        (0..steps).for_each(|_| drop(whole.step().unwrap().clone()));
        let mut first = trainer();
        (0..3).for_each(|_| drop(first.step().unwrap().clone()));
        let mut second = FamilyTrainer::restore(&first.save().unwrap()).unwrap();
        (3..steps).for_each(|_| drop(second.step().unwrap().clone()));
        for (one, other) in whole
            .member()
            .networks()
            .iter()
            .zip(second.member().networks())
        {
            assert_eq!(one.weights(), other.weights());
        }
    }
}

#[test]
fn later_estimates_are_made_from_noise_of_the_next_level() {
    let options = small(ConsistencyMethod::Training);
    let model = Consistency::new(&options, 0, &mut Generator::new(0)).unwrap();
    let noise = Generator::new(3).normal(64);
    let estimates = model.estimates(&noise, 2, &mut Generator::new(4)).unwrap();
    assert_eq!(estimates.len(), 2);
    // The network outputs 0, so the estimate is c_skip·x.
    let skip = 1.0 / (9.98f32 * 9.98 + 1.0);
    assert!((estimates[0][0] - skip * 10.0 * noise[0]).abs() < 1e-4);
    assert!(model.teacher_samples(&noise, 4).is_err());
    assert!(model.predict(&noise, 11.0).is_err());
}
