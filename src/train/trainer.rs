//! The training loop.

use burn::tensor::{Device, Tensor};

use super::samples::{Shuffle, Stream, fold_in};
use super::{
    Augmentation, Batch, LossMonitor, Objective, Optimizer, Parameters, Samples, TrainableModel,
    TrainingState,
};
use crate::random::Generator;
use crate::{Error, Result};

/// Upper limit of the batch size; larger values are rejected as likely mistakes.
const MAX_BATCH: usize = 1 << 20;
/// Number of steps between copies of the weights, to which training falls back after a divergence.
const SNAPSHOT_EVERY: usize = 25;

/// Options of a training run.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// Training objective.
    pub objective: Objective,
    /// Optimiser.
    pub optimizer: Optimizer,
    /// Data augmentation.
    pub augmentation: Augmentation,
    /// Batch size.
    pub batch: usize,
    /// Seed of all random numbers of the run, except the initial weights.
    pub seed: u32,
}

impl TrainOptions {
    /// # Errors
    /// [`Error::InvalidOption`] and [`Error::Unsupported`] name the option that is out of range.
    pub fn check(&self) -> Result<()> {
        if !(1..=MAX_BATCH).contains(&self.batch) {
            return Err(Error::invalid(
                "batch",
                format!("between 1 and {MAX_BATCH}"),
                self.batch,
            ));
        }
        self.objective.check()?;
        self.augmentation.check()?;
        self.optimizer.check()
    }
}

/// A training run that can be stepped, inspected, saved and stopped at any point.
///
/// All random numbers depend only on the seed and the step. On the CPU, a run that was [saved](Self::state) and
/// [resumed](Self::resume) is therefore bit-identical to an uninterrupted one.
#[derive(Clone, Debug)]
pub struct Trainer<M, const D: usize> {
    model: M,
    samples: Samples<D>,
    options: TrainOptions,
    step: usize,
    shuffle: Shuffle,
    rows: Vec<usize>,
    batch: Batch<D>,
    monitor: LossMonitor,
    /// `mean w·target²` of the steps whose loss is not recorded yet, from `step − len` on.
    zero_predictor_losses: Vec<f64>,
    /// Step and parameters of the last good copy, and of a newer copy that waits for the loss of its first step.
    good: (usize, Parameters),
    candidate: Option<(usize, Parameters)>,
}

impl<M: TrainableModel<D>, const D: usize> Trainer<M, D> {
    /// A new run. Nothing is computed before the first step.
    ///
    /// # Errors
    /// Those of [`TrainOptions::check`].
    pub fn new(model: M, samples: Samples<D>, options: TrainOptions) -> Result<Self> {
        options.check()?;
        let shuffle = Shuffle::new(options.seed, samples.len());
        let good = (0, model.parameters());
        Ok(Self {
            model,
            samples,
            options,
            step: 0,
            shuffle,
            rows: Vec::new(),
            batch: Batch::default(),
            monitor: LossMonitor::default(),
            zero_predictor_losses: Vec::new(),
            good,
            candidate: None,
        })
    }

    /// Resumes from a [saved](Self::state) state, with its options. For bit-identical results the samples must be the
    /// same.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and those of [`TrainableModel::restore`] where the state belongs to a different
    /// network.
    pub fn resume(mut model: M, samples: Samples<D>, state: TrainingState) -> Result<Self> {
        model.restore(&state.parameters)?;
        let mut trainer = Self::new(model, samples, state.options)?;
        trainer.step = state.step;
        trainer.good.0 = state.step;
        Ok(trainer)
    }

    /// One optimiser step. Returns the loss of its batch before the step, `[1]`, on the device. On the CPU the loss is
    /// [recorded](Self::record_loss) immediately. On a GPU the caller reads it back and records it, at any later time.
    ///
    /// # Errors
    /// [`Error::Diverged`] after training has diverged; the model has the last good weights then.
    pub fn step(&mut self) -> Result<Tensor<1>> {
        self.monitor.check()?;
        self.draw();
        let update = self.options.optimizer.update(self.step);
        let loss = self.model.train_step(&self.batch, &update);
        self.zero_predictor_losses
            .push(self.batch.zero_predictor_loss());
        self.step += 1;
        if self.step.is_multiple_of(SNAPSHOT_EVERY) && self.candidate.is_none() {
            self.candidate = Some((self.step, self.model.parameters()));
        }
        if loss.device() == Device::flex() {
            self.record_loss(self.step - 1, loss.clone().into_scalar())?;
        }
        Ok(loss)
    }

    /// Records the loss of a step, counted from 0, after it was read back. Losses must be recorded in order; any may be
    /// skipped. If training has diverged, the model falls back to the last good weights, at most 50 steps before the
    /// last recorded step.
    ///
    /// # Errors
    /// [`Error::Diverged`] if training has diverged.
    pub fn record_loss(&mut self, step: usize, loss: f64) -> Result<()> {
        let first = self.step - self.zero_predictor_losses.len();
        let Some(zero_predictor) = step
            .checked_sub(first)
            .and_then(|index| self.zero_predictor_losses.get(index))
            .copied()
        else {
            return self.monitor.check();
        };
        self.zero_predictor_losses.drain(..=step - first);
        if let Err(error) = self.monitor.record(step, loss, zero_predictor) {
            let (good, parameters) = self.good.clone();
            self.model.restore(&parameters)?;
            self.step = good;
            self.candidate = None;
            self.zero_predictor_losses.clear();
            return Err(error);
        }
        if let Some(candidate) = self.candidate.take_if(|(taken, _)| *taken <= step) {
            self.good = candidate;
        }
        Ok(())
    }

    /// Number of completed steps.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.options.optimizer.learning_rate.at(self.step)
    }

    /// The network with its optimiser.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The training data.
    pub fn samples(&self) -> &Samples<D> {
        &self.samples
    }

    /// The training options.
    pub fn options(&self) -> &TrainOptions {
        &self.options
    }

    /// Continues with other options, also after a divergence; for example with a smaller learning rate.
    ///
    /// # Errors
    /// Those of [`TrainOptions::check`]; nothing changes then.
    pub fn set_options(&mut self, options: TrainOptions) -> Result<()> {
        options.check()?;
        self.shuffle = Shuffle::new(options.seed, self.samples.len());
        self.options = options;
        self.monitor = LossMonitor::default();
        Ok(())
    }

    /// The state for [resuming](Self::resume), without the samples. Tensors are shared or copied, not read back from
    /// the device.
    pub fn state(&self) -> TrainingState {
        TrainingState {
            parameters: self.model.parameters(),
            step: self.step,
            options: self.options.clone(),
            network: self.model.config(),
        }
    }

    fn draw(&mut self) {
        let TrainOptions {
            objective,
            augmentation,
            batch,
            seed,
            ..
        } = &self.options;
        self.shuffle.batch(self.step, *batch, &mut self.rows);
        let mut generator = Generator::new(fold_in(*seed, Stream::Noise, self.step as u64));
        objective.draw(&self.samples, &self.rows, &mut generator, &mut self.batch);
        let mut generator = Generator::new(fold_in(*seed, Stream::Augmentation, self.step as u64));
        augmentation.apply(&mut self.batch, &mut generator);
    }
}
