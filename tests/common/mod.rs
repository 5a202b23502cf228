//! Fixtures written by diffusers and torch (see `tests/parity/`), and element-wise comparison.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod levels;
pub mod scalar;
pub mod tiny;

use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;

/// A file under `tests/fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name]
        .iter()
        .collect()
}

/// A JSON fixture.
pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_slice(&read(name)).unwrap()
}

/// The named tensors of a fixture, all `f32`.
pub struct Tensors(Vec<u8>);

impl Tensors {
    pub fn read(name: &str) -> Self {
        Self(read(name))
    }

    pub fn names(&self) -> Vec<String> {
        self.parse()
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// Values in row-major order.
    pub fn values(&self, name: &str) -> Vec<f32> {
        let tensors = self.parse();
        let bytes = tensors
            .tensor(name)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .data();
        bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect()
    }

    /// Values of an `f64` tensor in row-major order.
    pub fn doubles(&self, name: &str) -> Vec<f64> {
        let tensors = self.parse();
        let bytes = tensors.tensor(name).unwrap().data();
        let values = bytes.as_chunks::<8>().0.iter();
        values.map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    pub fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let shape = self.parse().tensor(name).unwrap().shape().to_vec();
        Tensor::from_data(TensorData::new(self.values(name), shape), &Device::flex())
    }

    fn parse(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.0).unwrap()
    }
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Values of a tensor in row-major order.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Panics where any element differs by more than `tolerance`.
#[track_caller]
pub fn assert_close(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}: length");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance,
            "{what} at {index}: {found} is not {expected}, off by {error:e}"
        );
    }
}
