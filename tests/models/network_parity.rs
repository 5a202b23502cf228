//! Networks against diffusers: the fixtures in `tests/fixtures/unet` contain tiny checkpoints with different options,
//! an input, and diffusers' output (see `tests/parity/README.md`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use tweedie::Error;
use tweedie::checkpoint::Checkpoint;
use tweedie::nn::embedding::{SinusoidalEmbedding, SinusoidalEmbeddingConfig};

const TOLERANCE: f32 = 1e-4;
const WEIGHTS: &str = "diffusion_pytorch_model.safetensors";

type Files = BTreeMap<String, Vec<u8>>;

/// The tensors of a case's `io.safetensors`.
struct Tensors(Vec<u8>);

impl Tensors {
    fn read(folder: &Path) -> Self {
        Self(std::fs::read(folder.join("io.safetensors")).unwrap())
    }

    fn float<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor(name).unwrap();
        assert_eq!(view.dtype(), safetensors::Dtype::F32, "{name}");
        let values: Vec<f32> = (view.data().as_chunks().0.iter())
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect();
        Tensor::from_data(TensorData::new(values, view.shape()), device)
    }

    fn labels(&self, device: &Device) -> Option<Tensor<1, Int>> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor("class_labels").ok()?;
        let values: Vec<i32> = match view.dtype() {
            safetensors::Dtype::I64 => (view.data().as_chunks().0.iter())
                .map(|&bytes| i64::from_le_bytes(bytes) as i32)
                .collect(),
            _ => (view.data().as_chunks().0.iter())
                .map(|&bytes| f32::from_le_bytes(bytes) as i32)
                .collect(),
        };
        let count = values.len();
        Some(Tensor::from_data(TensorData::new(values, [count]), device))
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/unet")
}

/// The files of a case, with a scheduler where the fixture has only a network.
fn files(folder: &Path) -> Files {
    let scheduler = r#"{"num_train_timesteps": 1}"#.as_bytes().to_vec();
    let mut files = BTreeMap::from([("scheduler_config.json".to_owned(), scheduler)]);
    for inside in ["", "unet/", "scheduler/"] {
        let Ok(entries) = std::fs::read_dir(folder.join(inside)) else {
            continue;
        };
        for path in entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
        {
            let name = path.file_name().unwrap().to_str().unwrap();
            files.insert(format!("{inside}{name}"), std::fs::read(&path).unwrap());
        }
    }
    files
}

/// The largest difference to diffusers' output, for each image relative to its largest value, since a Fourier embedding
/// divides the output by sigma.
fn largest_difference(folder: &Path, files: Files) -> f32 {
    let device = Device::flex();
    let tensors = Tensors::read(folder);
    let checkpoint = Checkpoint::from_files(files).unwrap();
    let adds_vectors = checkpoint.unet_config().class_embed_type
        == Some(tweedie::nn::unet2d::config::ClassEmbedType::Identity);
    let network = checkpoint.load_unet(&device).unwrap();

    let sample = tensors.float::<4>("sample", &device);
    let timesteps = tensors.float::<1>("timestep", &device);
    let output = if adds_vectors {
        let vectors = tensors.float::<2>("class_labels", &device);
        let mut conditioning = network.embed(timesteps, None);
        conditioning.embedding = conditioning.embedding + vectors;
        network.forward_embedded(sample, conditioning)
    } else {
        network.forward(sample, timesteps, tensors.labels(&device))
    };
    let expected = tensors.float::<4>("output", &device);
    assert_eq!(output.dims(), expected.dims());
    let magnitude = expected.clone().abs().max_dims(&[1, 2, 3]);
    ((output - expected) / magnitude).abs().max().into_scalar()
}

#[test]
fn every_fixture_agrees_with_diffusers() {
    let mut cases: Vec<_> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() > 25, "the fixtures are incomplete: {cases:?}");
    let differences: Vec<_> = cases
        .iter()
        .map(|case| {
            (
                case.file_name().unwrap(),
                largest_difference(case, files(case)),
            )
        })
        .collect();
    let failed: Vec<_> = differences
        .iter()
        .filter(|(_, difference)| difference.is_nan() || *difference > TOLERANCE)
        .collect();
    assert!(
        failed.is_empty(),
        "differences above {TOLERANCE}: {failed:?}"
    );
}

