use super::stages::loss;
use super::*;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::train::Samples;

/// Small networks and all three stages.
fn small() -> FlowMatchingOptions {
    FlowMatchingOptions {
        steps: 4,
        reflow_steps: 3,
        distillation_steps: 3,
        pairs: 600,
        batch: 16,
        block: 8,
        width: 8,
        octaves: 1,
        ..FlowMatchingOptions::default()
    }
}

/// A model with random weights throughout.
fn random_model() -> FlowMatching {
    let mut model = FlowMatching::new(&small(), 0, &mut Generator::new(0)).unwrap();
    let network = model.flow.network_mut();
    let weights = Generator::new(1).normal(network.parameter_count());
    let weights: Vec<f32> = weights.iter().map(|weight| 0.3 * weight).collect();
    network.start_from(&weights);
    model
}

fn trainer() -> FamilyTrainer {
    let data = Samples::new(Generator::new(2).normal(400), [200, 2]).unwrap();
    FamilyTrainer::new(data, FamilyOptions::of::<FlowMatching>(&small()).unwrap()).unwrap()
}

#[test]
fn the_loss_of_the_field_zero_is_the_mean_squared_distance_of_the_pairs() {
    let model = FlowMatching::new(&small(), 0, &mut Generator::new(0)).unwrap();
    let graph = Graph::new();
    let leaves = model.flow.network().leaves(&graph);
    let noise = graph.matrix([2, 2], &[0.0, 0.0, 1.0, 1.0]);
    let data = graph.matrix([2, 2], &[3.0, 4.0, 1.0, 3.0]);
    let t = graph.matrix([2, 1], &[0.2, 0.7]);
    let loss = loss(&model.flow, &leaves, [noise, data], t);
    assert_eq!(loss.item(), (25.0 + 4.0) / 2.0);
}

#[test]
fn the_divergence_is_that_of_finite_differences() {
    let model = random_model();
    let (x, h) = ([0.3, -0.7], 1e-2);
    let (_, divergence) = model.flow.averaged().values_with_divergence(&x, 0.4);
    let value = |dx: f32, dy: f32| model.flow.averaged().values(&[x[0] + dx, x[1] + dy], 0.4);
    let along_x = value(h, 0.0)[0] - value(-h, 0.0)[0];
    let along_y = value(0.0, h)[1] - value(0.0, -h)[1];
    let expected = (along_x + along_y) / (2.0 * h);
    assert!(
        (divergence[0] - expected).abs() < 2e-3,
        "{divergence:?} {expected}"
    );
}

#[test]
fn the_density_of_the_field_zero_is_that_of_the_noise() {
    let model = FlowMatching::new(&small(), 0, &mut Generator::new(0)).unwrap();
    let density = model.log_density(&[0.0, 0.0, 1.0, 2.0]).unwrap();
    let at_zero = -(2.0 * PI).ln();
    assert!((density[0] - at_zero).abs() < 1e-6);
    assert!((density[1] - (at_zero - 2.5)).abs() < 1e-6);
}

#[test]
fn the_density_has_mass_one() {
    let model = random_model();
    let (side, half) = (60, 6.0);
    let cell = 2.0 * half / side as f32;
    let centre = |index: usize| (index as f32 + 0.5) * cell - half;
    let points: Vec<f32> = (0..side * side)
        .flat_map(|index| [centre(index % side), centre(index / side)])
        .collect();
    let density = model.log_density(&points).unwrap();
    let mass = density.iter().map(|d| d.exp()).sum::<f64>() * f64::from(cell).powi(2);
    assert!((mass - 1.0).abs() < 5e-3, "{mass}");
}

#[test]
fn the_latents_of_samples_are_the_noise() {
    let model = random_model();
    let noise = Generator::new(3).normal(64);
    let samples = model.decode(&noise).unwrap();
    let latents = model.encode(&samples).unwrap();
    assert!(
        samples
            .iter()
            .zip(&noise)
            .any(|(a, b)| (a - b).abs() > 0.05)
    );
    for (latent, noise) in latents.iter().zip(&noise) {
        assert!((latent - noise).abs() < 1e-3, "{latent} {noise}");
    }
}

#[test]
fn optimal_transport_shortens_the_lines() {
    let mut model = FlowMatching::new(&small(), 0, &mut Generator::new(0)).unwrap();
    let data = Samples::new(vec![0.0; 2], [1, 2]).unwrap();
    let points = Generator::new(4).normal(32);
    let batch = Batch {
        points: &points,
        classes: &[],
        step: 0,
        data: &data,
    };
    let mut length = |pairing| {
        model.options.pairing = pairing;
        let (noise, data) = model.pair(&batch, &mut Generator::new(5));
        let mut sorted = data.clone();
        sorted.sort_by(f32::total_cmp);
        let mut all = points.clone();
        all.sort_by(f32::total_cmp);
        assert_eq!(sorted, all);
        let squares = noise.iter().zip(&data).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>()
    };
    let independent = length(Pairing::Independent);
    assert!(length(Pairing::OptimalTransport) < 0.5 * independent);
}

#[test]
fn straightness_is_zero_for_a_constant_field_only() {
    let model = FlowMatching::new(&small(), 0, &mut Generator::new(0)).unwrap();
    let noise = Generator::new(6).normal(64);
    assert_eq!(model.straightness(Stage::Flow, &noise, 10).unwrap(), 0.0);
    assert!(
        random_model()
            .straightness(Stage::Flow, &noise, 10)
            .unwrap()
            > 1e-3
    );
}

#[test]
fn stages_follow_each_other_and_a_resumed_run_has_the_same_bits() {
    let mut whole = trainer();
    let mut names = Vec::new();
    for _ in 0..10 {
        names.push(whole.step().unwrap()[0].0);
    }
    let expected = [vec!["velocity"; 4], vec!["reflow"; 3], vec!["oneStep"; 3]].concat();
    assert_eq!(names, expected);
    let model: &FlowMatching = whole.member_as().unwrap();
    assert_eq!((model.stage(), model.evaluations()), (Stage::OneStep, 1));

    for interruption in [2, 5, 8] {
        let mut first = trainer();
        (0..interruption).for_each(|_| drop(first.step().unwrap().clone()));
        let mut second = FamilyTrainer::restore(&first.save().unwrap()).unwrap();
        (interruption..10).for_each(|_| drop(second.step().unwrap().clone()));
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
fn wrong_options_and_requests_are_named() {
    let model = random_model();
    let options = FlowMatchingOptions {
        block: 1,
        ..small()
    };
    let error = FlowMatching::new(&options, 0, &mut Generator::new(0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "block must be between 2 and 1024, but is 1"
    );
    let mut request = SampleRequest::new(4);
    request.steps = Some(0);
    let error = model.sample(&request, &mut Generator::new(0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "steps must be between 1 and 10000, but is 0"
    );
    request.steps = None;
    request.class = Some(1);
    assert!(model.sample(&request, &mut Generator::new(0)).is_err());
}
