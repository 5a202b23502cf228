//! Detection of diverged training.

use crate::{Error, Result};

/// Number of losses that are averaged.
const RECENT: usize = 20;
/// Limit of the mean loss, relative to the loss of the zero predictor.
const WORSE: f64 = 10.0;

/// Detects diverged training: a loss is not finite, or the mean of the last 20 losses exceeds ten times the mean
/// zero-predictor loss, which is about the loss of a new network.
#[derive(Clone, Debug, Default)]
pub struct LossMonitor {
    /// The latest losses, each with the zero-predictor loss of its batch.
    recent: Vec<[f64; 2]>,
    found: Option<Error>,
}

impl LossMonitor {
    /// Records the loss of a step, counted from 0, and the zero-predictor loss of its batch.
    ///
    /// # Errors
    /// [`Error::Diverged`] once training has diverged.
    pub fn record(&mut self, step: usize, loss: f64, zero_predictor: f64) -> Result<()> {
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        self.recent.push([loss, zero_predictor]);
        let sum = |which: usize| self.recent.iter().map(|pair| pair[which]).sum::<f64>();
        let exploded = self.recent.len() == RECENT && sum(0) > WORSE * sum(1);
        if exploded || !loss.is_finite() {
            self.found = Some(Error::Diverged { step, loss });
        }
        self.check()
    }

    /// # Errors
    /// [`Error::Diverged`] if training has diverged.
    pub fn check(&self) -> Result<()> {
        self.found.clone().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_has_diverged_when_twenty_losses_are_ten_times_the_zero_predictors() {
        let mut monitor = LossMonitor::default();
        // The first losses of a new network may be large.
        assert!((0..RECENT - 1).all(|step| monitor.record(step, 1e6, 1.0).is_ok()));
        let mut monitor = LossMonitor::default();
        assert!((0..100).all(|step| monitor.record(step, 9.9, 1.0).is_ok()));
        // The mean grows as the large losses fill the window.
        let bad = (100..200).find(|step| monitor.record(*step, 11.0, 1.0).is_err());
        assert_eq!(bad, Some(101));
        assert!(monitor.record(103, 0.1, 1.0).is_err() && monitor.check().is_err());
    }

    #[test]
    fn losses_are_relative_to_the_zero_predictors_and_nan_is_a_divergence() {
        let mut monitor = LossMonitor::default();
        assert!((0..100).all(|step| monitor.record(step, 500.0, 60.0).is_ok()));
        let found = monitor.record(100, f64::NAN, 60.0);
        assert!(matches!(found, Err(Error::Diverged { step: 100, loss }) if loss.is_nan()));
    }
}
