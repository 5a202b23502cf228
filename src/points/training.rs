//! The training of a model of points, with its data.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::schedule::scheduler;
use super::snapshot::{self, TrainingSnapshot};
use super::{DecayShape, PointPipeline, Schedule};
use crate::diffusion::{IdealDenoiser, Prediction, Process};
use crate::nn::MlpConfig;
use crate::nn::activation::Activation;
use crate::nn::mlp::TimeEmbedding;
use crate::random::Generator;
use crate::train::{
    Augmentation, LearningRate, Objective, Optimizer, PointTrainer, Samples, TimeSampling,
    TrainOptions, Weighting,
};
use crate::{Error, Result};

/// What is trained on points, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PointTrainingOptions {
    /// Units of a hidden layer.
    pub width: usize,
    /// Hidden layers.
    pub depth: usize,
    /// What stands between the layers.
    pub activation: Activation,
    /// Frequencies that the noise level is told by, beside `ln(sigma/alpha)/4`: [`TimeEmbedding::Fourier`]; 0 for none.
    pub frequencies: usize,
    /// Octaves of Fourier features of each coordinate, 0 to 8: [`MlpConfig::octaves`].
    #[serde(default)]
    pub octaves: usize,
    /// What the network outputs.
    pub prediction: Prediction,
    /// The noise schedule.
    pub schedule: Schedule,
    /// How much each noise level counts.
    pub weighting: Weighting,
    /// How the noise levels of a batch are drawn.
    pub time_sampling: TimeSampling,
    /// Of Adam.
    pub learning_rate: f64,
    /// How the learning rate falls until `steps`.
    pub decay: DecayShape,
    /// Points of a step.
    pub batch: usize,
    /// Decay of the average of the weights.
    pub ema: f64,
    /// Steps in all.
    pub steps: usize,
    /// Of the initial weights, the batches, the times and the noise.
    pub seed: u32,
}

impl Default for PointTrainingOptions {
    /// A network that predicts the velocity: after few steps it already samples well, at any noise. The estimates of `x_0` of one that predicts the noise are its
    /// error magnified by `sigma/alpha`, so that it takes more of them.
    fn default() -> Self {
        Self {
            width: 128,
            depth: 3,
            activation: Activation::Silu,
            frequencies: 0,
            octaves: 3,
            prediction: Prediction::Velocity,
            schedule: Schedule::default(),
            weighting: Weighting::Simple,
            time_sampling: TimeSampling::LogSnr,
            learning_rate: 3e-3,
            decay: DecayShape::Cosine,
            batch: 512,
            ema: 0.999,
            steps: 3000,
            seed: 0,
        }
    }
}

/// Steps beyond this are taken for a mistake.
const MOST_STEPS: usize = 10_000_000;

/// Numbers of a hidden layer for the whole batch; training holds two for each layer.
const MOST_HIDDEN: usize = 1 << 23;

impl PointTrainingOptions {
    fn network(&self) -> MlpConfig {
        MlpConfig {
            features: 2,
            width: self.width,
            depth: self.depth,
            activation: self.activation,
            time_embedding: match self.frequencies {
                0 => TimeEmbedding::LogSnr,
                frequencies => TimeEmbedding::Fourier { frequencies },
            },
            octaves: self.octaves,
        }
    }

    fn training(&self) -> Result<TrainOptions> {
        let steps = self.steps;
        if !(1..=MOST_STEPS).contains(&steps) {
            let expected = format!("between 1 and {MOST_STEPS}");
            return Err(Error::invalid("steps", expected, steps));
        }
        // The shape is checked first: it is the likelier mistake.
        self.network().validate()?;
        if !(1..=MOST_HIDDEN / self.width).contains(&self.batch) {
            let most = MOST_HIDDEN / self.width;
            let expected = format!("between 1 and {most} with a width of {}", self.width);
            return Err(Error::invalid("batch", expected, self.batch));
        }
        if !(0.0..1.0).contains(&self.ema) {
            let expected = "at least 0 and below 1";
            return Err(Error::invalid("ema", expected, self.ema));
        }
        Ok(TrainOptions {
            objective: Objective {
                process: Process::Discrete(self.schedule.noise_schedule()?),
                prediction: self.prediction,
                weighting: self.weighting,
                times: self.time_sampling,
            },
            optimizer: Optimizer {
                learning_rate: LearningRate {
                    peak: self.learning_rate,
                    warm_up: 0,
                    decay: self.decay.until(steps),
                },
                ema_decay: self.ema,
                ..Optimizer::default()
            },
            augmentation: Augmentation::default(),
            batch: self.batch,
            seed: self.seed,
        })
    }
}

