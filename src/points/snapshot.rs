//! Saved point training.

use burn::tensor::Device;

use super::PointTrainingOptions;
use crate::checkpoint::tensor_file::TensorFile;
use crate::train::{Samples, TrainingState};
use crate::{Error, Result};

const OPTIONS: &str = "options";
const POINTS: &str = "points";

/// State of a training run with its data and options.
#[derive(Clone, Debug)]
pub struct TrainingSnapshot {
    pub(super) state: TrainingState,
    pub(super) options: PointTrainingOptions,
    pub(super) points: Samples<2>,
}

impl TrainingSnapshot {
    /// Encodes the snapshot: the length of the first of two safetensors files as eight bytes, the points with the
    /// options, and the [state](TrainingState::to_bytes).
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost. On a browser's GPU use [`to_bytes_async`](Self::to_bytes_async).
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.framed(self.state.to_bytes()?)
    }

    /// Non-blocking variant of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost.
    pub async fn to_bytes_async(&self) -> Result<Vec<u8>> {
        self.framed(self.state.to_bytes_async().await?)
    }

    fn framed(&self, state: Vec<u8>) -> Result<Vec<u8>> {
        let mut data = TensorFile::default();
        data.describe(OPTIONS, &self.options)?;
        data.put(POINTS, self.points.shape().to_vec(), self.points.values());
        let data = data.write()?;
        let length = (data.len() as u64).to_le_bytes();
        Ok([&length[..], &data, &state].concat())
    }
}

/// Decodes a snapshot into the bytes of the training state, the options and the points.
///
/// # Errors
/// [`Error::MalformedFile`] for other bytes.
pub(super) fn parts(bytes: &[u8]) -> Result<(&[u8], PointTrainingOptions, Samples<2>)> {
    let malformed = |reason: &str| Error::malformed("the training's state", reason);
    let (length, rest) = bytes
        .split_first_chunk::<8>()
        .ok_or_else(|| malformed("it is too short"))?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let (data, state) = rest
        .split_at_checked(length)
        .ok_or_else(|| malformed("it is cut off"))?;
    let mut data = TensorFile::read(data)?;
    let options: PointTrainingOptions = data.described(OPTIONS)?;
    let points = data.take_tensors(POINTS, &Device::flex())?;
    let points = points
        .first()
        .ok_or_else(|| malformed("it has no points"))?;
    let numbers: Vec<f32> = points.values.to_data().iter().collect();
    let samples = Samples::new(numbers, [points.shape[0], 2])?;
    Ok((state, options, samples))
}
