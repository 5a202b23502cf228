//! The training of networks for points.

use burn::tensor::{Device, Tensor};
use serde::Deserialize;
use serde_json::Value;

use super::{
    AutodiffLearner, Batch, CpuLearner, Learner, Parameters, Samples, TrainOptions, Trainer,
    TrainingState, Update,
};
use crate::nn::{Mlp, MlpConfig};
use crate::pipeline::PointModel;
use crate::random::Generator;
use crate::{Error, Result};

/// A network for points with its optimiser: on the CPU by hand, on other devices by automatic differentiation.
#[derive(Clone, Debug)]
pub enum PointLearner {
    /// Passes written by hand.
    Cpu(CpuLearner),
    /// Burn's automatic differentiation.
    Autodiff(AutodiffLearner<Mlp>),
}

/// The training of a network for points.
pub type PointTrainer = Trainer<PointLearner, 2>;

impl PointLearner {
    /// The fastest for the device.
    pub fn new(network: Mlp, device: &Device) -> Self {
        if *device == Device::flex() {
            Self::Cpu(CpuLearner::new(&network))
        } else {
            Self::Autodiff(AutodiffLearner::new(network, device))
        }
    }

    /// The network as it was trained.
    pub fn network(&self) -> Mlp {
        match self {
            Self::Cpu(learner) => learner.network(),
            Self::Autodiff(learner) => learner.network(),
        }
    }

    /// The network with the average of its weights.
    pub fn average(&self) -> Mlp {
        match self {
            Self::Cpu(learner) => learner.average(),
            Self::Autodiff(learner) => learner.average(),
        }
    }
}

impl Learner<2> for PointLearner {
    fn learn(&mut self, batch: &Batch<2>, update: &Update) -> Tensor<1> {
        match self {
            Self::Cpu(learner) => learner.learn(batch, update),
            Self::Autodiff(learner) => learner.learn(batch, update),
        }
    }

    fn parameters(&self) -> Parameters {
        match self {
            Self::Cpu(learner) => learner.parameters(),
            Self::Autodiff(learner) => Learner::<2>::parameters(learner),
        }
    }

    fn restore(&mut self, parameters: &Parameters) -> Result<()> {
        match self {
            Self::Cpu(learner) => learner.restore(parameters),
            Self::Autodiff(learner) => Learner::<2>::restore(learner, parameters),
        }
    }

    fn device(&self) -> Device {
        match self {
            Self::Cpu(learner) => learner.device(),
            Self::Autodiff(learner) => Learner::<2>::device(learner),
        }
    }

    fn config(&self) -> Value {
        match self {
            Self::Cpu(learner) => learner.config(),
            Self::Autodiff(learner) => Learner::<2>::config(learner),
        }
    }
}

impl PointTrainer {
    /// A new network with the weights of a generator of the options' seed.
    ///
    /// # Errors
    /// Those of [`Mlp::new`] and [`Trainer::new`], and [`Error::InvalidOption`] where `config.features` is not that of the points.
    pub fn for_points(
        points: Samples<2>,
        config: &MlpConfig,
        options: TrainOptions,
        device: &Device,
    ) -> Result<Self> {
        check_features(&points, config)?;
        let network = Mlp::new(config, &mut Generator::new(options.seed), device)?;
        Self::new(PointLearner::new(network, device), points, options)
    }

    /// Goes on from the bytes of a [state](Trainer::state).
    ///
    /// # Errors
    /// [`Error::MalformedFile`] for other bytes.
    pub fn from_bytes(bytes: &[u8], points: Samples<2>, device: &Device) -> Result<Self> {
        let state = TrainingState::from_bytes(bytes, device)?;
        let config: MlpConfig = MlpConfig::deserialize(&state.network)
            .map_err(|error| Error::malformed("the training's network", error))?;
        check_features(&points, &config)?;
        // Its weights are overwritten.
        let network = Mlp::new(&config, &mut Generator::new(0), device)?;
        Self::resume(PointLearner::new(network, device), points, state)
    }

    /// The model as it was trained so far.
    pub fn model(&self) -> PointModel {
        self.model_of(self.learner().network())
    }

    /// The model with the average of the weights.
    pub fn average_model(&self) -> PointModel {
        self.model_of(self.learner().average())
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
    let expected = format!("{features}, as the points have");
    Err(Error::invalid("features", expected, config.features))
}