/// The files of the case `fourier`, with its frequencies renamed.
fn with_frequencies(rename: impl Fn(Vec<u8>) -> Vec<(&'static str, Vec<u8>)>) -> Files {
    let mut files = files(&fixtures().join("fourier"));
    let weights = SafeTensors::deserialize(&files[WEIGHTS]).unwrap();
    let tensors: Vec<_> = weights
        .iter()
        .flat_map(|(name, view)| {
            let bytes = view.data().to_vec();
            let renamed = match name {
                "time_proj.weight" => rename(bytes),
                _ => vec![(name, bytes)],
            };
            let stored = |(name, bytes)| (name, view.dtype(), view.shape().to_vec(), bytes);
            renamed.into_iter().map(stored).collect::<Vec<_>>()
        })
        .collect();
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    files.insert(WEIGHTS.to_owned(), bytes);
    files
}

#[test]
fn fourier_frequencies_are_read_under_each_name_that_diffusers_wrote() {
    let (name, former) = ("time_proj.weight", "time_proj.W");
    let renamed = with_frequencies(|bytes| vec![(former, bytes)]);
    let doubled = with_frequencies(|bytes| vec![(name, bytes.clone()), (former, bytes)]);
    for files in [renamed, doubled] {
        assert!(largest_difference(&fixtures().join("fourier"), files) < TOLERANCE);
    }
    let contradicting = with_frequencies(|bytes| {
        let zeros = vec![0; bytes.len()];
        vec![(name, bytes), (former, zeros)]
    });
    let checkpoint = Checkpoint::from_files(contradicting).unwrap();
    assert_eq!(
        checkpoint.load_unet(&Device::flex()).unwrap_err(),
        Error::UnusedTensors {
            first: former.to_owned(),
            count: 1,
        }
    );
}

#[test]
fn embedding_of_the_timestep_agrees_with_published_rows() {
    // From diffusers' unit tests: dimension 64, rows 23 to 25, columns 47 to 49.
    let published = [
        (
            SinusoidalEmbeddingConfig {
                channels: 64,
                flip_sin_to_cos: false,
                freq_shift: 1.0,
            },
            [
                0.9646, 0.9804, 0.9892, 0.9615, 0.9787, 0.9882, 0.9582, 0.9769, 0.9872,
            ],
        ),
        (
            SinusoidalEmbeddingConfig {
                channels: 64,
                flip_sin_to_cos: true,
                freq_shift: 0.0,
            },
            [
                0.3019, 0.2280, 0.1716, 0.3146, 0.2377, 0.1790, 0.3272, 0.2474, 0.1864,
            ],
        ),
    ];
    let device = Device::flex();
    for (config, expected) in published {
        let timesteps = Tensor::from_data([23.0, 24.0, 25.0], &device);
        let embedding = SinusoidalEmbedding::new(&config).forward(timesteps);
        let values: Vec<f32> = embedding.narrow(1, 47, 3).into_data().try_to_vec().unwrap();
        for (value, expected) in values.into_iter().zip(expected) {
            assert!(
                (value - expected).abs() <= TOLERANCE,
                "{value} is not {expected}"
            );
        }
    }
}

#[test]
fn timestep_embedding_is_the_formula_at_every_training_step() {
    let (channels, half) = (128, 64);
    let config = SinusoidalEmbeddingConfig {
        channels,
        flip_sin_to_cos: true,
        freq_shift: 0.0,
    };
    let timesteps: Vec<f32> = (0..1000).map(|step| step as f32).collect();
    let embedding = SinusoidalEmbedding::new(&config)
        .forward(Tensor::from_data(timesteps.as_slice(), &Device::flex()));
    let values: Vec<f32> = embedding.into_data().try_to_vec().unwrap();
    for (step, row) in values.chunks(channels).enumerate() {
        for i in 0..half {
            let angle = step as f64 * 10_000_f64.powf(-(i as f64) / half as f64);
            assert!(
                (row[i] as f64 - angle.cos()).abs() < 1e-4,
                "cos at {step}, {i}"
            );
            assert!(
                (row[half + i] as f64 - angle.sin()).abs() < 1e-4,
                "sin at {step}, {i}"
            );
        }
    }
}
