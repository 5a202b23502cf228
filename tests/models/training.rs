//! Training of point networks: the loss decreases, and a resumed run is bit-identical to an uninterrupted one.

use burn::tensor::Device;
use burn::tensor::Tensor;
use serde_json::Value;
use tweedie::Result;
use tweedie::diffusion::{Betas, NoiseSchedule, Prediction, Process};
use tweedie::nn::{MlpConfig, NamedTensor};
use tweedie::random::Generator;
use tweedie::train::{
    Augmentation, Batch, LearningRateSchedule, Objective, Optimizer, Parameters, PointTrainer,
    Samples, TimeSampling, TrainOptions, TrainableModel, Trainer, TrainingState, Update, Weighting,
};

use crate::common::values;

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
fn a_saved_run_resumes_bit_for_bit() {
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

/// One weight, which each step increases by the learning rate; its loss is NaN from 25 on.
struct Climber(f32);

impl TrainableModel<2> for Climber {
    fn train_step(&mut self, _: &Batch<2>, update: &Update) -> Tensor<1> {
        let loss = if self.0 < 25.0 { 0.1 } else { f32::NAN };
        self.0 += update.learning_rate as f32;
        Tensor::from_floats([loss], &Device::flex())
    }

    fn parameters(&self) -> Parameters {
        let weight = NamedTensor {
            name: "weight".into(),
            shape: vec![1],
            values: Tensor::from_floats([self.0], &Device::flex()),
        };
        Parameters {
            weights: vec![weight],
            ..Parameters::default()
        }
    }

    fn restore(&mut self, parameters: &Parameters) -> Result<()> {
        self.0 = values(parameters.weights[0].values.clone())[0];
        Ok(())
    }

    fn device(&self) -> Device {
        Device::flex()
    }

    fn config(&self) -> Value {
        Value::Null
    }
}

#[test]
fn a_second_divergence_falls_back_to_weights_from_after_the_first() {
    let at = |peak: f64| TrainOptions {
        optimizer: Optimizer {
            learning_rate: LearningRateSchedule {
                peak,
                ..LearningRateSchedule::default()
            },
            ..Optimizer::default()
        },
        ..options()
    };
    let mut trainer = Trainer::new(Climber(0.0), points(), at(1.0)).unwrap();
    assert!((0..25).all(|_| trainer.step().is_ok()));
    assert!(trainer.step().is_err());
    assert_eq!((trainer.model().0, trainer.steps()), (0.0, 0));
    trainer.set_options(at(0.5)).unwrap();
    assert!((0..30).all(|_| trainer.step().is_ok()));
    trainer.set_options(at(100.0)).unwrap();
    assert!(trainer.step().is_ok() && trainer.step().is_err());
    assert_eq!((trainer.model().0, trainer.steps()), (12.5, 25));
}

#[test]
fn a_divergence_after_a_resumption_falls_back_to_where_it_was_resumed() {
    let state = |step| {
        let trainer = Trainer::new(Climber(24.0), points(), options()).unwrap();
        TrainingState {
            step,
            ..trainer.state()
        }
    };
    let mut fast = state(40);
    fast.options.optimizer.learning_rate.peak = 100.0;
    let mut trainer = Trainer::resume(Climber(0.0), points(), fast).unwrap();
    assert_eq!((trainer.model().0, trainer.steps()), (24.0, 40));
    assert!(trainer.step().is_ok() && trainer.step().is_err());
    assert_eq!((trainer.model().0, trainer.steps()), (24.0, 40));
}

#[test]
fn a_seed_that_is_set_on_the_way_orders_the_samples_from_there_on() {
    let other = TrainOptions {
        seed: 6,
        ..options()
    };
    let mut changed = trainer();
    losses(&mut changed, 4);
    changed.set_options(other.clone()).unwrap();
    let mut resumed = trainer();
    losses(&mut resumed, 4);
    let state = TrainingState {
        options: other,
        ..resumed.state()
    };
    let bytes = state.to_bytes().unwrap();
    let mut resumed = PointTrainer::from_bytes(&bytes, points(), &Device::flex()).unwrap();
    assert_eq!(losses(&mut changed, 4), losses(&mut resumed, 4));
}
