//! The loop of training, one step at a time.

use burn::tensor::{Device, Tensor};

use super::samples::{Shuffle, Stream, fold_in};
use super::{
    Augmentation, Batch, LossMonitor, Objective, Optimizer, Parameters, Samples, TrainableModel,
    TrainingState,
};
use crate::random::Generator;
use crate::{Error, Result};

/// Larger batches are taken for a mistake.
const MAX_BATCH: usize = 1 << 20;
/// Steps between two copies of the weights that training falls back to.
const SNAPSHOT_EVERY: usize = 25;

/// What is trained, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// What is minimised.
    pub objective: Objective,
    /// How.
    pub optimizer: Optimizer,
    /// How samples vary from one time to the next.
    pub augmentation: Augmentation,
    /// Samples in a step.
    pub batch: usize,
    /// Of all random numbers of the training; the network's initial weights are its maker's.
    pub seed: u32,
}

impl TrainOptions {
    /// # Errors
    /// [`Error::InvalidOption`] and [`Error::Unsupported`] name what is out of range.
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

/// A training that can be stepped, looked at, saved and abandoned at any point.
///
/// It is paused by not stepping it. Every random number follows from the seed and the number of the step, so that a training that was
/// [saved](Self::state) and [resumed](Self::resume) gives, on the CPU, the same bits as one that was not interrupted.
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
    /// `mean w·target²` of the steps whose loss was not recorded yet, from `step − len` on.
    zero_predictor_losses: Vec<f64>,
    /// What was learnt by then: recorded good, and waiting for the loss of its first step.
    good: (usize, Parameters),
    candidate: Option<(usize, Parameters)>,
}

impl<M: TrainableModel<D>, const D: usize> Trainer<M, D> {
    /// Nothing is computed before the first step.
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

    /// Goes on from a state that was [saved](Self::state), with the options that it holds. The samples may be others; for the same bits they are the same.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and those of [`TrainableModel::restore`] where the state is that of another network.
    pub fn resume(mut model: M, samples: Samples<D>, state: TrainingState) -> Result<Self> {
        model.restore(&state.parameters)?;
        let mut trainer = Self::new(model, samples, state.options)?;
        trainer.step = state.step;
        trainer.good.0 = state.step;
        Ok(trainer)
    }

    /// One step of the optimiser, and the loss of its batch before it, `[1]`, on the device. On the CPU the loss is [recorded](Self::record_loss) at once; on a GPU it is
    /// the caller's to read it back whenever it suits, and to record_loss it.
    ///
    /// # Errors
    /// [`Error::Diverged`] once that was found; the weights are then the last good ones.
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

    /// Tells the loss of a step, counted from 0, after it was read back; steps are recorded in their order, and any may be left out. When training has diverged it falls back to
    /// the last weights whose loss was good, at most 50 steps before the last one recorded.
    ///
    /// # Errors
    /// [`Error::Diverged`] if it has.
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

    /// Steps done.
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

    /// What it is trained on.
    pub fn samples(&self) -> &Samples<D> {
        &self.samples
    }

    /// What is trained, and how.
    pub fn options(&self) -> &TrainOptions {
        &self.options
    }

    /// Goes on in another way from here, also after a divergence: with a smaller learning rate, for example.
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

    /// All that is needed to [go on from here](Self::resume), but the samples. Tensors are shared or copied, not read back.
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
