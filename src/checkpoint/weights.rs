//! Tensors in the bytes of safetensors files.

use std::collections::BTreeMap;
use std::ops::Range;

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use crate::{Error, Result};

/// Bytes before the header: its length.
const PREFIX: usize = 8;

/// The tensors of one or more safetensors files, each converted when it is taken.
#[derive(Default)]
pub(super) struct Weights {
    shards: Vec<Shard>,
    tensors: BTreeMap<String, Stored>,
}

struct Shard {
    name: String,
    bytes: Vec<u8>,
    /// Tensors not taken yet; without any, the bytes are freed.
    remaining: usize,
}

struct Stored {
    shard: usize,
    format: Format,
    shape: Vec<usize>,
    range: Range<usize>,
}

/// How a number is stored, in little-endian bytes.
#[derive(Clone, Copy)]
enum Format {
    F16,
    Bf16,
    F32,
    F64,
}

impl Weights {
    /// Adds the tensors of a file.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] if its header lies, and [`Error::Unsupported`] for tensors of integers.
    pub(super) fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let malformed = |reason: String| Error::malformed(name, reason);
        let (header, metadata) =
            SafeTensors::read_metadata(&bytes).map_err(|error| malformed(error.to_string()))?;
        let data = PREFIX + header;
        let tensors = metadata.tensors();
        let shard = self.shards.len();
        for (tensor, info) in &tensors {
            let (start, end) = info.data_offsets;
            let range = (data.checked_add(start).zip(data.checked_add(end)))
                .map(|(start, end)| start..end)
                .filter(|range| bytes.get(range.clone()).is_some())
                .ok_or_else(|| malformed(format!("{tensor} lies outside of it")))?;
            let stored = Stored {
                shard,
                format: Format::new(tensor, info.dtype)?,
                shape: info.shape.clone(),
                range,
            };
            if let Some(other) = self.tensors.insert(tensor.clone(), stored) {
                let other = &self.shards[other.shard].name;
                return Err(malformed(format!(
                    "it holds {tensor}, which {other} holds too"
                )));
            }
        }
        self.shards.push(Shard {
            name: name.to_owned(),
            remaining: tensors.len(),
            bytes,
        });
        Ok(())
    }

    /// Whether `tensor` lies in the file `name`.
    pub(super) fn holds(&self, name: &str, tensor: &str) -> bool {
        self.tensors
            .get(tensor)
            .is_some_and(|stored| self.shards[stored.shard].name == name)
    }

    /// Number of tensors in the file `name`.
    pub(super) fn count(&self, name: &str) -> usize {
        let shard = self.shards.iter().find(|shard| shard.name == name);
        shard.map_or(0, |shard| shard.remaining)
    }

    /// Shape of a tensor that was not taken yet.
    pub(super) fn shape(&self, tensor: &str) -> Option<&[usize]> {
        self.tensors
            .get(tensor)
            .map(|stored| stored.shape.as_slice())
    }

    /// Takes the numbers of a tensor, in row-major order: none if it was taken.
    pub(super) fn take(&mut self, tensor: &str) -> Vec<f32> {
        let Some(stored) = self.tensors.remove(tensor) else {
            return Vec::new();
        };
        let shard = &mut self.shards[stored.shard];
        let values = stored.format.read(&shard.bytes[stored.range]);
        shard.remaining -= 1;
        if shard.remaining == 0 {
            shard.bytes = Vec::new();
        }
        values
    }

    /// The error of tensors that were not taken.
    pub(super) fn check_empty(&self) -> Result<()> {
        match self.tensors.first_key_value() {
            Some((first, _)) => Err(Error::UnusedTensors {
                first: first.clone(),
                count: self.tensors.len(),
            }),
            None => Ok(()),
        }
    }
}

impl Format {
    fn new(tensor: &str, dtype: Dtype) -> Result<Self> {
        match dtype {
            Dtype::F16 => Ok(Self::F16),
            Dtype::BF16 => Ok(Self::Bf16),
            Dtype::F32 => Ok(Self::F32),
            Dtype::F64 => Ok(Self::F64),
            other => Err(Error::Unsupported {
                name: format!("dtype of {tensor}"),
                value: format!("{other:?}"),
                supported: "F16, BF16, F32, F64".to_owned(),
            }),
        }
    }

    fn read(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F16 => convert(bytes, |number| f16::from_le_bytes(number).to_f32()),
            Self::Bf16 => convert(bytes, |number| bf16::from_le_bytes(number).to_f32()),
            Self::F32 => convert(bytes, f32::from_le_bytes),
            Self::F64 => convert(bytes, |number| f64::from_le_bytes(number) as f32),
        }
    }
}

fn convert<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| number(bytes))
        .collect()
}
