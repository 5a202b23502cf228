//! Training of networks for points: the loss falls, and a training that was saved goes on as if it had not been.
#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::Device;
use tweedie::diffusion::{Betas, NoiseSchedule, Prediction, Process};
use tweedie::nn::MlpConfig;
use tweedie::random::Generator;
use tweedie::train::{
    Augmentation, Objective, Optimizer, PointTrainer, Samples, TimeSampling, TrainOptions,
    Weighting,
};

use common::values;

/// Two clusters in the plane.
fn points() -> Samples<2> {
    let noise = Generator::new(3).normal(2 * 200);
    let side = |index: usize| if index % 4 < 2 { 1.0 } else { -1.0 };
    let values = noise.iter().enumerate();
    let values = values.map(|(index, noise)| side(index) + 0.1 * noise);
    Samples::new(values.collect(), [200, 2]).unwrap()
}

fn options() -> TrainOptions {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    TrainOptions {
        objective: Objective {
            process: Process::Discrete(NoiseSchedule::new(&betas, 1000).unwrap()),
            prediction: Prediction::Noise,
            weighting: Weighting::Simple,
            times: TimeSampling::LowVariance,
        },
        optimizer: Optimizer::default(),
        augmentation: Augmentation::default(),
        batch: 64,
        seed: 5,
    }
}

fn trainer() -> PointTrainer {
    let config = MlpConfig {
        width: 32,
        depth: 2,
        ..MlpConfig::default()
    };
    PointTrainer::for_points(points(), &config, options(), &Device::flex()).unwrap()
}

fn losses(trainer: &mut PointTrainer, steps: usize) -> Vec<f32> {
    let mut loss = || values(trainer.step().unwrap())[0];
    (0..steps).map(|_| loss()).collect()
}

#[test]
fn training_lowers_the_loss() {
    let losses = losses(&mut trainer(), 400);
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (first, last) = (mean(&losses[..20]), mean(&losses[380..]));
    assert!(last < 0.5 * first, "{first} to {last}");
}

#[test]
fn a_training_that_was_saved_goes_on_bit_for_bit() {
    let mut whole = trainer();
    let mut first = trainer();
    losses(&mut first, 30);
    let bytes = first.state().to_bytes().unwrap();
    let mut second = PointTrainer::from_bytes(&bytes, points(), &Device::flex()).unwrap();
    assert_eq!(second.state().to_bytes().unwrap(), bytes);
    losses(&mut whole, 30);
    assert_eq!(losses(&mut second, 30), losses(&mut whole, 30));
    assert_eq!(
        second.state().to_bytes().unwrap(),
        whole.state().to_bytes().unwrap()
    );
}