/// Which of the two sets of weights a training has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// Their exponential moving average.
    Average,
    /// Those of the last step.
    Current,
}

/// A training of a network on points that can be stepped, looked at, saved with its data, and abandoned at any point.
#[derive(Clone, Debug)]
pub struct PointTraining {
    trainer: PointTrainer,
    options: PointTrainingOptions,
    device: Device,
}

impl PointTraining {
    /// Nothing is computed before the first step. The points, `[count, 2]` in row-major order, are standardised.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or what is wrong with the points.
    pub fn new(points: &[f32], options: PointTrainingOptions, device: &Device) -> Result<Self> {
        let training = options.training()?;
        let samples = Samples::new(points.to_vec(), [points.len() / 2, 2])?;
        let network = options.network();
        Ok(Self {
            trainer: PointTrainer::for_points(samples, &network, training, device)?,
            options,
            device: device.clone(),
        })
    }

    /// One step, and the loss before it: see [`Trainer::step`](crate::train::Trainer::step).
    ///
    /// # Errors
    /// [`Error::Diverged`]; the weights are then the last good ones.
    pub fn step(&mut self) -> Result<Tensor<1>> {
        self.trainer.step()
    }

    /// Tells a loss that was read back from a GPU: see [`Trainer::judge`](crate::train::Trainer::judge).
    ///
    /// # Errors
    /// [`Error::Diverged`]
    pub fn judge(&mut self, step: usize, loss: f64) -> Result<()> {
        self.trainer.judge(step, loss)
    }

    /// Steps done.
    pub fn steps(&self) -> usize {
        self.trainer.steps()
    }

    /// What is trained, and how.
    pub fn options(&self) -> &PointTrainingOptions {
        &self.options
    }

    /// Numbers in the network's weights.
    pub fn parameter_count(&self) -> usize {
        self.options.network().parameter_count()
    }

    /// The loss of the ideal denoiser of the training points, estimated with up to 2048 noisy points, fewer the
    /// more training points there are. It is the floor under the loss of the network, which undercuts it by chance only.
    pub fn ideal_loss(&self) -> f64 {
        // Each noisy point is compared with every training point: a moment for thousands of these, and no more for 100,000.
        const MAX_COMPARISONS: usize = 1 << 22;
        let samples = self.trainer.samples();
        let count = (MAX_COMPARISONS / samples.len()).clamp(16, 2048);
        let ideal = IdealDenoiser::of_points(samples.to_tensor(&Device::flex()));
        let objective = &self.trainer.options().objective;
        objective.loss_of(
            &ideal,
            samples,
            count,
            &mut Generator::new(self.options.seed),
        )
    }

    /// Sentences about a noise schedule that sampling cannot begin from: [`SchedulerConfig::warnings`](crate::checkpoint::SchedulerConfig::warnings).
    pub fn warnings(&self) -> Vec<String> {
        let schedule = self.options.schedule.noise_schedule();
        let scheduler = schedule.and_then(|schedule| scheduler(&schedule, self.options.prediction));
        scheduler.map_or_else(|_| Vec::new(), |scheduler| scheduler.warnings())
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.trainer.learning_rate()
    }

    /// Goes on with another largest learning rate, also after a divergence.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a rate that is not positive; nothing changes then.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
        let mut options = self.trainer.options().clone();
        options.optimizer.learning_rate.peak = learning_rate;
        self.trainer.set_options(options)?;
        self.options.learning_rate = learning_rate;
        Ok(())
    }

    /// The model as it is now; later steps do not change it.
    ///
    /// # Errors
    /// None: the options were checked.
    pub fn pipeline(&self, weights: Weights) -> Result<PointPipeline> {
        let model = match weights {
            Weights::Average => self.trainer.average_model(),
            Weights::Current => self.trainer.model(),
        };
        PointPipeline::learned(model, &self.device)
    }

    /// All that is needed to go on from here, the data included.
    pub fn snapshot(&self) -> TrainingSnapshot {
        TrainingSnapshot {
            state: self.trainer.state(),
            options: self.options.clone(),
            points: self.trainer.samples().clone(),
        }
    }

    /// Goes on from the bytes of a [snapshot](Self::snapshot); on the CPU bit for bit as if it had never stopped.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] for other bytes.
    pub fn restore(bytes: &[u8], device: &Device) -> Result<Self> {
        let (state, options, samples) = snapshot::parts(bytes)?;
        Ok(Self {
            trainer: PointTrainer::from_bytes(state, samples, device)?,
            options,
            device: device.clone(),
        })
    }
}
