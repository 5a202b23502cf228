//! Weights in safetensors files.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde_json::{Map, Value};

use crate::file_kind::mistaken;
use crate::{Error, Result};

/// Number of bytes of the length of the header.
const PREFIX: usize = 8;
/// Maximum length of the header, as in the reference implementation.
const MAX_HEADER: u64 = 100_000_000;

/// The tensors of one or more safetensors files. Each is converted and freed when it is taken.
#[derive(Default)]
pub(super) struct Weights {
    /// File names, with the number of tensors in each file.
    shards: Vec<(String, usize)>,
    tensors: BTreeMap<String, Stored>,
}

struct Stored {
    shard: usize,
    format: Format,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// Number format, little-endian.
#[derive(Clone, Copy)]
pub(super) enum Format {
    F16,
    Bf16,
    F32,
    F64,
}

impl Weights {
    /// Adds the tensors of a file. They are split off its end one by one, so that the file is never held in memory
    /// twice.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] if the header is inconsistent, and [`Error::Unsupported`] for integer tensors.
    pub(super) fn add(&mut self, name: &str, mut bytes: Vec<u8>) -> Result<()> {
        let malformed = |reason: String| Error::malformed(name, reason);
        let (header, metadata) = SafeTensors::read_metadata(&bytes)
            .map_err(|error| malformed(unreadable(&bytes, &error)))?;
        let data = PREFIX + header;
        let mut tensors: Vec<_> = metadata.tensors().into_iter().collect();
        tensors.sort_unstable_by_key(|(_, info)| Reverse(info.data_offsets));
        let shard = self.shards.len();
        self.shards.push((name.to_owned(), tensors.len()));
        for (tensor, info) in tensors {
            let (start, end) = info.data_offsets;
            if data.checked_add(end) != Some(bytes.len()) || start > end {
                return Err(malformed(format!("{tensor} is outside the file")));
            }
            let stored = Stored {
                shard,
                format: Format::new(&tensor, info.dtype)?,
                shape: info.shape.clone(),
                bytes: bytes.split_off(data + start),
            };
            bytes.shrink_to_fit();
            if let Some(other) = self.tensors.get(&tensor) {
                let (other, _) = &self.shards[other.shard];
                return Err(malformed(format!("it contains {tensor}, as does {other}")));
            }
            self.tensors.insert(tensor, stored);
        }
        Ok(())
    }

    /// Whether the file `name` contains `tensor`.
    pub(super) fn holds(&self, name: &str, tensor: &str) -> bool {
        self.tensors
            .get(tensor)
            .is_some_and(|stored| self.shards[stored.shard].0 == name)
    }

    /// Number of tensors in the file `name`.
    pub(super) fn count(&self, name: &str) -> usize {
        let shard = self.shards.iter().find(|(shard, _)| shard == name);
        shard.map_or(0, |(_, count)| *count)
    }

    /// Shape of a tensor that has not been taken yet.
    pub(super) fn shape(&self, tensor: &str) -> Option<&[usize]> {
        self.tensors
            .get(tensor)
            .map(|stored| stored.shape.as_slice())
    }

    /// Removes `copy` if it is bit-identical to `tensor`.
    pub(super) fn forget_copy(&mut self, copy: &str, tensor: &str) {
        let same = |a: &Stored, b: &Stored| a.shape == b.shape && a.bytes == b.bytes;
        match (self.tensors.get(copy), self.tensors.get(tensor)) {
            (Some(a), Some(b)) if same(a, b) && copy != tensor => {
                self.tensors.remove(copy);
            }
            _ => (),
        }
    }

    /// Takes the values of a tensor, in row-major order; empty if it was taken before.
    pub(super) fn take(&mut self, tensor: &str) -> Vec<f32> {
        let stored = self.tensors.remove(tensor);
        stored.map_or_else(Vec::new, |stored| stored.format.read(&stored.bytes))
    }

    /// Returns an error if tensors are left.
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

/// Describes why bytes are not a safetensors file, and how to fix it.
pub(super) fn unreadable(bytes: &[u8], error: &SafeTensorError) -> String {
    let found = bytes.len() as u64;
    let expected = expected_length(bytes).filter(|expected| *expected != found);
    match (mistaken(bytes), expected) {
        (Some(kind), _) => kind,
        (None, Some(expected)) if found < expected => format!(
            "it is cut off after {found} of at least {expected} bytes: download or copy it again"
        ),
        (None, Some(expected)) => {
            format!("it has {found} bytes, but its header describes {expected}")
        }
        (None, None) => error.to_string(),
    }
}

/// Length of a safetensors file according to its header, as far as it is available; `None` without a valid header.
fn expected_length(bytes: &[u8]) -> Option<u64> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
        return Some(PREFIX as u64);
    };
    let header = u64::from_le_bytes(*prefix);
    if header > MAX_HEADER || rest.first().is_some_and(|byte| *byte != b'{') {
        return None;
    }
    let data = PREFIX as u64 + header;
    let Some(json) = rest.get(..header as usize) else {
        return Some(data);
    };
    let tensors: Map<String, Value> = serde_json::from_slice(json).ok()?;
    let ends = tensors
        .values()
        .filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64());
    data.checked_add(ends.max().unwrap_or(0))
}

impl Format {
    pub(super) fn new(tensor: &str, dtype: Dtype) -> Result<Self> {
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

    pub(super) fn read(self, bytes: &[u8]) -> Vec<f32> {
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
