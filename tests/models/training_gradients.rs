//! The hand-written passes against Burn's automatic differentiation.

use burn::tensor::Device;
use tweedie::diffusion::{Betas, NoiseLevel, NoiseSchedule, Prediction, Process};
use tweedie::nn::activation::Activation;
use tweedie::nn::mlp::TimeEmbedding;
use tweedie::nn::{Mlp, MlpConfig, NamedTensor};
use tweedie::random::Generator;
use tweedie::train::{
    AutodiffModel, Batch, CpuModel, LearningRateDecay, LearningRateSchedule, Objective, Optimizer,
    Parameters, Samples, TimeSampling, TrainableModel, Weighting,
};

use crate::common::{assert_close, values};

const ACTIVATIONS: [Activation; 5] = [
    Activation::Silu,
    Activation::Mish,
    Activation::Gelu,
    Activation::Relu,
    Activation::Tanh,
];

fn batch(features: usize, size: usize, seed: u32) -> Batch<2> {
    let values = Generator::new(seed).normal(size * features + 16);
    let samples = Samples::new(values[16..].to_vec(), [size, features]).unwrap();
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    let objective = Objective {
        process: Process::Discrete(NoiseSchedule::new(&betas, 1000).unwrap()),
        prediction: Prediction::Velocity,
        weighting: Weighting::MinSnr { gamma: 5.0 },
        times: TimeSampling::Uniform,
    };
    let rows: Vec<usize> = (0..size).collect();
    let mut batch = Batch::default();
    objective.draw(&samples, &rows, &mut Generator::new(seed + 1), &mut batch);
    batch
}

fn pair(config: &MlpConfig) -> (CpuModel, AutodiffModel<Mlp>) {
    let device = Device::flex();
    let network = Mlp::new(config, &mut Generator::new(9), &device).unwrap();
    (
        CpuModel::new(&network),
        AutodiffModel::new(network, &device),
    )
}

#[track_caller]
fn assert_same(what: &str, found: &[NamedTensor], expected: &[NamedTensor], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(
            (&found.name, &found.shape),
            (&expected.name, &expected.shape)
        );
        let expected_values = values(expected.values.clone());
        let largest = expected_values
            .iter()
            .fold(0.0, |most: f32, x| most.max(x.abs()));
        let what = format!("{what}, {}", found.name);
        let allowed = tolerance * largest.max(1e-3);
        crate::common::assert_close(
            &what,
            &values(found.values.clone()),
            &expected_values,
            allowed,
        );
    }
}

#[test]
fn gradients_by_hand_are_those_of_automatic_differentiation_for_every_shape() {
    let shapes = [
        (1, 1, 1, 1, 1),
        (2, 128, 3, 512, 1),
        (2, 5, 2, 133, 3),
        (3, 7, 1, 12, 1),
        (1, 130, 2, 131, 1),
        (5, 2, 4, 40, 2),
        (9, 33, 2, 265, 1),
    ];
    for (case, (features, width, depth, size, frequencies)) in shapes.into_iter().enumerate() {
        for activation in ACTIVATIONS {
            let time_embedding = match frequencies {
                1 => TimeEmbedding::LogSnr,
                frequencies => TimeEmbedding::Fourier { frequencies },
            };
            let config = MlpConfig {
                features,
                width,
                depth,
                activation,
                time_embedding,
                octaves: case % 3,
            };
            let (mut by_hand, mut oracle) = pair(&config);
            let batch = batch(features, size, case as u32);
            let update = Optimizer::default().update(0);
            let losses = [
                by_hand.train_step(&batch, &update),
                oracle.train_step(&batch, &update),
            ];
            let [found, expected] = losses.map(|loss| values(loss)[0]);
            let what = format!("{config:?} of {size}");
            assert!(
                (found - expected).abs() < 1e-5 * expected,
                "{what}: {found} is not {expected}"
            );
            // After one step the first moment is a tenth of the gradient.
            let gradients = |parameters: Parameters| parameters.moment_1;
            let expected = gradients(TrainableModel::<2>::parameters(&oracle));
            assert_same(&what, &gradients(by_hand.parameters()), &expected, 1e-5);
        }
    }
}

#[test]
fn both_models_stay_together_through_clipping_decay_and_ema() {
    let config = MlpConfig {
        width: 16,
        depth: 2,
        ..MlpConfig::default()
    };
    let (mut by_hand, mut oracle) = pair(&config);
    let optimizer = Optimizer {
        learning_rate: LearningRateSchedule {
            peak: 3e-3,
            warm_up: 5,
            decay: LearningRateDecay::Cosine,
            steps: 20,
        },
        weight_decay: 0.1,
        max_gradient_norm: Some(0.05),
        ..Optimizer::default()
    };
    for step in 0..20 {
        let batch = batch(2, 64, 100 + step as u32);
        let update = optimizer.update(step);
        by_hand.train_step(&batch, &update);
        oracle.train_step(&batch, &update);
    }
    let (found, expected) = (
        by_hand.parameters(),
        TrainableModel::<2>::parameters(&oracle),
    );
    assert_same("weights", &found.weights, &expected.weights, 1e-4);
    assert_same("ema", &found.ema, &expected.ema, 1e-4);
    assert_same("moment_1", &found.moment_1, &expected.moment_1, 1e-4);
    assert_same("moment_2", &found.moment_2, &expected.moment_2, 1e-4);
}

/// See `tests/parity/mlp.py`.
fn check_against_torch(mut model: impl TrainableModel<2>) {
    let tensors = crate::common::Tensors::read("mlp.safetensors");
    let log_ratios = tensors.values("log_ratio").into_iter();
    let levels = log_ratios.map(|log| NoiseLevel::from_noise_to_signal(0.0, f64::from(log).exp()));
    let (noisy, noise) = (tensors.values("noisy"), tensors.values("noise"));
    let batch = Batch::new(noisy, noise, levels.collect(), [24, 2]).unwrap();
    let optimizer = Optimizer {
        weight_decay: 0.1,
        max_gradient_norm: Some(0.2),
        ..Optimizer::default()
    };
    let assert_weights = |model: &dyn TrainableModel<2>, prefix: &str| {
        for tensor in model.parameters().weights {
            let name = format!("{prefix}.{}", tensor.name);
            assert_close(&name, &values(tensor.values), &tensors.values(&name), 1e-5);
        }
    };
    for step in 0..10 {
        let loss = model.train_step(&batch, &optimizer.update(step));
        if step == 0 {
            assert_close("loss", &values(loss), &tensors.values("loss"), 1e-6);
            assert_weights(&model, "stepped");
        }
    }
    assert_weights(&model, "trained");
}

#[test]
fn steps_of_adam_are_torchs() {
    let config = MlpConfig {
        width: 16,
        depth: 2,
        ..MlpConfig::default()
    };
    let device = Device::flex();
    let network = Mlp::new(&config, &mut Generator::new(7), &device).unwrap();
    check_against_torch(CpuModel::new(&network));
    check_against_torch(AutodiffModel::new(network, &device));
}
