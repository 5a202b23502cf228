//! What a run will do, laid out before it starts.

use crate::diffusion::NoiseLevel;

use super::Combination;
use super::ddpm::LearnedVariance;
use super::dormand_prince::Integration;
use crate::{Error, Result};

/// One evaluation of the network and the sample that follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The level that the network is told.
    pub level: NoiseLevel,
    /// The next sample.
    pub next: Combination,
    /// What later evaluations will find as [`Combination::previous`].
    pub record: Option<Combination>,
    /// What later evaluations will find as [`Combination::START`]; this one still sees the one before.
    pub start: Option<Combination>,
    /// Takes the place of the noise's factor where the network says something about the variance.
    pub learned_variance: Option<LearnedVariance>,
    /// Takes the place of `next`: a Langevin step of a size that follows from the score (Song et al. 2021, algorithm 4).
    pub correction: Option<Correction>,
}

/// A step `x + size·score + √(2·size)·z` with `size = 2·scale·(snr·|z|/|score|)²`, where the norms are means over the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// The signal-to-noise ratio of the step, `r` of the paper.
    pub snr: f64,
    /// `alpha` of the paper's algorithm 5: 1 for a variance-exploding process.
    pub scale: f64,
}

impl Evaluation {
    /// An evaluation at `level` from which `next` follows and nothing is kept.
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

    /// Whether `f32` can hold all of its factors and its level.
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

/// All that a run will do: known in full before it starts, but for the adaptive solver.
#[derive(Clone, Debug)]
pub enum Plan {
    /// These evaluations, one after the other.
    Fixed(Vec<Evaluation>),
    /// Steps of a size that follows from the error they make.
    Adaptive(Integration),
}

impl Plan {
    /// How many evaluations it looks back.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::Fixed(evaluations) => {
                evaluations.iter().map(Evaluation::depth).max().unwrap_or(0)
            }
            Self::Adaptive(_) => Integration::DEPTH,
        }
    }

    /// # Errors
    /// [`Error::NonFinite`] names the first evaluation whose factors `f32` cannot hold.
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

    /// Divides the sample at the end: by the `alpha` of a level, what is left there is in the scale of the data.
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

    /// The level of the sample that the run starts from, where it does anything.
    pub fn first_level(&self) -> Option<NoiseLevel> {
        match self {
            Self::Fixed(evaluations) => evaluations.first().map(|evaluation| evaluation.level),
            Self::Adaptive(integration) => Some(integration.first_level()),
        }
    }
}

/// Whether `f32` can hold a number.
pub(super) fn fits(number: f64) -> bool {
    number.abs() <= f64::from(f32::MAX)
}
