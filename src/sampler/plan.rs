//! The plan of a run: its network evaluations and updates.

use crate::diffusion::NoiseLevel;

use super::Combination;
use super::ddpm::LearnedVariance;
use super::dormand_prince::Integration;
use crate::{Error, Result};

/// One evaluation of the network and the update that follows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Noise level that the network is conditioned on.
    pub level: NoiseLevel,
    /// The next sample.
    pub next: Combination,
    /// Tensor that is added to the history, for [`Combination::previous`] in later evaluations.
    pub record: Option<Combination>,
    /// Tensor that later evaluations refer to as [`Combination::START`]. This evaluation still refers to the previous
    /// one.
    pub start: Option<Combination>,
    /// Replaces the noise factor where the network predicts the variance.
    pub learned_variance: Option<LearnedVariance>,
    /// Replaces `next` by a Langevin step whose size depends on the score (Song et al. 2021, algorithm 4).
    pub correction: Option<Correction>,
}

/// A step `x + size·score + √(2·size)·z` with `size = 2·scale·(snr·|z|/|score|)²`. The norms are averaged over the
/// batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// Signal-to-noise ratio of the step, `r` in the paper.
    pub snr: f64,
    /// `alpha` of algorithm 5 in the paper; 1 for a variance-exploding process.
    pub scale: f64,
}

impl Evaluation {
    /// An evaluation at `level` followed by the update `next`, which records nothing.
    pub fn new(level: NoiseLevel, next: Combination) -> Self {
        Self {
            level,
            next,
            record: None,
            start: None,
            learned_variance: None,
            correction: None,
        }
    }

    fn combinations(&self) -> impl Iterator<Item = Combination> {
        [Some(self.next), self.record, self.start]
            .into_iter()
            .flatten()
    }

    fn depth(&self) -> usize {
        let depths = self.combinations().map(|combination| combination.depth());
        depths.max().unwrap_or(0)
    }

    /// Whether its factors and its level are finite in `f32`.
    fn is_finite(&self) -> bool {
        let NoiseLevel { time, alpha, sigma } = self.level;
        let corrects = self
            .correction
            .is_none_or(|correction| fits(correction.scale) && self.level.sigma > 0.0);
        [time, alpha, sigma].into_iter().all(fits)
            && corrects
            && self
                .combinations()
                .all(|combination| combination.is_finite(self.level))
    }
}

/// The evaluations of a run. They are known before the run starts, except for the adaptive solver.
#[derive(Clone, Debug)]
pub enum Plan {
    /// A fixed list of evaluations.
    Fixed(Vec<Evaluation>),
    /// Steps whose size depends on the error estimate.
    Adaptive(Integration),
}

impl From<Vec<Evaluation>> for Plan {
    fn from(evaluations: Vec<Evaluation>) -> Self {
        Self::Fixed(evaluations)
    }
}

impl Plan {
    /// Number of history entries that the plan uses.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::Fixed(evaluations) => {
                evaluations.iter().map(Evaluation::depth).max().unwrap_or(0)
            }
            Self::Adaptive(_) => Integration::DEPTH,
        }
    }

    /// # Errors
    /// [`Error::NonFinite`] names the first evaluation with a factor that is not finite in `f32`.
    pub(super) fn check(self) -> Result<Self> {
        if let Self::Fixed(evaluations) = &self
            && let Some(index) = evaluations
                .iter()
                .position(|evaluation| !evaluation.is_finite())
        {
            return Err(Error::NonFinite {
                what: "a coefficient".to_owned(),
                first: index + 1,
                last: index + 1,
                of: evaluations.len(),
            });
        }
        Ok(self)
    }

    /// Divides the final sample by `divisor`. Dividing by the `alpha` of the last level rescales the sample to the
    /// data.
    pub fn divide_end(&mut self, divisor: f64) {
        match self {
            Self::Fixed(evaluations) => {
                if let Some(last) = evaluations.last_mut() {
                    last.next = last.next / divisor;
                }
            }
            Self::Adaptive(integration) => integration.divide_end(divisor),
        }
    }

    /// Noise level of the initial sample; `None` for an empty plan.
    pub fn first_level(&self) -> Option<NoiseLevel> {
        match self {
            Self::Fixed(evaluations) => evaluations.first().map(|evaluation| evaluation.level),
            Self::Adaptive(integration) => Some(integration.first_level()),
        }
    }
}

/// Whether a number is finite in `f32`.
pub(super) fn fits(number: f64) -> bool {
    number.abs() <= f64::from(f32::MAX)
}
