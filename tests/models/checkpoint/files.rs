//! Checkpoints for tests, and modifications of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Map, Value};
use tweedie::checkpoint::Checkpoint;
use tweedie::nn::UNet2d;
use tweedie::{Error, Result};

pub const WEIGHTS: &str = "diffusion_pytorch_model.safetensors";
pub const INDEX: &str = "diffusion_pytorch_model.safetensors.index.json";

pub type Files = BTreeMap<String, Vec<u8>>;
pub type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/unet")
        .join(name)
}

/// A flat class-conditional checkpoint.
pub fn flat() -> Files {
    let read = |name: &str| std::fs::read(fixture("class_labels").join(name)).unwrap();
    Files::from([
        ("config.json".to_owned(), read("config.json")),
        (WEIGHTS.to_owned(), read(WEIGHTS)),
        ("scheduler_config.json".to_owned(), b"{}".to_vec()),
    ])
}

pub fn sharded() -> Files {
    let mut files = Files::from([("scheduler_config.json".to_owned(), b"{}".to_vec())]);
    for entry in std::fs::read_dir(fixture("sharded")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.insert(name, std::fs::read(&path).unwrap());
    }
    files
}

pub fn load(files: Files) -> Result<UNet2d> {
    Checkpoint::from_files(files)?.load_unet(&Device::flex())
}

pub fn error(files: Files) -> Error {
    load(files).expect_err("the checkpoint is bad")
}

/// The error for a configuration with changes to the fixture's.
pub fn config_error(changes: Value) -> Error {
    let mut files = flat();
    change_json(&mut files, "config.json", changes);
    error(files)
}

pub fn change_json(files: &mut Files, name: &str, changes: Value) {
    let mut object: Map<String, Value> = serde_json::from_slice(&files[name]).unwrap();
    object.extend(changes.as_object().unwrap().clone());
    files.insert(name.to_owned(), serde_json::to_vec(&object).unwrap());
}

pub fn tensors(bytes: &[u8]) -> Tensors {
    SafeTensors::deserialize(bytes)
        .unwrap()
        .iter()
        .map(|(name, view)| {
            let stored = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
            (name.to_owned(), stored)
        })
        .collect()
}

pub fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

/// A file with this header, followed by `data` zeros.
pub fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}

pub fn weights_error(change: impl FnOnce(&mut Tensors)) -> Error {
    let mut files = flat();
    let mut tensors = tensors(&files[WEIGHTS]);
    change(&mut tensors);
    files.insert(WEIGHTS.to_owned(), safetensors(&tensors));
    error(files)
}
