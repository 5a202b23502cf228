//! Step-by-step training of any member.

use std::any::Any;

use super::graph::Graph;
use super::member::{Losses, Member, Plan};
use super::network::NetworkState;
use super::options::FamilyOptions;
use super::request::{Batch, DIMENSIONS};
use crate::random::Generator;
use crate::train::{Samples, Shuffle, Stream, fold_in};
use crate::{Error, Result};

/// Steps between two snapshots of the weights, which are restored after a divergence.
const SNAPSHOT_EVERY: usize = 25;

/// A training run of a generative model of points. It can be stepped, queried, saved and abandoned at any point.
///
/// All random numbers are determined by the seed and the index of the step: a run that was [saved](Self::save) and
/// [restored](Self::restore) is bit-identical to an uninterrupted one.
#[derive(Debug)]
pub struct FamilyTrainer {
    pub(super) member: Box<dyn Member>,
    pub(super) options: FamilyOptions,
    pub(super) data: Samples<2>,
    pub(super) step: usize,
    plan: Plan,
    graph: Graph,
    order: Shuffle,
    rows: Vec<usize>,
    points: Vec<f32>,
    classes: Vec<usize>,
    losses: Losses,
    good: Snapshot,
    divergence: Option<Error>,
}

/// The state that is restored after a divergence.
#[derive(Clone, Debug)]
struct Snapshot {
    step: usize,
    networks: Vec<NetworkState>,
    buffers: Vec<Vec<f32>>,
}

impl FamilyTrainer {
    /// A training run on standardised points `[count, 2]`, with or without classes. Nothing is computed before the
    /// first step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the invalid option, or describes what is wrong with the points.
    pub fn new(data: Samples<2>, options: FamilyOptions) -> Result<Self> {
        let [_, columns] = data.shape();
        if columns != DIMENSIONS {
            let expected = "2, the coordinates of a point";
            return Err(Error::invalid("columns", expected, columns));
        }
        let plan = options.plan()?;
        let mut generator = Generator::new(fold_in(plan.seed, Stream::Weights, 0));
        let member = options.build(class_count(&data), &mut generator)?;
        Ok(Self {
            good: Snapshot::of(member.as_ref(), 0),
            order: Shuffle::new(plan.seed, data.len()),
            member,
            options,
            data,
            step: 0,
            plan,
            graph: Graph::new(),
            rows: Vec::new(),
            points: Vec::new(),
            classes: Vec::new(),
            losses: Losses::new(),
            divergence: None,
        })
    }

    /// Runs one training step and returns its losses by name.
    ///
    /// # Errors
    /// [`Error::Diverged`] if a loss or a weight is not finite, and in every later step. The weights of the last
    /// snapshot are then restored.
    pub fn step(&mut self) -> Result<&Losses> {
        if let Some(error) = &self.divergence {
            return Err(error.clone());
        }
        self.draw();
        let mut generator =
            Generator::new(fold_in(self.plan.seed, Stream::Noise, self.step as u64));
        let batch = Batch {
            points: &self.points,
            classes: &self.classes,
            step: self.step,
            data: &self.data,
        };
        self.graph.reset();
        self.losses = self.member.step(&mut self.graph, &batch, &mut generator)?;
        self.check()?;
        self.step += 1;
        if self.step.is_multiple_of(SNAPSHOT_EVERY) {
            self.good = Snapshot::of(self.member.as_ref(), self.step);
        }
        Ok(&self.losses)
    }

    fn draw(&mut self) {
        self.order.batch(self.step, self.plan.batch, &mut self.rows);
        self.points.clear();
        self.classes.clear();
        for row in &self.rows {
            self.points.extend_from_slice(self.data.row(*row));
            self.classes.extend(self.data.class(*row));
        }
    }

    /// Restores the last snapshot if a loss or a weight is not finite.
    fn check(&mut self) -> Result<()> {
        let bad = self.losses.iter().find(|(_, loss)| !loss.is_finite());
        let is_finite = self.member.networks().iter().all(|net| net.is_finite());
        let loss = match (bad, is_finite) {
            (None, true) => return Ok(()),
            (Some((_, loss)), _) => *loss,
            (None, false) => f64::NAN,
        };
        let error = Error::Diverged {
            step: self.step,
            loss,
        };
        self.divergence = Some(error.clone());
        self.good.clone().restore(self.member.as_mut());
        self.step = self.good.step;
        Err(error)
    }

    /// Resumes after a divergence from the last snapshot, with all learning rates multiplied by a factor.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a factor that is not positive.
    pub fn scale_learning_rates(&mut self, factor: f64) -> Result<()> {
        if !(factor > 0.0 && factor.is_finite()) {
            return Err(Error::invalid("factor", "a positive number", factor));
        }
        for network in self.member.networks_mut() {
            network.optimizer_mut().learning_rate.peak *= factor;
        }
        self.divergence = None;
        Ok(())
    }

    /// Number of completed steps.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// The length, batch size and seed of the run.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// The losses of the last step, by name.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    /// The options of the model, including its name.
    pub fn options(&self) -> &FamilyOptions {
        &self.options
    }

    /// The training data.
    pub fn data(&self) -> &Samples<2> {
        &self.data
    }

    /// The model in its current state.
    pub fn member(&self) -> &dyn Member {
        self.member.as_ref()
    }

    /// The model as its concrete type, for type-specific methods; `None` if it has another type.
    pub fn member_as<M: Member>(&self) -> Option<&M> {
        let any: &dyn Any = self.member.as_ref();
        any.downcast_ref()
    }

    /// Total number of trained scalars.
    pub fn parameter_count(&self) -> usize {
        let networks = self.member.networks();
        networks.iter().map(|net| net.parameter_count()).sum()
    }

    /// Sets the step index after the weights have been replaced.
    pub(super) fn resume_at(&mut self, step: usize) {
        self.step = step;
        self.good = Snapshot::of(self.member.as_ref(), step);
    }
}

/// The number of classes: the largest class plus one, or 0 for data without classes.
pub(super) fn class_count(data: &Samples<2>) -> usize {
    data.classes().iter().max().map_or(0, |class| class + 1)
}

impl Snapshot {
    fn of(member: &dyn Member, step: usize) -> Self {
        let networks = member.networks();
        let buffers = member.buffers().into_iter();
        Self {
            step,
            networks: networks.iter().map(|network| network.state()).collect(),
            buffers: buffers.map(|(_, values)| values.clone()).collect(),
        }
    }

    fn restore(self, member: &mut dyn Member) {
        for (network, state) in member.networks_mut().into_iter().zip(self.networks) {
            network.restore(state);
        }
        for ((_, buffer), values) in member.buffers_mut().into_iter().zip(self.buffers) {
            *buffer = values;
        }
    }
}
