//! What the training loop knows of a network.

use burn::tensor::{Device, Tensor};
use serde_json::Value;

use super::{Batch, Update};
use crate::Result;
use crate::nn::NamedTensor;

/// A network with its optimiser: all that a [`Trainer`](super::Trainer) knows of it.
pub trait TrainableModel<const D: usize> {
    /// One step down the gradient of the [loss](super::loss) of a batch, and the loss before it, `[1]`, which is not read back from the device.
    fn train_step(&mut self, batch: &Batch<D>, update: &Update) -> Tensor<1>;

    /// All that has been learnt. Tensors are shared or copied; later steps do not change them.
    fn parameters(&self) -> Parameters;

    /// Goes on from there.
    ///
    /// # Errors
    /// [`Error::MissingTensor`](crate::Error::MissingTensor) and [`Error::TensorShape`](crate::Error::TensorShape) where they are those of another network.
    fn restore(&mut self, parameters: &Parameters) -> Result<()>;

    /// Where it computes.
    fn device(&self) -> Device;

    /// The network's configuration, which a saved state holds; null where the network has none.
    fn config(&self) -> Value;
}

/// What a [`TrainableModel`] has learnt; each list holds every parameter of the network, in its order.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// The weights that are trained.
    pub weights: Vec<NamedTensor>,
    /// Their exponential moving average.
    pub ema: Vec<NamedTensor>,
    /// Adam's mean of the gradients, before its bias is corrected.
    pub moment_1: Vec<NamedTensor>,
    /// Adam's mean of their squares.
    pub moment_2: Vec<NamedTensor>,
}
