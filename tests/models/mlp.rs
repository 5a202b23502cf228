//! The point network: initial weights, both implementations, and its file.

use burn::tensor::{Device, Tensor, TensorData};
use tweedie::Error;
use tweedie::diffusion::{Betas, Denoiser, NoiseLevel, NoiseSchedule, Prediction, Process, Sde};
use tweedie::nn::activation::Activation;
use tweedie::nn::mlp::TimeEmbedding;
use tweedie::nn::{Mlp, MlpConfig};
use tweedie::pipeline::PointModel;
use tweedie::random::Generator;

use crate::common::{Tensors, assert_close, values};

fn network(config: &MlpConfig) -> Mlp {
    Mlp::new(config, &mut Generator::new(4), &Device::flex()).unwrap()
}

fn points(rows: usize, features: usize) -> Tensor<2> {
    let values = Generator::new(1).normal(rows * features);
    Tensor::from_data(TensorData::new(values, [rows, features]), &Device::flex())
}

fn levels(count: usize) -> Vec<NoiseLevel> {
    let noise_to_signal = |index: usize| 0.01 * 1.1_f64.powi(index as i32 % 100);
    (0..count)
        .map(|index| NoiseLevel::from_noise_to_signal(0.0, noise_to_signal(index)))
        .collect()
}

fn linear() -> Process {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    Process::Discrete(NoiseSchedule::new(&betas, 1000).unwrap())
}

/// See `tests/parity/mlp.py`.
fn fixture_config() -> MlpConfig {
    MlpConfig {
        width: 16,
        depth: 2,
        ..MlpConfig::default()
    }
}

#[test]
fn initial_weights_are_those_of_torch_for_the_same_seed() {
    let tensors = Tensors::read("mlp.safetensors");
    let network = Mlp::new(&fixture_config(), &mut Generator::new(7), &Device::flex());
    let model = PointModel::new(network.unwrap(), Prediction::Noise, linear());
    let bytes = model.to_safetensors().unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let names = file
        .names()
        .into_iter()
        .filter(|name| name.starts_with("layers."));
    let mut count = 0;
    for name in names {
        let tensor = file.tensor(name).unwrap();
        let numbers = tensor.data().as_chunks::<4>().0.iter();
        let found: Vec<f32> = numbers.map(|bytes| f32::from_le_bytes(*bytes)).collect();
        assert_eq!(found, tensors.values(&format!("initial.{name}")), "{name}");
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn the_output_is_torchs() {
    let tensors = Tensors::read("mlp.safetensors");
    let network = Mlp::new(&fixture_config(), &mut Generator::new(7), &Device::flex()).unwrap();
    let ratios = tensors.values("log_ratio");
    let levels: Vec<_> = ratios
        .iter()
        .map(|log| NoiseLevel::from_noise_to_signal(0.0, f64::from(*log).exp()))
        .collect();
    let output = network.forward(tensors.tensor("noisy"), &levels);
    assert_close("output", &values(output), &tensors.values("output"), 1e-6);
}

#[test]
fn the_kernels_of_the_cpu_compute_what_burn_does() {
    for (features, width, depth, rows) in [
        (2, 128, 3, 500),
        (1, 3, 1, 1),
        (5, 17, 4, 12),
        (3, 64, 2, 133),
    ] {
        for time_embedding in [
            TimeEmbedding::LogSnr,
            TimeEmbedding::Fourier { frequencies: 3 },
        ] {
            let config = MlpConfig {
                features,
                width,
                depth,
                activation: Activation::Silu,
                time_embedding,
                octaves: depth % 3,
            };
            let (network, points) = (network(&config), points(rows, features));
            for levels in [levels(rows), levels(1)] {
                let found = values(network.forward(points.clone(), &levels));
                let expected = values(network.forward(points.clone().autodiff(), &levels));
                assert_close(&format!("{config:?}"), &found, &expected, 2e-6);
            }
        }
    }
}

#[test]
fn a_configuration_out_of_range_is_refused_by_its_name() {
    let device = Device::flex();
    let default = MlpConfig::default();
    let fourier = |frequencies| MlpConfig {
        time_embedding: TimeEmbedding::Fourier { frequencies },
        ..default
    };
    let cases = [
        (
            "width",
            MlpConfig {
                width: 0,
                ..default
            },
        ),
        (
            "width",
            MlpConfig {
                width: 1_000_000,
                ..default
            },
        ),
        (
            "depth",
            MlpConfig {
                depth: 0,
                ..default
            },
        ),
        (
            "depth",
            MlpConfig {
                depth: 1_000,
                ..default
            },
        ),
        (
            "features",
            MlpConfig {
                features: 0,
                ..default
            },
        ),
        (
            "features",
            MlpConfig {
                features: usize::MAX,
                ..default
            },
        ),
        ("frequencies", fourier(0)),
        ("frequencies", fourier(64)),
        (
            "octaves",
            MlpConfig {
                octaves: 9,
                ..default
            },
        ),
        (
            "width",
            MlpConfig {
                width: 4096,
                depth: 16,
                ..default
            },
        ),
    ];
    for (expected, config) in cases {
        match Mlp::new(&config, &mut Generator::new(0), &device) {
            Err(Error::InvalidOption { name, .. }) => assert_eq!(name, expected, "{config:?}"),
            other => panic!("{config:?}: {other:?}"),
        }
    }
}

#[test]
fn a_model_is_the_same_after_it_was_written_and_read() {
    let sde = Sde::VariancePreserving {
        beta_min: 0.1,
        beta_max: 20.0,
    };
    let processes = [
        linear(),
        Process::Sde(sde),
        Process::FlowMatching { timesteps: 1000.0 },
    ];
    for process in processes {
        let config = MlpConfig {
            width: 9,
            depth: 2,
            activation: Activation::Tanh,
            time_embedding: TimeEmbedding::Fourier { frequencies: 2 },
            ..MlpConfig::default()
        };
        let model = PointModel::new(network(&config), Prediction::Velocity, process);
        let bytes = model.to_safetensors().unwrap();
        let read = PointModel::from_safetensors(&bytes, &Device::flex()).unwrap();
        assert_eq!(read.process(), model.process());
        assert_eq!(read.prediction(), model.prediction());
        assert_eq!(read.network().config(), &config);
        assert_eq!(read.to_safetensors().unwrap(), bytes);
        let (points, level) = (points(7, 2), levels(60)[59]);
        let estimate = |model: &PointModel| values(model.denoise(points.clone(), level).clean);
        assert_eq!(estimate(&read), estimate(&model));
    }
}

#[test]
fn a_damaged_file_is_an_error_not_a_panic() {
    let model = PointModel::new(network(&fixture_config()), Prediction::Noise, linear());
    let bytes = model.to_safetensors().unwrap();
    let device = Device::flex();
    for length in (0..bytes.len()).step_by(bytes.len() / 200) {
        assert!(PointModel::from_safetensors(&bytes[..length], &device).is_err());
    }
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for index in 0..header {
        let mut damaged = bytes.clone();
        damaged[index] ^= 1;
        // A changed name or number may still be a valid model.
        let _ = PointModel::from_safetensors(&damaged, &device);
    }
}
