//! Training of point models.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::schedule::scheduler;
use super::snapshot::{self, TrainingSnapshot};
use super::{PointPipeline, Schedule};
use crate::diffusion::{IdealDenoiser, Prediction, Process};
use crate::nn::MlpConfig;
use crate::nn::activation::Activation;
use crate::nn::mlp::TimeEmbedding;
use crate::random::Generator;
use crate::train::{
    Augmentation, LearningRateDecay, LearningRateSchedule, Objective, Optimizer, PointTrainer,
    Samples, TimeSampling, TrainOptions, Weighting,
};
use crate::{Error, Result};

/// Options of point training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PointTrainingOptions {
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Activation function between the layers.
    pub activation: Activation,
    /// Number of Fourier frequencies of the noise level, in addition to `ln(sigma/alpha)/4`:
    /// [`TimeEmbedding::Fourier`]; 0 disables them.
    pub frequencies: usize,
    /// Octaves of Fourier features of each coordinate, 0 to 8: [`MlpConfig::octaves`].
    #[serde(default)]
    pub octaves: usize,
    /// Prediction type of the network.
    pub prediction: Prediction,
    /// The noise schedule.
    pub schedule: Schedule,
    /// Weighting of the noise levels.
    pub weighting: Weighting,
    /// Distribution of the noise levels of a batch.
    pub time_sampling: TimeSampling,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Decay of the learning rate over `steps`.
    pub decay: LearningRateDecay,
    /// Batch size.
    pub batch: usize,
    /// EMA decay of the weights.
    pub ema: f64,
    /// Total number of steps.
    pub steps: usize,
    /// Seed of the initial weights, the batches, the noise levels and the noise.
    pub seed: u32,
}

impl Default for PointTrainingOptions {
    /// A velocity-predicting network, which after few training steps samples well at all noise levels. Estimates of
    /// `x_0` from a predicted noise contain its error, magnified by `sigma/alpha`, so that noise prediction needs more
    /// steps.
    fn default() -> Self {
        Self {
            width: 96,
            depth: 3,
            activation: Activation::Silu,
            frequencies: 0,
            octaves: 3,
            prediction: Prediction::Velocity,
            schedule: Schedule::default(),
            weighting: Weighting::Simple,
            time_sampling: TimeSampling::LogSnr,
            learning_rate: 4e-3,
            decay: LearningRateDecay::Cosine,
            batch: 256,
            ema: 0.999,
            steps: 6000,
            seed: 0,
        }
    }
}

/// Upper limit of the number of steps; larger values are rejected as likely mistakes.
const MAX_STEPS: usize = 10_000_000;

/// Upper limit of the values of a hidden layer for the whole batch; training stores two per layer.
const MAX_HIDDEN: usize = 1 << 23;

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
        if !(1..=MAX_STEPS).contains(&steps) {
            let expected = format!("between 1 and {MAX_STEPS}");
            return Err(Error::invalid("steps", expected, steps));
        }
        // The shape is checked first, since errors there are more likely.
        self.network().validate()?;
        if !(1..=MAX_HIDDEN / self.width).contains(&self.batch) {
            let most = MAX_HIDDEN / self.width;
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
                learning_rate: LearningRateSchedule {
                    peak: self.learning_rate,
                    warm_up: 0,
                    decay: self.decay,
                    steps,
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

/// The two sets of weights of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// The EMA of the weights.
    Ema,
    /// The weights after the last step.
    Current,
}

/// A training run on points that can be stepped, inspected, saved with its data, and stopped at any point.
#[derive(Clone, Debug)]
pub struct PointTraining {
    trainer: PointTrainer,
    options: PointTrainingOptions,
    device: Device,
}

impl PointTraining {
    /// A new run. The points, `[count, 2]` in row-major order, must be standardised. Nothing is computed before the
    /// first step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or the problem with the points.
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

    /// One optimiser step. Returns the loss before it: see [`Trainer::step`](crate::train::Trainer::step).
    ///
    /// # Errors
    /// [`Error::Diverged`]; the model has the last good weights then.
    pub fn step(&mut self) -> Result<Tensor<1>> {
        self.trainer.step()
    }

    /// Records a loss that was read back from a GPU: see [`Trainer::record_loss`](crate::train::Trainer::record_loss).
    ///
    /// # Errors
    /// [`Error::Diverged`]
    pub fn record_loss(&mut self, step: usize, loss: f64) -> Result<()> {
        self.trainer.record_loss(step, loss)
    }

    /// Number of completed steps.
    pub fn steps(&self) -> usize {
        self.trainer.steps()
    }

    /// The training options.
    pub fn options(&self) -> &PointTrainingOptions {
        &self.options
    }

    /// Number of weights of the network.
    pub fn parameter_count(&self) -> usize {
        self.options.network().parameter_count()
    }

    /// The loss of the ideal denoiser of the training points, estimated from up to 2048 noisy points, and fewer for
    /// large training sets. It is the lower bound for the network's loss, which falls below it only by chance.
    pub fn ideal_loss(&self) -> f64 {
        // Each noisy point is compared with every training point. This limits the run time to a moment, even for
        // 100,000 training points.
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

    /// Warnings about a noise schedule that does not end in noise, as sentences:
    /// [`SchedulerConfig::warnings`](crate::checkpoint::SchedulerConfig::warnings).
    pub fn warnings(&self) -> Vec<String> {
        let schedule = self.options.schedule.noise_schedule();
        let scheduler = schedule.and_then(|schedule| scheduler(&schedule, self.options.prediction));
        scheduler.map_or_else(|_| Vec::new(), |scheduler| scheduler.warnings())
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.trainer.learning_rate()
    }

    /// Changes the peak learning rate, also after a divergence.
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

    /// The current model; later steps do not change it.
    ///
    /// # Errors
    /// None: the options were validated.
    pub fn pipeline(&self, weights: Weights) -> Result<PointPipeline> {
        let model = match weights {
            Weights::Ema => self.trainer.ema_model(),
            Weights::Current => self.trainer.current_model(),
        };
        PointPipeline::learned(model, &self.device)
    }

    /// A snapshot for resuming, including the data.
    pub fn snapshot(&self) -> TrainingSnapshot {
        TrainingSnapshot {
            state: self.trainer.state(),
            options: self.options.clone(),
            points: self.trainer.samples().clone(),
        }
    }

    /// Resumes from the bytes of a [snapshot](Self::snapshot). On the CPU the run is bit-identical to an uninterrupted
    /// one.
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
