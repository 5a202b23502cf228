use super::*;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::train::Samples;

fn small(training: Training) -> EnergyOptions {
    EnergyOptions {
        training,
        width: 8,
        depth: 1,
        chains: 256,
        steps: 80,
        batch: 64,
        grid: 32,
        learning_rate: 1e-2,
        ..EnergyOptions::default()
    }
}

fn made(training: Training) -> EnergyModel {
    EnergyModel::new(&small(training), 0, &mut Generator::new(4)).unwrap()
}

fn trainer(options: &EnergyOptions) -> FamilyTrainer {
    let normals = Generator::new(1).normal(2048);
    let points: Vec<f32> = normals.iter().map(|z| 0.3 * z + 0.5).collect();
    let data = Samples::new(points, [1024, 2]).unwrap();
    FamilyTrainer::new(data, FamilyOptions::of::<EnergyModel>(options).unwrap()).unwrap()
}

/// With `f = 0` the density is the base Gaussian.
fn base() -> EnergyModel {
    let mut model = made(Training::ContrastiveDivergence);
    let weights = vec![0.0; model.network.parameter_count()];
    model.network.start_from(&weights);
    model
}

#[test]
fn without_a_network_the_density_is_the_base_gaussian() {
    let model = base();
    let points = [0.0, 0.0, 1.0, -2.0, 4.0, 3.0];
    let variance = f64::from(BASE_STD * BASE_STD);
    for (point, found) in points.chunks(2).zip(model.log_density(&points).unwrap()) {
        let square: f64 = point.iter().map(|x| f64::from(*x).powi(2)).sum();
        let expected = -0.5 * square / variance - (std::f64::consts::TAU * variance).ln();
        // 1.3e-4 of the Gaussian's mass lies outside the grid.
        assert!((found - expected).abs() < 3e-4, "{found} and {expected}");
    }
    assert_eq!(model.score(&[1.0, -2.0]).unwrap(), [-0.25, 0.5]);
}

#[test]
fn exact_samples_and_langevin_samples_have_the_variance_of_the_density() {
    let mut model = base();
    model.options.step_size = 0.1;
    let variance = |samples: &[f32]| {
        let squares = samples.iter().map(|x| f64::from(*x).powi(2));
        squares.sum::<f64>() / samples.len() as f64
    };
    let mut generator = Generator::new(3);
    let exact = model.exact_samples(20_000, &mut generator);
    assert!((variance(&exact) - 4.0).abs() < 0.1);
    let chain = model
        .langevin(&vec![0.0; 8000], 400, &mut generator)
        .unwrap();
    assert!((variance(&chain) - 4.0).abs() < 0.3, "{}", variance(&chain));
}

#[test]
fn the_score_is_the_slope_of_the_log_density() {
    let model = made(Training::MaximumLikelihood);
    let score = model.score(&[0.4, -0.7]).unwrap();
    for axis in 0..2 {
        let log_density = |step: f32| {
            let mut point = [0.4, -0.7];
            point[axis] += step;
            model.log_density(&point).unwrap()[0]
        };
        let slope = (log_density(0.01) - log_density(-0.01)) / 0.02;
        assert!((slope - f64::from(score[axis])).abs() < 1e-3);
    }
}

#[test]
fn the_density_sums_to_one_and_its_grid_is_fine_enough() {
    let model = made(Training::MaximumLikelihood);
    let place = |index: usize| (index as f32 - 60.0) * 0.13;
    let points: Vec<f32> = (0..121 * 121)
        .flat_map(|index| [place(index % 121), place(index / 121)])
        .collect();
    let densities = model.log_density(&points).unwrap();
    let mass: f64 = densities.iter().map(|log| log.exp() * 0.13 * 0.13).sum();
    assert!((mass - 1.0).abs() < 2e-3, "{mass}");
    assert!(DensityGrid::new(&model).error() < 1e-4);
}

/// The gradient of the loss is `∇E(data) − E_p[∇E]`; checked by finite differences of the loss itself.
#[test]
fn the_gradient_of_maximum_likelihood_is_that_of_finite_differences() {
    let mut model = made(Training::MaximumLikelihood);
    let weights = model.network.weights().to_vec();
    let points = Generator::new(8).normal(64);
    let loss = |model: &EnergyModel, graph: &Graph| -> (f64, Vec<f32>) {
        let leaves = model.leaves(graph, Weights::Trained);
        let data = model
            .energy_of(&leaves, graph.matrix([32, 2], &points))
            .mean();
        let loss = data + model.log_partition(graph, &leaves, &mut Generator::new(2));
        let gradients = graph.last_gradients(loss, &leaves);
        let flat = gradients.iter().flat_map(|gradient| gradient.to_vec());
        (f64::from(loss.item()), flat.collect())
    };
    let (_, gradient) = loss(&model, &Graph::new());
    for index in [0, 9, 20, 28] {
        let mut at = |step: f32| {
            let mut moved = weights.clone();
            moved[index] += step;
            model.network.start_from(&moved);
            loss(&model, &Graph::new()).0
        };
        let slope = (at(0.02) - at(-0.02)) / 0.04;
        assert!((slope - f64::from(gradient[index])).abs() < 2e-3);
    }
}

#[test]
fn both_trainings_raise_the_likelihood_of_the_data() {
    for training in [Training::ContrastiveDivergence, Training::MaximumLikelihood] {
        let mut trainer = trainer(&small(training));
        let held_out: Vec<f32> = Generator::new(6)
            .normal(200)
            .iter()
            .map(|z| 0.3 * z + 0.5)
            .collect();
        let mean = |trainer: &FamilyTrainer| {
            let values = trainer.member().log_density(&held_out).unwrap();
            values.iter().sum::<f64>() / values.len() as f64
        };
        let before = mean(&trainer);
        for _ in 0..80 {
            trainer.step().unwrap();
        }
        assert!(mean(&trainer) > before + 0.3, "{training:?}");
    }
}

#[test]
fn chains_are_kept_and_restarted() {
    let options = small(Training::ContrastiveDivergence);
    let mut trainer = trainer(&options);
    let chains = |trainer: &FamilyTrainer| {
        let model: &EnergyModel = trainer.member_as().unwrap();
        model.chains().to_vec()
    };
    let before = chains(&trainer);
    trainer.step().unwrap();
    let after = chains(&trainer);
    let moved = before.chunks(2).zip(after.chunks(2)).map(|(a, b)| a != b);
    let moved: Vec<bool> = moved.collect();
    assert!(moved[..64].iter().all(|moved| *moved));
    assert!(moved[64..].iter().all(|moved| !moved));
}

#[test]
fn shapes_presets_and_wrong_input() {
    let model = made(Training::ContrastiveDivergence);
    let mut generator = Generator::new(0);
    for steps in [None, Some(0), Some(3)] {
        let request = SampleRequest {
            steps,
            ..SampleRequest::new(20)
        };
        assert_eq!(model.sample(&request, &mut generator).unwrap().len(), 40);
    }
    let request = SampleRequest {
        class: Some(1),
        ..SampleRequest::new(2)
    };
    assert!(model.sample(&request, &mut generator).is_err());
    assert!(model.energy(&[1.0]).is_err());
    assert!(model.encode(&[1.0, 2.0]).is_err());
    let options = EnergyOptions {
        step_size: f64::NAN,
        ..small(Training::ContrastiveDivergence)
    };
    assert!(EnergyModel::new(&options, 0, &mut generator).is_err());
    let preset = FamilyOptions::preset("energy", "maximum-likelihood").unwrap();
    assert_eq!(preset.to_json()["training"], "maximum-likelihood");
}
