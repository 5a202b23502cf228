//! Saved training state.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Augmentation, Objective, Optimizer, Parameters, TimeSampling, TrainOptions, Weighting,
};
use crate::Result;
use crate::checkpoint::tensor_file::TensorFile;
use crate::diffusion::Prediction;
use crate::nn::NamedTensor;

/// Everything that is needed to resume training, except the samples: the parameters, the step, and the options,
/// including the seed that determines the order of the data and all noise.
#[derive(Clone, Debug)]
pub struct TrainingState {
    /// The weights, their EMA, and Adam's moments.
    pub parameters: Parameters,
    /// Number of completed steps.
    pub step: usize,
    /// Training options.
    pub options: TrainOptions,
    /// Configuration of the network; null where the network does not store it.
    pub network: Value,
}

/// The metadata of the file.
#[derive(Serialize, Deserialize)]
struct Record {
    step: usize,
    batch: usize,
    seed: u32,
    prediction: Prediction,
    weighting: Weighting,
    times: TimeSampling,
    optimizer: Optimizer,
    #[serde(default)]
    augmentation: Augmentation,
}

const ENTRY: &str = "training";
const NETWORK: &str = "network";
const PREFIXES: [&str; 4] = ["weights.", "average.", "moment_1.", "moment_2."];

impl TrainingState {
    /// Encodes the state as a safetensors file: `weights.*`, `average.*` (the EMA), `moment_1.*` and `moment_2.*`, and
    /// the rest as JSON in the metadata.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device is lost. On a browser's GPU use
    /// [`to_bytes_async`](Self::to_bytes_async).
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut file = self.description()?;
        for (prefix, tensor) in self.prefixed() {
            file.put_tensor(prefix, tensor)?;
        }
        file.write()
    }

    /// Non-blocking variant of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device is lost.
    pub async fn to_bytes_async(&self) -> Result<Vec<u8>> {
        let mut file = self.description()?;
        for (prefix, tensor) in self.prefixed() {
            file.put_tensor_async(prefix, tensor).await?;
        }
        file.write()
    }

    /// Decodes the output of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::MalformedFile`](crate::Error::MalformedFile) for other bytes.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let mut file = TensorFile::read(bytes)?;
        let record: Record = file.described(ENTRY)?;
        let mut tensors = |prefix: &str| -> Result<Vec<NamedTensor>> {
            let mut tensors = file.take_tensors(prefix, device)?;
            for tensor in &mut tensors {
                tensor.name.drain(..prefix.len());
            }
            Ok(tensors)
        };
        let [weights, ema, moment_1, moment_2] = PREFIXES;
        Ok(Self {
            parameters: Parameters {
                weights: tensors(weights)?,
                ema: tensors(ema)?,
                moment_1: tensors(moment_1)?,
                moment_2: tensors(moment_2)?,
            },
            step: record.step,
            network: file.described(NETWORK)?,
            options: TrainOptions {
                objective: Objective {
                    process: file.process()?,
                    prediction: record.prediction,
                    weighting: record.weighting,
                    times: record.times,
                },
                optimizer: record.optimizer,
                augmentation: record.augmentation,
                batch: record.batch,
                seed: record.seed,
            },
        })
    }

    fn description(&self) -> Result<TensorFile> {
        let TrainOptions {
            objective,
            optimizer,
            augmentation,
            batch,
            seed,
        } = &self.options;
        let record = Record {
            step: self.step,
            batch: *batch,
            seed: *seed,
            prediction: objective.prediction,
            weighting: objective.weighting,
            times: objective.times,
            optimizer: *optimizer,
            augmentation: *augmentation,
        };
        let mut file = TensorFile::default();
        file.describe(ENTRY, &record)?;
        file.describe(NETWORK, &self.network)?;
        file.put_process(&objective.process)?;
        Ok(file)
    }

    fn prefixed(&self) -> impl Iterator<Item = (&'static str, &NamedTensor)> {
        let Parameters {
            weights,
            ema,
            moment_1,
            moment_2,
        } = &self.parameters;
        let lists = PREFIXES.into_iter().zip([weights, ema, moment_1, moment_2]);
        lists.flat_map(|(prefix, list)| list.iter().map(move |tensor| (prefix, tensor)))
    }
}
