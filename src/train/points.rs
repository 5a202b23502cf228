//! Training of point networks.

use burn::tensor::{Device, Tensor};
use serde::Deserialize;
use serde_json::Value;

use super::{
    AutodiffModel, Batch, CpuModel, Parameters, Samples, TrainOptions, TrainableModel, Trainer,
    TrainingState, Update,
};
use crate::nn::{Mlp, MlpConfig};
use crate::pipeline::PointModel;
use crate::random::Generator;
use crate::{Error, Result};

/// A point network with its optimiser: hand-written derivatives on the CPU, automatic differentiation on other devices.
#[derive(Clone, Debug)]
pub enum TrainableMlp {
    /// Hand-written forward and backward passes.
    Cpu(CpuModel),
    /// Burn's automatic differentiation.
    Autodiff(AutodiffModel<Mlp>),
}

/// Trainer of a point network.
pub type PointTrainer = Trainer<TrainableMlp, 2>;

impl TrainableMlp {
    /// The faster implementation for the device.
    pub fn new(network: Mlp, device: &Device) -> Self {
        if *device == Device::flex() {
            Self::Cpu(CpuModel::new(&network))
        } else {
            Self::Autodiff(AutodiffModel::new(network, device))
        }
    }

    /// The network with its current weights.
    pub fn network(&self) -> Mlp {
        match self {
            Self::Cpu(model) => model.network(),
            Self::Autodiff(model) => model.network(),
        }
    }

    /// The network with the EMA of its weights.
    pub fn ema(&self) -> Mlp {
        match self {
            Self::Cpu(model) => model.ema(),
            Self::Autodiff(model) => model.ema(),
        }
    }
}

impl TrainableModel<2> for TrainableMlp {
    fn train_step(&mut self, batch: &Batch<2>, update: &Update) -> Tensor<1> {
        match self {
            Self::Cpu(model) => model.train_step(batch, update),
            Self::Autodiff(model) => model.train_step(batch, update),
        }
    }

    fn parameters(&self) -> Parameters {
        match self {
            Self::Cpu(model) => model.parameters(),
            Self::Autodiff(model) => TrainableModel::<2>::parameters(model),
        }
    }

    fn restore(&mut self, parameters: &Parameters) -> Result<()> {
        match self {
            Self::Cpu(model) => model.restore(parameters),
            Self::Autodiff(model) => TrainableModel::<2>::restore(model, parameters),
        }
    }

    fn device(&self) -> Device {
        match self {
            Self::Cpu(model) => model.device(),
            Self::Autodiff(model) => TrainableModel::<2>::device(model),
        }
    }

    fn config(&self) -> Value {
        match self {
            Self::Cpu(model) => model.config(),
            Self::Autodiff(model) => TrainableModel::<2>::config(model),
        }
    }
}

impl PointTrainer {
    /// A new network, whose initial weights are drawn from a generator with the options' seed.
    ///
    /// # Errors
    /// Those of [`Mlp::new`] and [`Trainer::new`], and [`Error::InvalidOption`] where `config.features` differs from
    /// the dimension of the points.
    pub fn for_points(
        points: Samples<2>,
        config: &MlpConfig,
        options: TrainOptions,
        device: &Device,
    ) -> Result<Self> {
        check_features(&points, config)?;
        let network = Mlp::new(config, &mut Generator::new(options.seed), device)?;
        Self::new(TrainableMlp::new(network, device), points, options)
    }

    /// Resumes from the bytes of a [state](Trainer::state).
    ///
    /// # Errors
    /// [`Error::MalformedFile`] for other bytes.
    pub fn from_bytes(bytes: &[u8], points: Samples<2>, device: &Device) -> Result<Self> {
        let state = TrainingState::from_bytes(bytes, device)?;
        let config: MlpConfig = MlpConfig::deserialize(&state.network)
            .map_err(|error| Error::malformed("the training's network", error))?;
        check_features(&points, &config)?;
        // The initial weights are overwritten.
        let network = Mlp::new(&config, &mut Generator::new(0), device)?;
        Self::resume(TrainableMlp::new(network, device), points, state)
    }

    /// The model with the current weights.
    pub fn current_model(&self) -> PointModel {
        self.model_of(self.model().network())
    }

    /// The model with the EMA of the weights.
    pub fn ema_model(&self) -> PointModel {
        self.model_of(self.model().ema())
    }

    fn model_of(&self, network: Mlp) -> PointModel {
        let objective = &self.options().objective;
        PointModel::new(network, objective.prediction, objective.process.clone())
    }
}

fn check_features(points: &Samples<2>, config: &MlpConfig) -> Result<()> {
    let features = points.shape()[1];
    if features == config.features {
        return Ok(());
    }
    let expected = format!("{features}, the dimension of the points");
    Err(Error::invalid("features", expected, config.features))
}
