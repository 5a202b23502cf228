//! Trained point models: network, prediction and process.

use burn::tensor::{Device, Tensor};

use crate::checkpoint::tensor_file::TensorFile;
use crate::diffusion::{Denoiser, Estimate, NoiseLevel, Prediction, Process};
use crate::nn::{Mlp, MlpConfig, NamedTensor, state_dict};
use crate::{Error, Result};

/// A point network as a [`Denoiser`], for all samplers and for the exact likelihood.
#[derive(Clone, Debug)]
pub struct PointModel {
    network: Mlp,
    prediction: Prediction,
    process: Process,
}

impl PointModel {
    /// A network that predicts `prediction` and was trained on `process`.
    pub fn new(network: Mlp, prediction: Prediction, process: Process) -> Self {
        Self {
            network,
            prediction,
            process,
        }
    }

    /// The network.
    pub fn network(&self) -> &Mlp {
        &self.network
    }

    /// Prediction type of the network.
    pub fn prediction(&self) -> Prediction {
        self.prediction
    }

    /// Forward process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Encodes the model as a safetensors file: `layers.0.weight` and so on, as in PyTorch, and the rest as JSON in the
    /// metadata.
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost. On a browser's GPU use
    /// [`to_safetensors_async`](Self::to_safetensors_async).
    pub fn to_safetensors(&self) -> Result<Vec<u8>> {
        let mut file = self.description()?;
        for tensor in self.tensors() {
            file.put_tensor("", &tensor)?;
        }
        file.write()
    }

    /// Non-blocking variant of [`to_safetensors`](Self::to_safetensors).
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost.
    pub async fn to_safetensors_async(&self) -> Result<Vec<u8>> {
        let mut file = self.description()?;
        for tensor in self.tensors() {
            file.put_tensor_async("", &tensor).await?;
        }
        file.write()
    }

    /// Decodes the output of [`to_safetensors`](Self::to_safetensors).
    ///
    /// # Errors
    /// [`Error::MalformedFile`] for other bytes, those of [`MlpConfig::validate`], and errors for tensors that are
    /// missing, unused or of a wrong shape.
    pub fn from_safetensors(bytes: &[u8], device: &Device) -> Result<Self> {
        let mut file = TensorFile::read(bytes)?;
        let config: MlpConfig = file.described("network")?;
        let (prediction, process) = (file.described("prediction")?, file.process()?);
        config.validate()?;
        let network = Mlp::from_weights(&config, &vec![0.0; config.parameter_count()], device)?;
        let tensors = file.take_tensors("layers.", device)?;
        let parameters = state_dict::parameters(&network);
        if let Some(first) = tensors.get(parameters.len()) {
            let (first, count) = (first.name.clone(), tensors.len() - parameters.len());
            return Err(Error::UnusedTensors { first, count });
        }
        let found = parameters
            .iter()
            .map(|weights| weights.find(&tensors, device));
        let values = found.collect::<Result<Vec<_>>>()?;
        Ok(Self::new(
            state_dict::replaced(network, &values),
            prediction,
            process,
        ))
    }

    fn description(&self) -> Result<TensorFile> {
        let mut file = TensorFile::default();
        file.describe("network", self.network.config())?;
        file.describe("prediction", &self.prediction)?;
        file.put_process(&self.process)?;
        Ok(file)
    }

    fn tensors(&self) -> impl Iterator<Item = NamedTensor> {
        state_dict::parameters(&self.network)
            .into_iter()
            .map(|weights| weights.named())
    }
}

impl Denoiser<2> for PointModel {
    fn denoise(&self, noisy: Tensor<2>, level: NoiseLevel) -> Estimate<2> {
        let output = self.network.forward(noisy.clone(), &[level]);
        Estimate::from(self.prediction.clean(noisy, output, level))
    }

    /// Forward-mode differentiation, with one derivative per coordinate in the same pass as the output.
    fn denoise_with_divergence(
        &self,
        noisy: &Tensor<2>,
        level: NoiseLevel,
    ) -> Option<(Estimate<2>, Tensor<1>)> {
        let (output, divergence) = self.network.forward_with_divergence(noisy.clone(), level);
        let (from_noisy, from_output) = self.prediction.clean_coefficients(level);
        let constant = from_noisy * noisy.dims()[1] as f64;
        let clean = self.prediction.clean(noisy.clone(), output, level);
        Some((Estimate::from(clean), divergence * from_output + constant))
    }
}
