//! The interface between the training loop and a network.

use burn::tensor::{Device, Tensor};
use serde_json::Value;

use super::{Batch, Update};
use crate::Result;
use crate::nn::NamedTensor;

/// A network with its optimiser, as required by a [`Trainer`](super::Trainer).
pub trait TrainableModel<const D: usize> {
    /// One optimiser step on the [loss](super::loss) of a batch. Returns the loss before the step, `[1]`, without
    /// reading it back from the device.
    fn train_step(&mut self, batch: &Batch<D>, update: &Update) -> Tensor<1>;

    /// The weights and the state of the optimiser. Later steps do not change the returned tensors.
    fn parameters(&self) -> Parameters;

    /// Restores weights and optimiser state.
    ///
    /// # Errors
    /// [`Error::MissingTensor`](crate::Error::MissingTensor) and [`Error::TensorShape`](crate::Error::TensorShape)
    /// where the parameters belong to a different network.
    fn restore(&mut self, parameters: &Parameters) -> Result<()>;

    /// The device of the weights.
    fn device(&self) -> Device;

    /// Configuration of the network, for saved states; null where the network does not store it.
    fn config(&self) -> Value;
}

/// Weights and optimiser state of a [`TrainableModel`]. Each list contains all parameters, in the order of the network.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Current weights.
    pub weights: Vec<NamedTensor>,
    /// EMA of the weights.
    pub ema: Vec<NamedTensor>,
    /// Adam's first moment: mean of the gradients, without bias correction.
    pub moment_1: Vec<NamedTensor>,
    /// Adam's second moment: mean of the squared gradients, without bias correction.
    pub moment_2: Vec<NamedTensor>,
}
