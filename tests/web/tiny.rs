//! The published tiny pipeline, unchanged and modified for grey images.

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tweedie::web::{CheckpointFiles, WasmPipeline};

use crate::{add, device};

const CONFIG: &str = include_str!("../fixtures/tiny_pipeline/unet/config.json");
const WEIGHTS: &[u8] =
    include_bytes!("../fixtures/tiny_pipeline/unet/diffusion_pytorch_model.safetensors");
const INDEX: &[u8] = include_bytes!("../fixtures/tiny_pipeline/model_index.json");
const SCHEDULER: &[u8] =
    include_bytes!("../fixtures/tiny_pipeline/scheduler/scheduler_config.json");

/// Channels of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Channels {
    /// Unchanged.
    Rgb,
    /// The network's first and last convolution only use the first channel.
    Grey,
}

pub fn tiny_files(channels: Channels) -> [(String, Vec<u8>); 4] {
    let (config, weights) = match channels {
        Channels::Rgb => (CONFIG.to_owned(), WEIGHTS.to_vec()),
        Channels::Grey => (grey_config(), grey_weights()),
    };
    [
        ("model_index.json", INDEX.to_vec()),
        ("unet/config.json", config.into_bytes()),
        ("unet/diffusion_pytorch_model.safetensors", weights),
        ("scheduler/scheduler_config.json", SCHEDULER.to_vec()),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
}

pub async fn tiny_pipeline(kind: &str, channels: Channels) -> WasmPipeline {
    let mut files = CheckpointFiles::new();
    for (path, bytes) in tiny_files(channels) {
        add(&mut files, &path, &bytes);
    }
    WasmPipeline::new(files, &device(kind).await).unwrap()
}

fn grey_config() -> String {
    ["in_channels", "out_channels"]
        .iter()
        .fold(CONFIG.to_owned(), |config, name| {
            config.replace(&format!("\"{name}\": 3"), &format!("\"{name}\": 1"))
        })
}

fn grey_weights() -> Vec<u8> {
    let tensors = SafeTensors::deserialize(WEIGHTS).unwrap();
    let grey = |name: &str, tensor: &TensorView<'_>| {
        let (shape, bytes) = (tensor.shape(), tensor.data());
        let first = |channels: usize| bytes[..bytes.len() / channels].to_vec();
        match (name, shape) {
            ("conv_in.weight", [out, channels, ..]) => {
                let rows = bytes.chunks(bytes.len() / out);
                let rows = rows.flat_map(|row| &row[..row.len() / channels]);
                (vec![*out, 1, 3, 3], rows.copied().collect())
            }
            ("conv_out.weight", [channels, width, ..]) => (vec![1, *width, 3, 3], first(*channels)),
            ("conv_out.bias", [channels]) => (vec![1], first(*channels)),
            _ => (shape.to_vec(), bytes.to_vec()),
        }
    };
    let all = tensors.tensors();
    let changed = all.iter().map(|(name, tensor)| (name, grey(name, tensor)));
    let changed: Vec<_> = changed.collect();
    let views = changed.iter().map(|(name, (shape, bytes))| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name, view)
    });
    safetensors::serialize(views, None).unwrap()
}
