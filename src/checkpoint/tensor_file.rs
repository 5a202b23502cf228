//! Safetensors files of this crate: named tensors, and a JSON object in the metadata.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::weights::{Format, unreadable};
use crate::nn::NamedTensor;
use crate::{Error, Result};

/// The only entry of the metadata. (The safetensors crate writes several entries in random order; with a single one the
/// bytes are reproducible.)
const KEY: &str = "tweedie";

/// The tensors and the metadata of a safetensors file.
#[derive(Clone, Debug, Default)]
pub(crate) struct TensorFile {
    description: Map<String, Value>,
    tensors: BTreeMap<String, Stored>,
}

#[derive(Clone, Debug)]
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl TensorFile {
    /// # Errors
    /// [`Error::MalformedFile`] for bytes that are not a safetensors file written by this crate.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let broken = |error: SafeTensorError| malformed(unreadable(bytes, &error));
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let json = header
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get(KEY));
        let json = json.ok_or_else(|| malformed(format!("its metadata have no entry {KEY}")))?;
        let description = serde_json::from_str(json).map_err(malformed)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(broken)?;
        let stored = |view: TensorView| Stored {
            dtype: view.dtype(),
            shape: view.shape().to_vec(),
            bytes: view.data().to_vec(),
        };
        let tensors = tensors.tensors().into_iter();
        Ok(Self {
            description,
            tensors: tensors.map(|(name, view)| (name, stored(view))).collect(),
        })
    }

    /// The bytes of the file; the same contents yield the same bytes.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] where the number of values of a tensor does not match its shape.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut views = Vec::with_capacity(self.tensors.len());
        for (name, stored) in &self.tensors {
            let view = TensorView::new(stored.dtype, stored.shape.clone(), &stored.bytes);
            views.push((name, view.map_err(malformed)?));
        }
        let json = Value::Object(self.description.clone()).to_string();
        let metadata = HashMap::from([(KEY.to_owned(), json)]);
        safetensors::serialize(views, Some(metadata)).map_err(malformed)
    }

    /// Adds an entry to the metadata.
    pub fn describe(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value).map_err(malformed)?;
        self.description.insert(name.to_owned(), value);
        Ok(())
    }

    /// Reads an entry of the metadata.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] where the entry is missing or has a different type.
    pub fn described<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.description.get(name).unwrap_or(&Value::Null);
        T::deserialize(value).map_err(|error| malformed(format!("{name}: {error}")))
    }

    /// Adds an `f32` tensor.
    pub fn put(&mut self, name: impl Into<String>, shape: Vec<usize>, values: &[f32]) {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let dtype = Dtype::F32;
        self.tensors.insert(
            name.into(),
            Stored {
                dtype,
                shape,
                bytes,
            },
        );
    }

    /// Adds an `f64` vector.
    pub fn put_f64(&mut self, name: impl Into<String>, values: &[f64]) {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let (dtype, shape) = (Dtype::F64, vec![values.len()]);
        self.tensors.insert(
            name.into(),
            Stored {
                dtype,
                shape,
                bytes,
            },
        );
    }

    /// Adds a parameter under `prefix` followed by its name.
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost. On a browser's GPU use [`put_tensor_async`](Self::put_tensor_async).
    pub fn put_tensor(&mut self, prefix: &str, tensor: &NamedTensor) -> Result<()> {
        let data = tensor.values.clone().try_into_data().map_err(lost)?;
        self.put_data(prefix, tensor, &data);
        Ok(())
    }

    /// Non-blocking variant of [`put_tensor`](Self::put_tensor).
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost.
    pub async fn put_tensor_async(&mut self, prefix: &str, tensor: &NamedTensor) -> Result<()> {
        let data = tensor
            .values
            .clone()
            .into_data_async()
            .await
            .map_err(lost)?;
        self.put_data(prefix, tensor, &data);
        Ok(())
    }

    fn put_data(&mut self, prefix: &str, tensor: &NamedTensor, data: &TensorData) {
        let values: Vec<f32> = data.iter().collect();
        self.put(
            format!("{prefix}{}", tensor.name),
            tensor.shape.clone(),
            &values,
        );
    }

    /// Takes the parameters whose names start with `prefix`. Their names keep the prefix.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for integer tensors.
    pub fn take_tensors(&mut self, prefix: &str, device: &Device) -> Result<Vec<NamedTensor>> {
        let tensors = std::mem::take(&mut self.tensors);
        let (found, rest): (BTreeMap<_, _>, _) = tensors
            .into_iter()
            .partition(|(name, _)| name.starts_with(prefix));
        self.tensors = rest;
        let read = |(name, stored): (String, Stored)| {
            let values = Format::new(&name, stored.dtype)?.read(&stored.bytes);
            Ok(NamedTensor {
                name,
                shape: stored.shape,
                values: Tensor::from_data(values.as_slice(), device),
            })
        };
        found.into_iter().map(read).collect()
    }

    /// Reads an `f64` vector.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] where it is missing.
    pub fn f64s(&self, name: &str) -> Result<Vec<f64>> {
        match self.tensors.get(name) {
            Some(Stored {
                dtype: Dtype::F64,
                bytes,
                ..
            }) => {
                let numbers = bytes.as_chunks().0.iter();
                Ok(numbers.map(|bytes| f64::from_le_bytes(*bytes)).collect())
            }
            _ => Err(malformed(format!("it has no tensor {name} of F64"))),
        }
    }
}

fn malformed(reason: impl std::fmt::Display) -> Error {
    Error::malformed("the safetensors file", reason)
}

fn lost(error: impl std::fmt::Display) -> Error {
    Error::Device(format!("the device cannot be read from: {error}"))
}
