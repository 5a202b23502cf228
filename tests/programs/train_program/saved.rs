//! The output of a training run.

use std::fs;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use tweedie::diffusion::{Betas, NoiseSchedule, Prediction, Process};
use tweedie::nn::NamedTensor;
use tweedie::random::Generator;
use tweedie::train::{
    Augmentation, ClassDropout, Flips, LearningRateDecay, LearningRateSchedule, Objective,
    Optimizer, TimeSampling, TrainOptions, TrainingState, Weighting,
};
use tweedie::{Checkpoint, Pipeline};

use super::{Place, SIDE, succeeds};

#[test]
fn a_saved_network_has_the_outputs_of_the_trained_one() {
    use tweedie::checkpoint::{SavedPipeline, WeightFormat};
    use tweedie::nn::{UNet2d, UNet2dConfig};
    let place = Place::new();
    let config: serde_json::Value =
        serde_json::from_slice(&fs::read(place.path("config.json")).unwrap()).unwrap();
    let config = config.as_object().unwrap();
    let scheduler =
        serde_json::json!({"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2"});
    let device = Device::flex();
    let unet = UNet2dConfig::from_json(config).unwrap();
    let network = UNet2d::initialised(&unet, &mut Generator::new(1), &device).unwrap();
    let noise = TensorData::new(
        Generator::new(2).normal(2 * SIDE * SIDE),
        [2, 1, SIDE, SIDE],
    );
    let answer = |network: &UNet2d| {
        let labels = Tensor::from_data([0, 2], &device);
        let output = network.forward(
            Tensor::from_data(noise.clone(), &device),
            Tensor::from_data([3.0, 700.0], &device),
            Some(labels),
        );
        output.into_data().iter::<f32>().collect::<Vec<f32>>()
    };
    let expected = answer(&network);
    for (format, allowed) in [(WeightFormat::F32, 0.0), (WeightFormat::F16, 1e-2)] {
        let saved = SavedPipeline {
            unet_config: config,
            scheduler_config: scheduler.as_object().unwrap(),
            labels: &["left".to_owned(), "upper".to_owned()],
            null_class_label: Some(2),
            network: &network,
            format,
        };
        let checkpoint = Checkpoint::from_files(saved.to_files().unwrap()).unwrap();
        assert_eq!(checkpoint.null_class_label(), Some(2));
        let found = answer(&checkpoint.load_unet(&device).unwrap());
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= allowed,
                "{found} is not {expected}"
            );
        }
    }
}

#[test]
fn every_option_of_the_training_is_in_its_state_and_its_scheduler() {
    let place = Place::new();
    let options = [
        "--prediction=v_prediction",
        "--min-snr=5",
        "--beta-schedule=linear",
        "--beta-start=0.001",
        "--beta-end=0.03",
        "--timesteps=500",
        "--class-dropout=0.25",
        "--learning-rate=0.002",
        "--decay=linear",
        "--beta-1=0.8",
        "--beta-2=0.99",
        "--weight-decay=0.02",
        "--clip=0.5",
        "--ema=0.9",
    ];
    succeeds(&mut place.command("out", 2, &options));
    let state = TrainingState::from_bytes(&place.state("out"), &Device::flex()).unwrap();
    let betas = Betas::Linear {
        start: 0.001,
        end: 0.03,
    };
    let expected = TrainOptions {
        objective: Objective {
            process: Process::Discrete(NoiseSchedule::new(&betas, 500).unwrap()),
            prediction: Prediction::Velocity,
            weighting: Weighting::MinSnr { gamma: 5.0 },
            times: TimeSampling::LowVariance,
        },
        optimizer: Optimizer {
            learning_rate: LearningRateSchedule {
                peak: 0.002,
                warm_up: 5,
                decay: LearningRateDecay::Linear,
                steps: 2,
            },
            beta_1: 0.8,
            beta_2: 0.99,
            weight_decay: 0.02,
            max_gradient_norm: Some(0.5),
            ema_decay: 0.9,
            ..Optimizer::default()
        },
        augmentation: Augmentation {
            class_dropout: Some(ClassDropout {
                null_class: 2,
                probability: 0.25,
            }),
            flips: Flips::Horizontal,
        },
        batch: 16,
        seed: 3,
    };
    assert_eq!((state.step, state.options), (2, expected));
    let scheduler = fs::read(place.path("out/scheduler/scheduler_config.json")).unwrap();
    let scheduler: serde_json::Value = serde_json::from_slice(&scheduler).unwrap();
    for (key, value) in [
        ("prediction_type", "v_prediction".into()),
        ("beta_schedule", "linear".into()),
        ("beta_start", 0.001.into()),
        ("beta_end", 0.03.into()),
        ("num_train_timesteps", serde_json::Value::from(500)),
    ] {
        assert_eq!(scheduler[key], value, "{key}");
    }
    // The learning rate of each step.
    let losses = fs::read_to_string(place.path("out/training/losses.csv")).unwrap();
    let rates = losses.lines().skip(1).map(|line| line.rsplit(',').next());
    let rates: Vec<f64> = rates.map(|rate| rate.unwrap().parse().unwrap()).collect();
    assert_eq!(rates, [0.0004, 0.0008]);
}

#[test]
fn a_network_without_classes_is_trained_on_images_that_have_some() {
    let place = Place::new();
    let config = fs::read_to_string(place.path("config.json")).unwrap();
    let config = config.replace("\"num_class_embeds\":3", "\"num_class_embeds\":null");
    fs::write(place.path("config.json"), config).unwrap();
    succeeds(&mut place.command("out", 1, &[]));
    let checkpoint = Checkpoint::read_folder(&place.path("out")).unwrap();
    assert!(checkpoint.labels().is_none() && checkpoint.null_class_label().is_none());
    let pipeline = Pipeline::new(checkpoint, &Device::flex()).unwrap();
    assert_eq!(pipeline.class_count(), 0);
}

#[test]
fn the_saved_pipeline_has_the_ema_of_the_weights() {
    let place = Place::new();
    succeeds(&mut place.command("out", 3, &["--learning-rate=0.01"]));
    let state = TrainingState::from_bytes(&place.state("out"), &Device::flex()).unwrap();
    let weights = place.path("out/unet/diffusion_pytorch_model.safetensors");
    let bytes = fs::read(weights).unwrap();
    let saved = SafeTensors::deserialize(&bytes).unwrap();
    let same = |list: &[NamedTensor]| {
        list.iter().all(|tensor| {
            let values = tensor.values.clone().into_data();
            let values = values.iter::<f32>().flat_map(f32::to_le_bytes);
            saved.tensor(&tensor.name).unwrap().data() == values.collect::<Vec<u8>>()
        })
    };
    assert_eq!(state.parameters.ema.len(), saved.len());
    assert!(same(&state.parameters.ema) && !same(&state.parameters.weights));
}
